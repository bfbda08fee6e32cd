/** The verb `docs`: writes the catalogue of the rules, or checks that it has not drifted from them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CATALOGUE, reasonOf } from "../../lambda/loader/rule-files.ts";
import { catalogue } from "../../lib/catalogue/catalogue.ts";
import { readCatalogueFiles } from "../../lib/catalogue/rules-folder.ts";
import { counted } from "../../lib/words.ts";
import type { Command } from "../command.ts";
import { noPositionals, oneOf, RULES_OPTION, readOptions } from "../options.ts";
import { readRules } from "../rules.ts";

const HELP = `Usage: npm run engine -- docs [--check] [--rules DIR] [--format text|json]

Writes ${CATALOGUE} into the rules folder: each rule with its severity, what it watches, its ATT&CK technique, tags,
false positives and what to do; then shared conditions, lists and suppressions. It is generated from the rule files, so
commit it with them.

Options:
  --check       write nothing; exit 1 when the file differs from what would be written
  --rules DIR   the rules folder (default: rules)
  --format      taken by every verb, without effect here: nothing goes to stdout

Exit code: 0 fine, 1 when the catalogue has drifted or cannot be written or a rule file is bad, 2 for wrong use.

Examples:
  npm run engine -- docs
  npm run engine -- docs --check
`;

export const command: Command = {
  summary: "Write the catalogue of the rules, or check that it has not drifted.",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...RULES_OPTION,
      format: { type: "string", default: "text" },
      check: { type: "boolean", default: false },
    });
    noPositionals(positionals);
    oneOf("format", values.format, ["text", "json"]);
    const say = (line: string): void => {
      io.stderr.write(`${line}\n`);
    };
    const dir = values.rules;
    const ruleSet = readRules(dir, say);
    if (ruleSet === undefined) return 1;
    const file = join(dir, CATALOGUE);
    const text = catalogue(ruleSet, readCatalogueFiles(dir));
    const mend = `npm run engine -- docs${dir === RULES_OPTION.rules.default ? "" : ` --rules ${dir}`}`;
    const finding = values.check ? drift(file, text, mend) : write(file, text);
    const rules = counted(ruleSet.rules.length, "rule");
    say(finding ?? (values.check ? `${file} is what the rules say.` : `${file} is written: ${rules}.`));
    return finding === undefined ? 0 : 1;
  },
};

/** What is wrong with the file and how to mend it; undefined when nothing is. */
function drift(file: string, text: string, mend: string): string | undefined {
  let there: string;
  try {
    there = readFileSync(file, "utf8");
  } catch (error) {
    return `${file}: The catalogue cannot be read: ${reasonOf(error)}. Run ${mend} and commit what it writes.`;
  }
  if (there === text) return undefined;
  const written = there.split("\n");
  const line = text.split("\n").findIndex((one, at) => one !== written[at]) + 1 || written.length;
  return `${file}:${line}: From here the catalogue differs from the rules. Run ${mend} and commit what it writes.`;
}

function write(file: string, text: string): string | undefined {
  try {
    writeFileSync(file, text);
    return undefined;
  } catch (error) {
    return `${file}: The catalogue cannot be written: ${reasonOf(error)}.`;
  }
}
