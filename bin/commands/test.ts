/** The verb `test`: runs the test files beside the rules, and finds rules that have none. */
import { resolve, sep } from "node:path";
import { formatProblem, hasErrors } from "../../lambda/loader/load-rules.ts";
import { nearest } from "../../lambda/loader/nearest.ts";
import { formatFailure } from "../../lib/rule-tests/format.ts";
import type { TestReport } from "../../lib/rule-tests/report-schema.ts";
import { runRuleTests } from "../../lib/rule-tests/run-tests.ts";
import { counted } from "../../lib/words.ts";
import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import { oneOf, RULES_OPTION, readOptions } from "../options.ts";
import { loadFolder } from "../rules.ts";

const HELP = `Usage: npm run engine -- test [RULE…] [--rules DIR] [--format text|json]

Runs the test files (*.test.yaml) beside the rules. Each case makes a record, which the whole rule set is tried on;
the case says which rules must alert. A rule without a test file, without a firing or without a quiet case, is a
finding too. RULE is the id of a rule, its file, its test file or a folder of rules; without one, all are tested.

Options:
  --rules DIR           the rules folder (default: rules)
  --format text|json    text: each failing case and why; json: one document, docs/schemas/test.schema.json

Exit code: 0 when every case passes and nothing was found, 1 otherwise, 2 for wrong use.

Examples:
  npm run engine -- test
  npm run engine -- test ec2.amazonaws.com/security-group-opened
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
    });
    const format = oneOf("format", values.format, ["text", "json"]);
    const dir = values.rules;
    const loaded = loadFolder(dir);
    const ids = [...loaded.ruleSet.rules.map(({ id }) => id), ...loaded.tests.map(({ ruleId }) => ruleId)];
    const only = positionals.length === 0 ? {} : { only: select(positionals, dir, ids) };
    const report = await runRuleTests(loaded, { dir, ...only });
    if (format === "json") io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else io.stdout.write(text(report));
    io.stderr.write(
      `${report.passed} passed, ${report.failed} failed; ${counted(report.problems.length, "problem")} in files.\n`,
    );
    return report.failed === 0 && !hasErrors(report.problems) ? 0 : 1;
  },
};

function text({ problems, cases }: TestReport): string {
  const failures = cases.filter(({ ok }) => !ok).map(formatFailure);
  return [...problems.map(formatProblem), ...failures].map((lines) => `${lines}\n`).join("");
}

/** The ids that the arguments mean. Throws a UsageError for one that means none. */
function select(args: readonly string[], dir: string, ids: readonly string[]): ReadonlySet<string> {
  const selected = args.map((arg) => {
    const path = resolve(arg).replace(/(?:\.test)?\.(?:yaml|yml|json)$/, "");
    const found = ids.filter((id) => {
      const own = resolve(dir, id);
      return (
        id === arg ||
        id.startsWith(`${arg.replace(/\/+$/, "")}/`) ||
        own === path ||
        own.startsWith(path + sep)
      );
    });
    if (found.length > 0) return found;
    const meant = nearest(arg, ids);
    const cure =
      meant === undefined
        ? "Give the id of a rule, a rule file or a folder of rules."
        : `Did you mean "${meant}"?`;
    throw new UsageError(`There is no good rule "${arg}" in ${dir}. ${cure}`);
  });
  return new Set(selected.flat());
}
