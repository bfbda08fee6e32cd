/** The verb `coverage`: which ATT&CK techniques the rules watch, for people, for programs and for the ATT&CK Navigator. */
import { coverageOf } from "../../lib/attack-coverage/coverage.ts";
import { coverageTotals, formatCoverage } from "../../lib/attack-coverage/format-coverage.ts";
import { navigatorLayer } from "../../lib/attack-coverage/navigator.ts";
import type { Command } from "../command.ts";
import { noPositionals, oneOf, RULES_OPTION, readOptions } from "../options.ts";
import { readRules } from "../rules.ts";

const HELP = `Usage: npm run engine -- coverage [--rules DIR] [--format text|json|navigator]

Shows which MITRE ATT&CK techniques the rules watch, by tactic, as each rule says in "attack". Rules in mode: staged are
shown apart: their alerts go nowhere, so they watch nothing yet. Rules without a technique are listed at the end.

Options:
  --rules DIR   the rules folder (default: rules)
  --format text|json|navigator
                text: by tactic; json: one document, docs/schemas/coverage.schema.json; navigator: a layer to open in the
                ATT&CK Navigator (https://mitre-attack.github.io/attack-navigator/, "Open Existing Layer"), where the
                score of a technique is the number of its active rules

Exit code: 0 fine, 1 when a rule file is bad (nothing is then printed on stdout), 2 for wrong use.

Examples:
  npm run engine -- coverage
  npm run --silent engine -- coverage --format navigator > layer.json
  npm run --silent engine -- coverage --format json | jq -r '.tactics[] | "\\(.techniques | length)  \\(.name)"'
`;

export const command: Command = {
  summary: "Show which ATT&CK techniques the rules watch.",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...RULES_OPTION,
      format: { type: "string", default: "text" },
    });
    noPositionals(positionals);
    const format = oneOf("format", values.format, ["text", "json", "navigator"]);
    const say = (line: string): void => {
      io.stderr.write(`${line}\n`);
    };
    const ruleSet = readRules(values.rules, say);
    if (ruleSet === undefined) return 1;
    const coverage = coverageOf(ruleSet);
    if (format === "text") io.stdout.write(formatCoverage(coverage));
    else {
      const document = format === "json" ? coverage : navigatorLayer(coverage, ruleSet);
      io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    }
    say(coverageTotals(coverage));
    return 0;
  },
};
