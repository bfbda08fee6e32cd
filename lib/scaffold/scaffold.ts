/**
 * Makes a new rule and its test. What the cases claim is not guessed: the new rule is evaluated beside all others, as
 * `engine test` will do it, and each case states the rules that then really fire, overlaps included. Of the ways to
 * write the rule the first is taken whose cases pass.
 *
 *   const made = await scaffoldRule({ target, severity: "medium", subject: subjectOfRecord(record, …) }, ruleSet);
 *   // { ruleText: "# yaml-language-server: …", testText: "…", overlaps: ["_global/console-change"] }
 */
import { relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Rule, RuleSet, Severity } from "../../lambda/engine/rule.ts";
import type { PlacedCase } from "../../lambda/loader/load-rules.ts";
import { buildRecord } from "../rule-tests/build-record.ts";
import { type CaseRunner, createCaseRunner } from "../rule-tests/run-case.ts";
import { callCondition, firingCase, outcomeConditions, quietCases, type Subject, wordsFor } from "./draft.ts";
import { type DraftCase, type RuleDraft, ruleText, testText } from "./rule-text.ts";
import { suggestComparisons } from "./suggest.ts";
import type { Target } from "./target.ts";

/** What is to be made. */
export type Request = { readonly target: Target; readonly severity: Severity; readonly subject: Subject };

/** A new rule and its test. */
export type Scaffold = {
  readonly ruleText: string;
  readonly testText: string;
  /** Rules of the set that fire on the firing case as well. */
  readonly overlaps: readonly string[];
};

const SCHEMAS = fileURLToPath(new URL("../../rules/", import.meta.url));

/** Makes a rule beside those of a rule set; undefined when no way of writing it passes its own test. */
export async function scaffoldRule(request: Request, ruleSet: RuleSet): Promise<Scaffold | undefined> {
  const { target, subject, severity } = request;
  for (const partial of subject.partials) {
    const { record } = buildRecord(target.eventSource, {
      record: partial.record,
      remove: [...partial.remove],
    });
    for (const outcome of outcomeConditions(subject, ruleSet.conditions)) {
      const draft: RuleDraft = {
        name: sentence(target.name),
        severity,
        ...wordsFor(subject, record),
        conditions: [callCondition(subject), ...outcome],
        suggestions: suggestComparisons(record, subject.real),
      };
      const runner = createCaseRunner({ ...ruleSet, rules: [...ruleSet.rules, ruleOf(draft, target)] });
      const firing = await settle(runner, target, firingCase(subject, partial), true);
      if (firing === undefined) continue;
      for (const one of quietCases(subject, partial)) {
        const quiet = await settle(runner, target, one, false);
        if (quiet === undefined) continue;
        return {
          ruleText: ruleText(draft, schemaFor(target.ruleFile, "rule.schema.json")),
          testText: testText([firing, quiet], schemaFor(target.testFile, "rule-test.schema.json")),
          overlaps: firing.fires.filter((id) => id !== target.id),
        };
      }
    }
  }
  return undefined;
}

/** The case with the rules that fire; undefined when the new rule is not among them as wanted, or the case fails. */
async function settle(
  runner: CaseRunner,
  { id, eventSource, testFile }: Target,
  one: DraftCase,
  wanted: boolean,
): Promise<DraftCase | undefined> {
  const run = async (fires: readonly string[]) => {
    const placed: PlacedCase = { ...one, remove: [...one.remove], fires: [...fires], line: 1, column: 1 };
    return runner.run({ file: testFile, ruleId: id, eventSource, cases: [placed] }, placed);
  };
  const { fired, delivered } = await run([]);
  if (fired.includes(id) !== wanted) return undefined;
  // The new rule first: it is what the case is about.
  const fires = [...fired.filter((other) => other === id), ...fired.filter((other) => other !== id)];
  if (!(await run(fires)).ok) return undefined;
  return wanted || delivered ? { ...one, fires } : { ...one, fires, delivered };
}

function ruleOf({ name, severity, description, summary, conditions }: RuleDraft, target: Target): Rule {
  const all = conditions.map(({ condition }) => condition);
  const { id, eventSource } = target;
  return { id, eventSource, name, severity, description, summary, conditions: { all } };
}

/** `security-group-opened` reads "Security group opened". */
function sentence(name: string): string {
  const words = name.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Where the schema is, seen from a file: the one that this version of the engine publishes. */
function schemaFor(file: string, schema: string): string {
  const path = relative(resolve(file, ".."), resolve(SCHEMAS, schema)).split(sep).join("/");
  // An editor reads the header up to the first blank.
  return /\s/.test(path) ? pathToFileURL(resolve(SCHEMAS, schema)).href : path;
}
