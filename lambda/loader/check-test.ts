/**
 * Checks a test file against its schema and against the rules there are: an id in `fires` that no rule has would make
 * a case that can only fail, for a reason its author would look for in the rule.
 */
import { FactPathError, parseFactPath } from "../record/fact-path.ts";
import { checkField, checkRecord } from "./check-record.ts";
import { checkSchema } from "./check-schema.ts";
import { didYouMean } from "../words/nearest.ts";
import type { Position } from "./problem.ts";
import type { Path } from "./problem.ts";
import { quote, splitAdvice } from "./problem.ts";
import type { Report } from "./report.ts";
import { isObject } from "./report.ts";
import type { RuleTestCase } from "./test-schema.ts";
import { ruleTestSchema } from "./test-schema.ts";

const MAX_NEIGHBOURS = 300;

/** A case and the place of its name. */
export type PlacedCase = RuleTestCase & Position;

/** The test file of a rule, validated. */
export type RuleTestFile = {
  readonly file: string;
  readonly ruleId: string;
  /** null for a rule of `_global`. */
  readonly eventSource: string | null;
  readonly cases: readonly PlacedCase[];
};

/**
 * Checks a test file. Undefined when it has errors, all of which are reported.
 * @param ruleIds the ids of all rule files, good and bad: a case that names a bad one is not itself at fault
 */
export function checkTest(
  report: Report,
  ruleId: string,
  eventSource: string | null,
  ruleIds: ReadonlySet<string>,
): RuleTestFile | undefined {
  const { source } = report;
  if (!ruleIds.has(ruleId)) {
    const cure = didYouMean(
      ruleId,
      neighbours(ruleId, ruleIds),
      "Name it after the rule it tests, or delete it.",
    );
    report.add([], `There is no rule ${ruleId} for this test.`, cure);
  }
  const parsed = checkSchema(report, ruleTestSchema, source.data, { what: "A test file" });
  const cases = isObject(source.data) ? source.data["cases"] : undefined;
  if (Array.isArray(cases)) checkCases(report, cases, ruleId, ruleIds);
  if (parsed === undefined || report.errors() > 0) return undefined;
  const placed = parsed.cases.map((one, index) => Object.assign(one, source.at(["cases", index, "name"])));
  return { file: source.file, ruleId, eventSource, cases: placed };
}

/** What the schema cannot know; looks only at what has the right type, for the rest is reported already. */
function checkCases(
  report: Report,
  cases: readonly unknown[],
  ruleId: string,
  ruleIds: ReadonlySet<string>,
): void {
  const names = new Set<string>();
  for (const [index, one] of cases.entries()) {
    if (!isObject(one)) continue;
    const path = ["cases", index];
    const { name, record, fires, suppressed, remove } = one;
    if (typeof name === "string") {
      if (names.has(name))
        report.add(
          [...path, "name"],
          `There are two cases ${quote(name)}.`,
          "Name each after what it shows.",
        );
      names.add(name);
    }
    if (Array.isArray(fires)) checkFires(report, fires, [...path, "fires"], ruleId, ruleIds);
    if (Array.isArray(suppressed)) checkSuppressed(report, suppressed, [...path, "suppressed"], fires);
    if (isObject(record)) checkRecord(report, record, [...path, "record"]);
    if (Array.isArray(remove)) checkRemove(report, remove, [...path, "remove"]);
  }
}

function checkFires(
  report: Report,
  fires: readonly unknown[],
  path: Path,
  ruleId: string,
  ruleIds: ReadonlySet<string>,
): void {
  for (const [at, id] of fires.entries()) {
    if (typeof id !== "string") continue;
    if (fires.indexOf(id) < at)
      report.add([...path, at], `${quote(id)} stands here twice.`, "Keep one of the two.");
    else if (!ruleIds.has(id)) {
      const otherwise = "Write the id of a rule: its path without the extension.";
      const meant = ruleIds.has(`${folderOf(ruleId)}/${id}`)
        ? `Did you mean "${folderOf(ruleId)}/${id}"?`
        : undefined;
      report.add(
        [...path, at],
        `There is no rule ${quote(id)}.`,
        meant ?? didYouMean(id, neighbours(id, ruleIds), otherwise),
      );
    }
  }
}

/** A suppressed rule fires too: in `suppressed` alone, it would be a rule that no case can suppress. */
function checkSuppressed(report: Report, suppressed: readonly unknown[], path: Path, fires: unknown): void {
  const firing: readonly unknown[] = Array.isArray(fires) ? fires : [];
  for (const [at, id] of suppressed.entries()) {
    if (typeof id !== "string" || firing.includes(id)) continue;
    const known = firing.filter((one) => typeof one === "string");
    report.add(
      [...path, at],
      `${quote(id)} does not stand in fires: only a rule whose conditions hold can be suppressed.`,
      didYouMean(id, known, "Add it to fires as well."),
    );
  }
}

function checkRemove(report: Report, remove: readonly unknown[], path: Path): void {
  for (const [at, key] of remove.entries()) {
    if (typeof key !== "string" || key === "") continue;
    try {
      const { each, root } = parseFactPath(key);
      if (each)
        report.add([...path, at], "[*] names no single key.", "Write items[0], or give the list in record.");
      checkField(report, root, [...path, at], "value");
    } catch (error) {
      if (!(error instanceof FactPathError)) throw error;
      const { message, cure } = splitAdvice(
        error.message,
        "Write a dotted key, e.g. userIdentity.sessionContext.",
      );
      report.add([...path, at], message, cure);
    }
  }
}

function folderOf(id: string): string {
  return id.split("/", 1)[0] ?? "";
}

/** Ids that an id may be a misspelling of: comparing with thousands, for each of thousands of files, would take minutes. */
function neighbours(id: string, ruleIds: ReadonlySet<string>): string[] {
  const folder = `${folderOf(id)}/`;
  return [...ruleIds].filter((other) => other.startsWith(folder)).slice(0, MAX_NEIGHBOURS);
}
