/** The verb `validate`: every problem of every rule file, before anything runs or is deployed. */
import type { LoadedRules } from "../../lambda/loader/load-rules.ts";
import { formatProblem } from "../../lambda/loader/load-rules.ts";
import type { ValidateReport } from "../../lib/rule-tests/report-schema.ts";
import { counted } from "../../lib/words.ts";
import type { Command } from "../command.ts";
import { noPositionals, oneOf, RULES_OPTION, readOptions } from "../options.ts";
import { loadFolder } from "../rules.ts";

const HELP = `Usage: npm run engine -- validate [--strict] [--rules DIR] [--format text|json]

Checks every file of the rules folder: rules, shared conditions, lists, suppressions and test files. Prints each problem
with its file, line and column, what is wrong and how to mend it. Only here, and as warnings, it is said which
suppressions end within 14 days and which have ended: no other verb, and no deployment, depends on the calendar.

Options:
  --strict              exit 1 for warnings too
  --rules DIR           the rules folder (default: rules)
  --format text|json    text: one line a problem; json: one document, docs/schemas/validate.schema.json

Exit code: 0 when no file has an error (warnings are printed), 1 when one has or there is no rule, 2 for wrong use.

Examples:
  npm run engine -- validate
  npm run engine -- validate --strict        # e.g. every night, to hear of suppressions that end
  npm run --silent engine -- validate --format json | jq '.problems[].file'
`;

export const command: Command = {
  summary: "Check every rule file and say what is wrong, where, and how to mend it.",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...RULES_OPTION,
      format: { type: "string", default: "text" },
      strict: { type: "boolean", default: false },
    });
    noPositionals(positionals);
    const format = oneOf("format", values.format, ["text", "json"]);
    const report = summarise(loadFolder(values.rules, { now: Date.now() }));
    if (format === "json") io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else for (const problem of report.problems) io.stdout.write(`${formatProblem(problem)}\n`);
    const { errors, warnings } = report;
    io.stderr.write(
      `Good: ${describeGood(report)}. Found: ${counted(errors, "error")}, ${counted(warnings, "warning")}.\n`,
    );
    return errors === 0 && !(values.strict && warnings > 0) ? 0 : 1;
  },
};

/** What is good; of lists, suppressions and staged rules only that there are some. */
function describeGood({ rules, staged, conditions, lists, suppressions, tests }: ValidateReport): string {
  return [
    `${counted(rules, "rule")}${staged === 0 ? "" : ` (${staged} staged)`}`,
    counted(conditions, "shared condition"),
    ...(lists === 0 ? [] : [counted(lists, "list")]),
    ...(suppressions === 0 ? [] : [counted(suppressions, "suppression")]),
    counted(tests, "test file"),
  ].join(", ");
}

function summarise({ ruleSet, tests, problems }: LoadedRules): ValidateReport {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  return {
    rules: ruleSet.rules.length,
    staged: ruleSet.rules.filter(({ mode }) => mode === "staged").length,
    conditions: Object.keys(ruleSet.conditions).length,
    lists: Object.keys(ruleSet.lists).length,
    suppressions: ruleSet.suppressions.length,
    tests: tests.length,
    errors,
    warnings: problems.length - errors,
    problems,
  };
}
