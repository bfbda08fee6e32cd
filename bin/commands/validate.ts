/** The verb `validate`: every problem of every rule file, before anything runs or is deployed. */
import type { LoadedRules } from "../../lambda/loader/load-rules.ts";
import { formatProblem } from "../../lambda/loader/load-rules.ts";
import type { ValidateReport } from "../../lib/rule-tests/report-schema.ts";
import { counted } from "../../lib/words.ts";
import type { Command } from "../command.ts";
import { noPositionals, oneOf, RULES_OPTION, readOptions } from "../options.ts";
import { loadFolder } from "../rules.ts";

const HELP = `Usage: npm run engine -- validate [--rules DIR] [--format text|json]

Checks every file of the rules folder: rules, shared conditions and test files. Prints each problem with its
file, line and column, what is wrong and how to mend it.

Options:
  --rules DIR           the rules folder (default: rules)
  --format text|json    text: one line a problem; json: one document, docs/schemas/validate.schema.json

Exit code: 0 when no file has an error (warnings are printed), 1 when one has or there is no rule, 2 for wrong use.

Examples:
  npm run engine -- validate
  npm run --silent engine -- validate --format json | jq '.problems[].file'
`;

export const command: Command = {
  summary: "Check every rule file and say what is wrong, where, and how to mend it.",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...RULES_OPTION,
      format: { type: "string", default: "text" },
    });
    noPositionals(positionals);
    const format = oneOf("format", values.format, ["text", "json"]);
    const report = summarise(loadFolder(values.rules));
    if (format === "json") io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else for (const problem of report.problems) io.stdout.write(`${formatProblem(problem)}\n`);
    const { rules, conditions, tests, errors, warnings } = report;
    io.stderr.write(
      `Good: ${counted(rules, "rule")}, ${counted(conditions, "shared condition")}, ${counted(tests, "test file")}. ` +
        `Found: ${counted(errors, "error")}, ${counted(warnings, "warning")}.\n`,
    );
    return errors === 0 ? 0 : 1;
  },
};

function summarise({ ruleSet, tests, problems }: LoadedRules): ValidateReport {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  return {
    rules: ruleSet.rules.length,
    conditions: Object.keys(ruleSet.conditions).length,
    tests: tests.length,
    errors,
    warnings: problems.length - errors,
    problems,
  };
}
