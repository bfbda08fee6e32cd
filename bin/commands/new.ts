/** The verb `new`: writes a rule and its test, from a real record or from the name of a call, ready to be edited. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { SEVERITIES } from "../../lambda/engine/rule.ts";
import { formatProblem, type LoadedRules, loadRules } from "../../lambda/loader/load-rules.ts";
import { printable } from "../../lambda/loader/problem.ts";
import { reasonOf } from "../../lambda/loader/rule-files.ts";
import { formatFailure } from "../../lib/rule-tests/format.ts";
import { runRuleTests } from "../../lib/rule-tests/run-tests.ts";
import { type Subject, subjectOfCall, subjectOfRecord } from "../../lib/scaffold/draft.ts";
import { pickRecord } from "../../lib/scaffold/pick-record.ts";
import { type Scaffold, scaffoldRule } from "../../lib/scaffold/scaffold.ts";
import { type Target, targetOf } from "../../lib/scaffold/target.ts";
import { counted } from "../../lib/words.ts";
import { type Command, type Io, UsageError } from "../command.ts";
import { oneOf, RULES_OPTION, readOptions } from "../options.ts";
import { requireFolder } from "../rules.ts";

const HELP = `Usage: npm run engine -- new <eventSource>/<name> [--from RECORDS] [--event-name CALL] [options]

Writes rules/<eventSource>/<name>.yaml and its test beside it, both with the header that editors complete from. The
rule is valid and its test passes at once; comments say what to fill in. The folder _global is for rules that see
every eventSource. Files that are there are never overwritten.

With --from, the rule is made from a real CloudTrail record: its call and outcome, comparisons that could narrow it
down (commented out), a firing case and a near miss, and in each case every rule that fires, overlaps included. What
names people or things is replaced: account 123456789012, addresses of 192.0.2.0/24, example-… for names. Look
through the test before you commit it all the same.

With neither --from nor --event-name, the call is "ReplaceMe": no call has this name, so the rule fires nowhere but in
its test, and validate warns until you replace it (in both files).

Options:
  --from RECORDS        a file or folder in any form CloudTrail comes in, or - for stdin
  --event-id ID         which record, when there are several
  --event-name CALL     without --from: the call that the rule is about; with it: only records of this call
  --severity SEVERITY   ${SEVERITIES.join(", ")} (default: medium)
  --rules DIR           the rules folder (default: rules)
  --format              taken by every verb, without effect here: stdout has the paths of the two files

Exit code: 0 when both files are written and pass, 1 when they do not, or --from gives no one record, 2 for
wrong use.

Examples:
  npm run engine -- new ec2.amazonaws.com/key-pair-made --event-name CreateKeyPair
  npm run engine -- new iam.amazonaws.com/user-made --from record.json --severity high
  npm run engine -- new iam.amazonaws.com/user-made --from examples/day.ndjson --event-name CreateUser
  aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=StopLogging \\
    --max-items 1 | npm run engine -- new cloudtrail.amazonaws.com/trail-stopped --from -
`;

const MAX_FILES = 5;

export const command: Command = {
  summary: "Write a new rule and its test, from a real record or the name of a call.",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...RULES_OPTION,
      format: { type: "string", default: "text" },
      from: { type: "string" },
      "event-id": { type: "string" },
      "event-name": { type: "string" },
      severity: { type: "string", default: "medium" },
    });
    oneOf("format", values.format, ["text", "json"]);
    const severity = oneOf("severity", values.severity, SEVERITIES);
    if (values["event-id"] !== undefined && values.from === undefined)
      throw new UsageError("--event-id picks a record of --from RECORDS: name the file.");
    if (values["event-name"] === "") throw new UsageError("--event-name takes the name of a call.");
    const say = (line: string): void => void io.stderr.write(`${printable(line)}\n`);
    const target = readTarget(positionals, values.rules);
    const subject = await readSubject(target, values, io, say);
    if (typeof subject === "number") return subject;
    const made = await scaffoldRule({ target, severity, subject }, loadRules(values.rules).ruleSet);
    if (made === undefined) {
      say(
        "No rule could be made of this record that passes its own test. Please report this with the record.",
      );
      return 1;
    }
    const failed = write(target, made);
    if (failed !== undefined) {
      say(failed);
      return 1;
    }
    io.stdout.write(`${target.ruleFile}\n${target.testFile}\n`);
    return check(target, made, values.rules, say);
  },
};

function readTarget(positionals: readonly string[], dir: string): Target {
  const [argument, ...more] = positionals;
  if (argument === undefined || more.length > 0)
    throw new UsageError("Name one rule: new <eventSource>/<name>, e.g. ec2.amazonaws.com/key-pair-made.");
  requireFolder(dir);
  const target = targetOf(argument, dir);
  if ("problem" in target) throw new UsageError(target.problem);
  return target;
}

/** What the rule is about, or the exit code when that cannot be known: why has then been said. */
async function readSubject(
  { eventSource }: Target,
  options: Readonly<{ from?: string; "event-id"?: string; "event-name"?: string }>,
  io: Io,
  say: (line: string) => void,
): Promise<Subject | number> {
  const { from, "event-id": eventId, "event-name": eventName } = options;
  if (from === undefined) return subjectOfCall(eventName, eventSource);
  const picked = await pickRecord([from], { eventSource, eventId, eventName }, { stdin: io.stdin });
  if (picked.ok) return subjectOfRecord(picked.record, eventSource);
  for (const line of picked.lines) say(line);
  return 1;
}

/** Writes both files; why not, when one cannot be written. */
function write({ ruleFile, testFile }: Target, made: Scaffold): string | undefined {
  let path = ruleFile;
  try {
    mkdirSync(dirname(ruleFile), { recursive: true });
    writeFileSync(ruleFile, made.ruleText, { flag: "wx" });
    path = testFile;
    writeFileSync(testFile, made.testText, { flag: "wx" });
    return undefined;
  } catch (error) {
    return `${path} cannot be written: ${reasonOf(error)}.`;
  }
}

/** Validates what was written, runs its test, and says what to do next. Gives the exit code. */
async function check(
  target: Target,
  made: Scaffold,
  dir: string,
  say: (line: string) => void,
): Promise<number> {
  const { id, ruleFile, testFile } = target;
  const loaded: LoadedRules = loadRules(dir);
  const own = loaded.problems.filter(({ file }) => file === ruleFile || file === testFile);
  for (const problem of own) say(formatProblem(problem));
  const report = await runRuleTests({ ...loaded, problems: own }, { dir, only: new Set([id]) });
  for (const failure of report.cases.filter(({ ok }) => !ok)) say(formatFailure(failure));
  const good =
    report.failed === 0 && report.passed > 0 && own.every(({ severity }) => severity === "warning");
  if (!good) {
    say("The new rule does not pass its own test. Please report this.");
    return 1;
  }
  say(`Wrote the rule ${id} and its test: ${counted(report.passed, "case")} passed.`);
  if (made.overlaps.length > 0)
    say(`The same call also fires ${made.overlaps.join(", ")}: the cases say so.`);
  const others = await newlyFailing(loaded, dir, id);
  if (others.length > 0) {
    say(`As it stands it fires in cases of other rules, too: ${short(others)}.`);
    say("Narrow it down, or add it to their fires.");
  }
  for (const line of nextSteps(id, ruleFile, dir)) say(line);
  return 0;
}

/** Test files of other rules with a case in which the new rule fires unannounced. */
async function newlyFailing(loaded: LoadedRules, dir: string, id: string): Promise<string[]> {
  const { cases } = await runRuleTests(loaded, { dir });
  const files = cases
    .filter((one) => one.rule !== id && one.fired.includes(id) && !one.expected.includes(id))
    .map(({ file }) => file);
  return [...new Set(files)];
}

function short(files: readonly string[]): string {
  const more = files.length - MAX_FILES;
  return files.slice(0, MAX_FILES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function nextSteps(id: string, ruleFile: string, dir: string): string[] {
  const rules = dir === RULES_OPTION.rules.default ? "" : ` --rules ${dir}`;
  const steps = [
    [`test ${id} --watch${rules}`, "tests it whenever you save"],
    [`explain ${id} RECORD.json${rules}`, "why it fires on a record, or does not"],
    [`replay YOUR-CLOUDTRAIL/ --by rule${rules}`, "how often it would have spoken"],
  ];
  const width = Math.max(...steps.map(([verb = ""]) => verb.length));
  return [
    `Next: edit ${ruleFile}; its comments say what to do, and rules/README.md is the guide. Then`,
    ...steps.map(([verb = "", what = ""]) => `  npm run engine -- ${verb.padEnd(width)}   ${what}`),
  ];
}
