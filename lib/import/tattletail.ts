/**
 * The configuration of cloudtrail-tattletail: `[[rule]]` becomes a jq rule, `[[destination]]` one of ours. A webhook's
 * address is a secret: it is read to be checked, and neither written, printed nor quoted. In its place stands the name
 * of a secret, with the command that creates it.
 *
 *   [[rule]]
 *   name = "Create User"
 *   jq_match = 'select(.eventName == "CreateUser") | "username: \(.responseElements.user.userName)"'
 *   destinations = ["Default SNS"]
 *   # _global/create-user.yaml: { name: Create User, severity: medium, jq: …, destinations: [default-sns] }
 */
import { basename } from "node:path";
import { deriveJqCondition } from "../../lambda/jq/selector.ts";
import { parse, TomlError } from "smol-toml";
import { quote } from "../../lambda/loader/problem.ts";
import { GLOBAL_FOLDER, nearestRuleName } from "../../lambda/loader/rule-files.ts";
import { isObject, textAt, type Untrusted } from "../../lambda/record/untrusted.ts";
import {
  type DestinationDraft,
  type Imported,
  NOTHING,
  type Place,
  Refusal,
  type Remark,
  type RuleDraft,
  type SourceText,
} from "./model.ts";
import { requiredSource } from "./conditions.ts";
import { destinationIds, readDestination, shownName } from "./tattletail-destinations.ts";

const RULE_KEYS: ReadonlySet<string> = new Set(["name", "jq_match", "description", "destinations"]);
const FILE_KEYS: ReadonlySet<string> = new Set(["rule", "destination"]);

/** Imports one configuration. */
export function importTattletail({ file, text }: SourceText): Imported {
  let data: Untrusted;
  try {
    data = parse(text);
  } catch (error) {
    // The parser's message shows the lines around the mistake, and an address may be among them.
    const line = error instanceof TomlError ? error.line : 1;
    const message = "This is no TOML that can be read: look at this line.";
    return { ...NOTHING, remarks: [{ kind: "refused", file, line, subject: basename(file), message }] };
  }
  const remarks: Remark[] = [];
  const rules = tables(data["rule"]);
  const destinations = tables(data["destination"]);
  const ids = destinationIds(destinations);
  const other = Object.keys(data).filter((key) => !FILE_KEYS.has(key));
  for (const key of other) {
    const message = "It has no counterpart here.";
    remarks.push({
      kind: "changed",
      file,
      line: lineOfTable(text, key, 0),
      subject: `[${shownName(key)}]`,
      message,
    });
  }
  const drafts: DestinationDraft[] = [];
  const commands: string[] = [];
  for (const [index, table] of destinations.entries()) {
    const place = { file, line: lineOfTable(text, "destination", index) };
    const subject = shownName(textAt(table, "id") ?? `destination ${index + 1}`);
    attempt(place, subject, remarks, () => {
      const made = readDestination(table, ids[index] ?? "");
      drafts.push({ id: ids[index] ?? "", place, settings: made.settings });
      commands.push(...made.commands);
      for (const message of made.changes) remarks.push({ kind: "changed", ...place, subject, message });
    });
  }
  const known = new Map(destinations.map((table, index) => [textAt(table, "id") ?? "", ids[index] ?? ""]));
  const usable = new Set(drafts.map(({ id }) => id));
  const ruleDrafts: RuleDraft[] = [];
  const [first] = rules.keys();
  if (first !== undefined) {
    const message = "The configuration has no severities: every rule is medium. Raise or lower them.";
    remarks.push({
      kind: "changed",
      file,
      line: lineOfTable(text, "rule", first),
      subject: "all rules",
      message,
    });
  }
  for (const [index, table] of rules.entries()) {
    const place = { file, line: lineOfTable(text, "rule", index) };
    const subject = shownName(textAt(table, "name") ?? `rule ${index + 1}`);
    attempt(place, subject, remarks, () => {
      const { draft, changes } = readRule(table, { known, usable, place, subject });
      ruleDrafts.push(draft);
      for (const message of changes) remarks.push({ kind: "changed", ...place, subject, message });
    });
  }
  if (rules.length + destinations.length === 0)
    remarks.push({
      kind: "refused",
      file,
      line: 1,
      subject: basename(file),
      message: "It has neither [[rule]] nor [[destination]].",
    });
  return { ...NOTHING, rules: ruleDrafts, destinations: drafts, commands, remarks };
}

type Context = {
  readonly known: ReadonlyMap<string, string>;
  readonly usable: ReadonlySet<string>;
  readonly place: Place;
  readonly subject: string;
};

function readRule(
  table: Untrusted,
  { known, usable, place, subject }: Context,
): { draft: RuleDraft; changes: string[] } {
  const changes: string[] = [];
  const jq = textAt(table, "jq_match")?.trim();
  if (jq === undefined || jq === "") throw new Refusal("It has no jq_match.");
  const named: readonly unknown[] = Array.isArray(table["destinations"]) ? table["destinations"] : [];
  const destinations: string[] = [];
  for (const one of named) {
    const id = known.get(String(one));
    if (id === undefined)
      throw new Refusal(`It names the destination ${quote(shownName(String(one)))}, which is not there.`);
    if (usable.has(id)) destinations.push(id);
    else changes.push(`It no longer goes to ${quote(shownName(String(one)))}, which was refused.`);
  }
  // There, a rule without destinations tells nobody; here it would go where the routes say.
  const silent = destinations.length === 0;
  if (silent) changes.push("It has no destination left, so it tells nobody: imported as mode: staged.");
  const lost = Object.keys(table).filter((key) => !RULE_KEYS.has(key));
  if (lost.length > 0)
    changes.push(`Not carried over: ${lost.map((key) => quote(shownName(key))).join(", ")}.`);
  const name = textAt(table, "name") ?? subject;
  const description = textAt(table, "description");
  const rule = {
    name: name.slice(0, 150),
    severity: "medium",
    ...(description === undefined ? {} : { description }),
    jq,
    ...(silent ? {} : { destinations }),
    // There, every match is an alert.
    dedup: { window: "off" },
    ...(silent ? { mode: "staged" } : {}),
  };
  return {
    draft: {
      folder: folderOf(jq),
      stem: nearestRuleName(name) || "jq-rule",
      place,
      subject,
      rule,
    },
    changes,
  };
}

/** The folder of the only eventSource that the expression can match; a wrong guess would lose alerts. */
function folderOf(jq: string): string {
  const needed = deriveJqCondition(jq);
  return (needed === undefined ? undefined : requiredSource(needed)) ?? GLOBAL_FOLDER;
}

function attempt(place: Place, subject: string, remarks: Remark[], work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    remarks.push({ kind: "refused", ...place, subject, message: error.message });
  }
}

function tables(value: unknown): Untrusted[] {
  return Array.isArray(value) ? value.filter((one) => isObject(one)) : [];
}

/** The line of a table's header: the parser keeps no places. */
function lineOfTable(text: string, name: string, index: number): number {
  const lines = text.split("\n");
  const found = lines.flatMap((line, at) => {
    const [, header] = /^\s*\[{1,2}\s*"?([^\]"]*?)"?\s*\]{1,2}/.exec(line) ?? [];
    return header === name ? [at + 1] : [];
  });
  return found[index] ?? 1;
}
