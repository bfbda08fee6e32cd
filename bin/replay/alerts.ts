/** `replay`: one alert a match, as it comes. */
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { formatAlertForPeople } from "../../lambda/alerts/text.ts";
import { type Format, openFormat } from "../../lambda/formats/formats.ts";
import { collectJqErrors } from "../../lib/replay/jq-errors.ts";
import { createLineWriter } from "../../lib/replay/line-writer.ts";
import { replay } from "../../lib/replay/replay.ts";
import type { AlertFormat } from "./request.ts";
import type { Session } from "./session.ts";

/** Prints the alerts and gives the exit code. */
export async function printAlerts(session: Session, name: AlertFormat): Promise<number> {
  const { request, io, reporter, ruleSet, at } = session;
  const format = await formatOf(name);
  const included = new Set<string>(request.include);
  const writer = createLineWriter(io.stdout);
  const jqErrors = collectJqErrors();
  const tally = await replay(session.batches(), {
    ...session.side(ruleSet),
    at,
    onAlert: (alert) => (included.has(alert.disposition) ? writer.write(present(alert, format)) : undefined),
    onUnreadable: reporter.complain,
    onFailedRule: (place, ruleId, message) => reporter.complain(place, `rule ${ruleId}: ${message}`),
    onJqError: jqErrors.add,
    onBatch: reporter.tick,
  });
  await writer.flush();
  for (const line of jqErrors.lines()) reporter.say(line);
  session.finish(tally);
  return tally.unreadable === 0 && tally.failed === 0 ? 0 : 1;
}

/** An alert in a format, without the last line break. */
function present(alert: Alert, format: Format | undefined): string {
  if (format === undefined) return `${formatAlertForPeople(alert)}\n`;
  return safeJson(format({ alert, kind: "first" }));
}

/** How alerts are written; undefined is for people. */
async function formatOf(name: AlertFormat): Promise<Format | undefined> {
  if (name === "text") return undefined;
  return openFormat(name === "ndjson" ? "alert" : name);
}
