/** The report about accounts and Regions for people: one line a place, and what to do below it. */
import type { AccountsReport, Place } from "./accounts-schema.ts";

/** The report, with a line break at its end. */
export function formatAccounts(report: AccountsReport): string {
  const { places, stack, account, region, findings, limits } = report;
  const width = Math.max(...places.map((place) => placeOf(place).length));
  const lines = places.flatMap((place) => {
    const { status, message, cure } = place;
    const line = `${status.padEnd(7)}  ${placeOf(place).padEnd(width)}  ${place.role.padEnd(6)}  ${message}${lateness(place)}`;
    return cure === undefined ? [line] : [line, `         cure: ${cure}`];
  });
  const verdict = findings === 0 ? "nothing is silent or missing" : `${findings} to mend`;
  const notes = limits.map((limit) => `not known from here: ${limit}`);
  return `${[...lines, ...notes].join("\n")}\nstack ${stack}, ${region}, account ${account}: ${verdict}\n`;
}

function placeOf({ account, name, region }: Place): string {
  return `${name === undefined ? account : `${name} (${account})`} ${region}`;
}

function lateness({ status, lastSeen, latencyMs }: Place): string {
  if (status !== "wired" || lastSeen === undefined || latencyMs === undefined) return "";
  return ` Last one ${lastSeen}, after ${Math.round(latencyMs / 1000)} s.`;
}
