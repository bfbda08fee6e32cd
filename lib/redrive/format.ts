/**
 * Dead letters for people: a few lines each, what it is and why it is there. Everything in them came from a record or
 * from somebody's server, so it is shown as text.
 */
import { formatAlertForPeople } from "../../lambda/alerts/text.ts";
import { printable } from "../../lambda/loader/problem.ts";
import type { AlertItem } from "../../lambda/state/alert-item.ts";
import { counted } from "../words.ts";
import type { DeadLetter } from "./dead-letters.ts";

/** As much of an id as tells a handful of letters apart. */
const SHORT_ID = 8;

/** The list. */
export function formatDeadLetters(letters: readonly DeadLetter[], stack: string): string {
  if (letters.length === 0) return `${stack} has no dead letters.\n`;
  return [
    `${counted(letters.length, "dead letter")} of ${stack}:`,
    ...letters.flatMap((letter) => ["", ...describe(letter)]),
    "",
    "Show one whole: npm run engine -- redrive show ID. Send again: redrive send ID, or redrive send --all.",
    "",
  ].join("\n");
}

/** One whole: the letter, its alert and what became of each delivery, or the event as it is. */
export function formatDeadLetter(letter: DeadLetter, alert: AlertItem | undefined): string {
  const lines = [...describe(letter), ""];
  if (letter.kind !== "delivery") return [...lines, printableJson(letter.body), ""].join("\n");
  if (alert === undefined) return [...lines, "The table does not have its alert any more.", ""].join("\n");
  const deliveries = Object.entries(alert.deliveries).map(
    ([id, { state, attempts, reason }]) =>
      `  ${id}: ${state} after ${counted(attempts, "attempt")}${reason === undefined || state === "delivered" ? "" : `, ${printable(reason)}`}`,
  );
  return [...lines, formatAlertForPeople(alert.alert), "", "Deliveries:", ...deliveries, ""].join("\n");
}

function describe(letter: DeadLetter): string[] {
  const { id, since, reason } = letter;
  const head = `${id.slice(0, SHORT_ID)}  ${since}`;
  const why = `          why: ${printable(reason)}`;
  switch (letter.kind) {
    case "delivery": {
      const { severity, destination, title, attempts, part } = letter;
      const what = part === "summary" ? "the summary of " : "";
      return [
        `${head}  ${printable(destination)} was not told of ${what}${severity.toUpperCase()} ${printable(title)}`,
        `${why} (${counted(attempts, "attempt")})`,
      ];
    }
    case "record":
      return [`${head}  record not processed: ${printable(letter.title)}`, why];
    default:
      return [`${head}  not a message of the engine`, why];
  }
}

/** Indented where it is JSON; line breaks are ours only. */
function printableJson(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body) as unknown, undefined, 2)
      .split("\n")
      .map((line) => printable(line))
      .join("\n");
  } catch {
    return printable(body);
  }
}
