/** The verb `test`: runs the test files beside the rules, and finds rules that have none. */
import { hasErrors } from "../../lambda/loader/load-rules.ts";
import { formatReport } from "../../lib/rule-tests/report-changes.ts";
import type { TestReport } from "../../lib/rule-tests/report-schema.ts";
import { runRuleTests } from "../../lib/rule-tests/run-tests.ts";
import { watchTests } from "../../lib/rule-tests/watch-tests.ts";
import { counted } from "../../lib/words.ts";
import type { Command, Io } from "../command.ts";
import { UsageError } from "../command.ts";
import { oneOf, RULES_OPTION, readOptions } from "../options.ts";
import { loadFolder, requireFolder } from "../rules.ts";
import { selectRules } from "../select-rules.ts";

const HELP = `Usage: npm run engine -- test [RULE…] [--watch] [--rules DIR] [--format text|json]

Runs the test files (*.test.yaml) beside the rules. Each case makes a record, which the whole rule set is tried on;
the case says which rules must alert. Of a rule that does otherwise, the conditions are shown with their verdicts and
the values that they saw. A rule without a test file, without a firing or without a quiet case, is a finding too.
RULE is the id of a rule, its file, its test file or a folder of rules; without one, all are tested.

Options:
  --watch               test again whenever a rule file changes, and show what that changed; Ctrl-C ends it
  --rules DIR           the rules folder (default: rules)
  --format text|json    text: each failing case and why; json: one document, docs/schemas/test.schema.json

Exit code: 0 when every case passes and nothing was found, 1 otherwise, 2 for wrong use; with --watch, that of the
last run.

Examples:
  npm run engine -- test
  npm run engine -- test ec2.amazonaws.com/security-group-opened --watch
  npm run engine -- test rules/iam.amazonaws.com
  npm run --silent engine -- test --format json | jq '.cases[] | select(.ok | not)'
`;

export const command: Command = {
  summary: "Run the test files beside the rules.",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...RULES_OPTION,
      format: { type: "string", default: "text" },
      watch: { type: "boolean", default: false },
    });
    const format = oneOf("format", values.format, ["text", "json"]);
    if (values.watch && format === "json")
      throw new UsageError("--watch shows people what changed: leave out --format json.");
    const dir = values.rules;
    const run = (): Promise<TestReport> => runTests(dir, positionals);
    const report = values.watch ? await watch(dir, run, io) : await once(run, format, io);
    return report.failed === 0 && !hasErrors(report.problems) ? 0 : 1;
  },
};

async function runTests(dir: string, rules: readonly string[]): Promise<TestReport> {
  const loaded = loadFolder(dir);
  const ids = [...loaded.ruleSet.rules.map(({ id }) => id), ...loaded.tests.map(({ ruleId }) => ruleId)];
  return runRuleTests(loaded, { dir, ...(rules.length === 0 ? {} : { only: selectRules(rules, dir, ids) }) });
}

async function once(run: () => Promise<TestReport>, format: "text" | "json", io: Io): Promise<TestReport> {
  const report = await run();
  if (format === "json") io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else show(io, formatReport(report));
  io.stderr.write(`${summary(report)}\n`);
  return report;
}

async function watch(dir: string, run: () => Promise<TestReport>, io: Io): Promise<TestReport> {
  requireFolder(dir);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    return await watchTests({
      dir,
      run,
      show: (lines) => show(io, lines),
      say: (line) => void io.stderr.write(`${line}\n`),
      summary,
      signal: io.signal === undefined ? stopping.signal : AbortSignal.any([io.signal, stopping.signal]),
    });
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}

function show(io: Io, lines: readonly string[]): void {
  io.stdout.write(lines.map((line) => `${line}\n`).join(""));
}

function summary({ passed, failed, problems }: TestReport): string {
  return `${passed} passed, ${failed} failed; ${counted(problems.length, "problem")} in files.`;
}
