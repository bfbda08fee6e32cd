/** The verb `publish`: rules in force without deploying; `lib/publish` does it. */
import { readFileSync } from "node:fs";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { STSClient } from "@aws-sdk/client-sts";
import { formatProblem, hasErrors, type LoadedRules } from "../../lambda/loader/load-rules.ts";
import { valueAt } from "../../lambda/record/untrusted.ts";
import { checkRoutes } from "../../lib/check-routes.ts";
import { readConfig } from "../../lib/config.ts";
import { configFile } from "../../lib/destinations.ts";
import { STACK_NAME } from "../../lib/names.ts";
import {
  NotPublishableError,
  type PublishClients,
  readDeployedEngine,
  whoAmI,
} from "../../lib/publish/deployed-engine.ts";
import { formatPublish, publishMarkdown } from "../../lib/publish/format-publish.ts";
import { listPublished, publish, rollBack, type ToPublish } from "../../lib/publish/publish.ts";
import { PointerMovedError } from "../../lib/publish/published-bucket.ts";
import type { PublishReport } from "../../lib/publish/publish-schema.ts";
import { type Git, runGit } from "../../lib/replay/git.ts";
import { formatReport } from "../../lib/rule-tests/report-changes.ts";
import { runRuleTests } from "../../lib/rule-tests/run-tests.ts";
import { type Command, type Io, UsageError } from "../command.ts";
import { DEPLOYED_OPTIONS, readRegion } from "../deployed-options.ts";
import { noPositionals, oneOf, readOptions, RULES_OPTION } from "../options.ts";
import { loadFolder } from "../rules.ts";

const help = `Usage: npm run engine -- publish [--dry-run] [--rules DIR] [--config FILE]
       npm run engine -- publish --rollback [VERSION|deployed] [--dry-run]
       npm run engine -- publish --list

Puts the rules of a folder, and the routes and settings of destinations in cdk.json, in force without
deploying. Checks them and runs their tests, shows what changes, and refuses what cannot work before
a deployment: rules whose records the deployed EventBridge rules do not deliver, destinations that
need a secret, permission or kind that was not granted. Needs "liveRules": {} of "engine" in cdk.json,
deployed. A deployment with other rules takes the place of what was published.

  --dry-run          shows what would change, and changes nothing
  --rollback         back to VERSION, or to the one before that in force; "deployed": to the deployed rules
  --list             the versions that were published
  --rules DIR        the rules folder (default: rules)
  --config FILE      whose routes and destinations to publish (default: cdk.json)
  --stack NAME       the stack, default ${STACK_NAME}
  --region REGION    default: AWS_REGION or AWS_DEFAULT_REGION
  --format text|json|markdown
                     json: one document, docs/schemas/publish.schema.json; markdown: for a pull request

Credentials are found as the AWS command line finds them; who may deploy may publish.
Exit code: 0 done, or nothing to do; 1 refused; 2 wrong use.

Examples:
  npm run engine -- publish --dry-run --region eu-west-1
  npm run engine -- publish
  npm run engine -- publish --rollback
`;

/** What the verb works with: tests give their own. */
export type PublishPorts = {
  readonly clients: (region: string) => PublishClients;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly git: Git;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** The verb with its ports. */
export function publishCommand(ports: PublishPorts): Command {
  return {
    summary: "Put rules in force without deploying, show the difference, roll back.",
    help,
    async run(args, io) {
      const options = parse(args, ports.environment);
      try {
        return await run(options, ports, io);
      } catch (error) {
        if (!(error instanceof NotPublishableError || error instanceof PointerMovedError)) throw error;
        io.stderr.write(`${error.message}\n`);
        return 1;
      }
    },
  };
}

/** The verb as it is called. */
export const command: Command = publishCommand({
  clients: (region) => ({
    cloudFormation: new CloudFormationClient({ region }),
    eventBridge: new EventBridgeClient({ region }),
    s3: new S3Client({ region }),
    sts: new STSClient({ region }),
  }),
  environment: process.env,
  git: runGit,
  now: () => Date.now(),
});

type Options = ReturnType<typeof parse>;

async function run(options: Options, ports: PublishPorts, io: Io): Promise<number> {
  const { dryRun, format, rules, stack, region, list, rollback, version } = options;
  const clients = ports.clients(region);
  const show = (report: PublishReport): number => {
    io.stdout.write(shown(report, format));
    return report.refused.length === 0 ? 0 : 1;
  };
  const created = new Date(ports.now()).toISOString();
  if (list) return show(await listPublished(await readDeployedEngine(clients, stack)));
  if (rollback) {
    const engine = await readDeployedEngine(clients, stack);
    return show(await rollBack(engine, version, { by: await whoAmI(clients), created }, { dryRun }));
  }
  const loaded = await soundRules(rules, io);
  if (loaded === undefined) return 1;
  const next = withConfig(loaded, options.config, io);
  if (next === undefined) return 1;
  const engine = await readDeployedEngine(clients, stack);
  const revision = await revisionOf(rules, ports.git);
  const publisher = {
    engine: engineVersion(),
    created,
    by: await whoAmI(clients),
    ...(revision === undefined ? {} : { revision }),
  };
  return show(await publish(engine, next, publisher, { dryRun }));
}

function shown(report: PublishReport, format: Options["format"]): string {
  if (format === "json") return `${JSON.stringify(report, null, 2)}\n`;
  return format === "markdown" ? publishMarkdown(report) : formatPublish(report);
}

/** The rules when nothing is wrong with them and their tests pass; all that is wrong is said. */
async function soundRules(dir: string, io: Io): Promise<LoadedRules | undefined> {
  const loaded = loadFolder(dir);
  const say = (line: string): void => void io.stderr.write(`${line}\n`);
  for (const problem of loaded.problems) say(formatProblem(problem));
  if (!hasErrors(loaded.problems)) {
    const report = await runRuleTests(loaded, { dir });
    if (report.failed === 0 && !hasErrors(report.problems)) {
      say(`${report.passed} tests of the rules passed.`);
      return loaded;
    }
    for (const line of formatReport(report)) say(line);
  }
  say("Nothing was published: mend the rules and their tests first.");
  return undefined;
}

/** The rules with the routes and destinations of cdk.json. */
function withConfig({ ruleSet }: LoadedRules, file: string, io: Io): ToPublish | undefined {
  const { config, problems } = readConfig(valueAt(readJson(file), "context", "engine"));
  const routes = problems.length > 0 ? { problems, warnings: [] } : checkRoutes(config, ruleSet.rules);
  for (const line of [...routes.problems, ...routes.warnings]) io.stderr.write(`${line}\n`);
  if (routes.problems.length > 0) {
    io.stderr.write(`Nothing was published: mend ${file} first.\n`);
    return undefined;
  }
  const { destinations, routing } = configFile(config);
  return { ruleSet, destinations, routing };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as unknown;
  } catch {
    throw new UsageError(
      `"${file}" cannot be read as JSON. Name the cdk.json that was deployed: --config FILE.`,
    );
  }
}

/** The commit of the rules folder; undefined where there is no git. */
async function revisionOf(dir: string, git: Git): Promise<string | undefined> {
  const head = await git(["rev-parse", "HEAD"], { cwd: dir });
  if (!head.ok) return undefined;
  const status = await git(["status", "--porcelain", "--", "."], { cwd: dir });
  const isClean = status.ok && status.stdout.toString().trim() === "";
  return `${head.stdout.toString().trim()}${isClean ? "" : "+changes"}`;
}

function engineVersion(): string {
  const found: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return String(valueAt(found, "version"));
}

function parse(args: readonly string[], environment: PublishPorts["environment"]) {
  const { values, positionals } = readOptions(args, {
    ...RULES_OPTION,
    ...DEPLOYED_OPTIONS,
    config: { type: "string", default: "cdk.json" },
    "dry-run": { type: "boolean", default: false },
    rollback: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    format: { type: "string", default: "text" },
  });
  const format = oneOf("format", values.format, ["text", "json", "markdown"]);
  const { rollback, list } = values;
  if (rollback && list) throw new UsageError("--list and --rollback are two questions: ask one at a time.");
  if (!rollback) noPositionals(positionals);
  const [version, more] = positionals;
  if (more !== undefined) throw new UsageError("--rollback takes one version.");
  return {
    rules: values.rules,
    config: values.config,
    stack: values.stack,
    region: readRegion(values.region, environment),
    dryRun: values["dry-run"],
    rollback,
    list,
    version,
    format,
  };
}
