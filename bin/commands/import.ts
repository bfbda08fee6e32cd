/**
 * The verb `import`: configurations of other tools as rules of ours. What it would do is shown first; only `--write`
 * does it. How each format is read is in `lib/import/`.
 */
import { isUtf8 } from "node:buffer";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { printable } from "../../lambda/loader/problem.ts";
import { reasonOf } from "../../lambda/loader/rule-files.ts";
import { importEventBridge } from "../../lib/import/eventbridge/eventbridge.ts";
import { formatReport, summarize } from "../../lib/import/format-report.ts";
import { importLaceworkDynamic } from "../../lib/import/lacework/lacework-dynamic.ts";
import { combine, type Imported, NOTHING, type SourceText } from "../../lib/import/model.ts";
import { planImport, writePlan } from "../../lib/import/plan.ts";
import { importSigma } from "../../lib/import/sigma/sigma.ts";
import { stage } from "../../lib/import/stage.ts";
import { importTattletail } from "../../lib/import/tattletail.ts";
import { type Command, UsageError } from "../command.ts";
import { oneOf, RULES_OPTION, readOptions } from "../options.ts";

const HELP = `Usage: npm run engine -- import tattletail FILE.toml [options]
       npm run engine -- import sigma PATH… [options]
       npm run engine -- import lacework-dynamic FILE.yaml… [options]
       npm run engine -- import eventbridge FILE.json… [options]

Shows what other tools' configurations become here, and writes it with --write.

  tattletail         cloudtrail-tattletail: rules become jq rules, destinations those of cdk.json
  sigma              Sigma rules of the log source aws / cloudtrail; a folder is searched for .yml and .yaml
  lacework-dynamic   pairs of resource_query and dynamic_query: a dynamic list and a rule
  eventbridge        event patterns: by themselves, as aws events describe-rule or list-rules prints them,
                     or in a CloudFormation template

A rule is imported whole or refused; what is refused, and each part that did not come along, is listed with file, line
and reason. What would be written has passed the checks of validate, and a test where one could be derived. Files that
are there are never overwritten without --force. Secrets are never written or printed: the command that creates each
is.

Options:
  --into DIR             the rules folder (default: what --rules says, rules/)
  --write                write the files
  --force                overwrite rules that are there and differ
  --config FILE          put destinations into this cdk.json as well, instead of only showing them
  --staged               import rules as mode: staged: counted and shown, delivered nowhere
  --full                 show all files whole, however many there are
  --rules DIR            the rules folder (default: rules)
  --format text|json     json: one document

Exit code: 0 all imported, 1 something was refused or could not be read or written, 2 wrong use.

Examples:
  npm run engine -- import tattletail tattletail.toml
  npm run engine -- import sigma ~/sigma/rules/cloud/aws/cloudtrail --staged --write
  npm run engine -- import eventbridge old-rules.json --into /tmp/rules --write
`;

type Kind = { readonly read: (source: SourceText) => Imported; readonly extensions: RegExp };

const KINDS = {
  tattletail: { read: importTattletail, extensions: /\.toml$/i },
  sigma: { read: importSigma, extensions: /\.ya?ml$/i },
  "lacework-dynamic": { read: importLaceworkDynamic, extensions: /\.ya?ml$/i },
  eventbridge: { read: importEventBridge, extensions: /\.json$/i },
} as const satisfies Readonly<Record<string, Kind>>;
type Format = keyof typeof KINDS;
const FORMATS = Object.keys(KINDS) as Format[];

export const command: Command = {
  summary: "Import rules of other tools: tattletail, Sigma, Lacework dynamic alerts, EventBridge.",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...RULES_OPTION,
      format: { type: "string", default: "text" },
      into: { type: "string" },
      config: { type: "string" },
      write: { type: "boolean", default: false },
      force: { type: "boolean", default: false },
      staged: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
    });
    const isJson = oneOf("format", values.format, ["text", "json"]) === "json";
    const [word, ...paths] = positionals;
    if (word === undefined) throw new UsageError(`Say what to import: ${FORMATS.join(", ")}.`);
    const format = FORMATS.find((one) => one === word);
    if (format === undefined) throw new UsageError(`import takes ${FORMATS.join(", ")}, not "${word}".`);
    if (paths.length === 0) throw new UsageError(`Name a file: import ${format} PATH.`);
    if (values.config !== undefined && !existsSync(values.config))
      throw new UsageError(`--config names ${values.config}, which is not there.`);
    const into = values.into ?? values.rules;
    if (existsSync(into) && !statSync(into).isDirectory()) throw new UsageError(`${into} is no folder.`);
    const read = combine(
      paths.flatMap((path) => filesOf(path, KINDS[format])).map((file) => readOne(file, KINDS[format])),
    );
    const imported = values.staged ? staged(read) : read;
    const plan = planImport(format, imported, await stage(imported, into), {
      into,
      config: values.config,
      force: values.force,
    });
    if (values.write) writePlan(plan);
    const report = { ...plan.report, written: values.write };
    io.stdout.write(isJson ? `${safeJson(report)}\n` : formatReport(report, values.full));
    io.stderr.write(`${printable(summarize(report))}\n`);
    return report.refused > 0 ? 1 : 0;
  },
};

/** The files of a path, a folder's own and those below it, in their order. */
function filesOf(path: string, { extensions }: Kind): string[] {
  if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
  const names = readdirSync(path, { withFileTypes: true, recursive: true });
  const files = names
    .filter((entry) => entry.isFile() && extensions.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  if (files.length === 0) throw new UsageError(`${path} has no file of this kind in it.`);
  return files;
}

function readOne(file: string, { read }: Kind): Imported {
  const refuse = (message: string): Imported => ({
    ...NOTHING,
    remarks: [{ kind: "refused", file, line: 1, subject: file, message }],
  });
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return refuse(`It cannot be read: ${reasonOf(error)}.`);
  }
  if (!isUtf8(bytes)) return refuse("The file is not UTF-8: save it as UTF-8.");
  return read({ file, text: bytes.toString("utf8").replace(/^\uFEFF/, "") });
}

function staged(imported: Imported): Imported {
  return {
    ...imported,
    rules: imported.rules.map((draft) => ({ ...draft, rule: { ...draft.rule, mode: "staged" } })),
  };
}
