/** The verb `schemas`: writes the published JSON Schemas, or checks that they have not drifted from the code. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { reasonOf } from "../../lambda/loader/rule-files.ts";
import { publishedSchemas } from "../../lib/published-schemas.ts";
import type { Command } from "../command.ts";
import { noPositionals, oneOf, RULES_OPTION, readOptions } from "../options.ts";

const HELP = `Usage: npm run engine -- schemas [--check] [--root DIR] [--rules DIR] [--format text|json]

Writes the JSON Schemas of rules, shared conditions, lists, suppressions, rule tests and alerts into rules/, and those
of what --format json prints into docs/schemas/. They are generated from the code.

Options:
  --check      write nothing; exit 1 when a file differs from what would be written
  --root DIR   the root of the repository (default: the current folder)
  --rules, --format   taken by every verb, without effect here: the schemas follow from the code, and nothing goes to stdout

Exit code: 0 fine, 1 when a file has drifted or cannot be written, 2 for wrong use.

Examples:
  npm run engine -- schemas            # after a change of what rules may say: commit what it writes
  npm run engine -- schemas --check    # part of npm test
`;

export const command: Command = {
  summary: "Write the published JSON Schemas, or check that they have not drifted.",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...RULES_OPTION,
      format: { type: "string", default: "text" },
      check: { type: "boolean", default: false },
      root: { type: "string", default: "." },
    });
    oneOf("format", values.format, ["text", "json"]);
    noPositionals(positionals);
    let findings = 0;
    for (const [file, text] of publishedSchemas()) {
      const path = join(values.root, file);
      const finding = values.check ? drift(path, text) : write(path, text);
      if (finding === undefined) continue;
      findings += 1;
      io.stderr.write(`${path}: ${finding}\n`);
    }
    if (findings === 0)
      io.stderr.write(values.check ? "The schemas are what the code says.\n" : "The schemas are written.\n");
    return findings === 0 ? 0 : 1;
  },
};

function drift(path: string, text: string): string | undefined {
  try {
    if (readFileSync(path, "utf8") === text) return undefined;
  } catch (error) {
    return `The schema cannot be read: ${reasonOf(error)}. Run npm run build:schemas.`;
  }
  return "The schema differs from the code. Run npm run build:schemas and commit what it writes.";
}

function write(path: string, text: string): string | undefined {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return undefined;
  } catch (error) {
    return `The schema cannot be written: ${reasonOf(error)}.`;
  }
}
