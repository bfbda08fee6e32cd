/**
 * `npm start`: the whole product on this machine, then a day of CloudTrail through it. Alerts go to stdout as they
 * arrive behind the alerts topic, everything else to stderr, so that `npm start -- --exit > alerts.txt` does what it
 * says.
 */
import { fileURLToPath } from "node:url";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { formatAlertForPeople } from "../../lambda/alerts/text.ts";
import type { Severity } from "../../lambda/engine/rule.ts";
import { printable } from "../../lambda/loader/problem.ts";
import { DEFAULT_SPEED, DESTINATION_NAMES, type Fault } from "../../lib/local/choices.ts";
import type { LocalApis } from "../../lib/local/local-apis.ts";
import type { LocalRun } from "../../lib/local/local-run.ts";
import type { Page } from "../../lib/page/start-page.ts";
import type { Command, Io } from "../command.ts";
import { UsageError } from "../command.ts";
import { oneOf, readOptions } from "../options.ts";
import { readPort } from "../ports.ts";
import { requireFolder } from "../rules.ts";
import { readChoices } from "../start-choices.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DAY = fileURLToPath(new URL("../../examples/day.ndjson", import.meta.url));
const OWN_EVENT = "examples/console-change.json";

const HELP = `Usage: npm start
       npm start -- [PATH…] [--destinations LIST] [--fail ID:HOW[:FOR]]… [--speed N] [--exit] [--port N]
                    [--page-port N | --no-page] [--api-port N] [--rules DIR] [--format text|json]
       npm run engine -- start …, which is the same

Runs the whole product on this machine: synthesises the stack, starts SNS, SQS, DynamoDB, stand-ins for the
destinations, Secrets Manager, SSM and Scheduler, and an event bus on 127.0.0.1, and runs the bundled detector
with the environment that the template gives it. Then plays a day of CloudTrail through it and prints each alert
that arrives, and what was seen, delivered and alerted. A page shows the alerts as cases: the address that is
printed holds the key to it. While it listens, it serves both APIs, with a key of the run. Nothing leaves the
machine.

  PATH…           CloudTrail files or folders to play instead of the shipped day (examples/day.ndjson)
  --destinations  what to show beside the topic and what cdk.json configures: all, or a list of
                  ${DESTINATION_NAMES.join(", ")}
                  Default: datadog
  --fail          a destination that fails: by a status or by timeout, for good or for so long (s, m, h).
                  May be given several times. Its deliveries wait in the redelivery queue, or end as dead letters
  --speed N       how many times as fast the time passes in which there is nothing to do but wait, for the next
                  attempt or for a window's close. Default: ${DEFAULT_SPEED} (two minutes a second)
  --exit          end when all is played, every redelivery made and every window closed, instead of listening
  --port N        port of the event bus (any free one unless given)
  --page-port N   port of the page (any free one unless given)
  --no-page       serve no page; with --exit there is none
  --api-port N    port of the APIs (any free one unless given)
  --rules DIR     folder of rules instead of the configured one
  --format        text: alerts for people; json: one document a line, docs/schemas/told-alert.schema.json. Default: text

While it listens, send an event of your own:
  aws events put-events --endpoint-url http://127.0.0.1:PORT --region us-east-1 --no-sign-request \\
    --entries file://${OWN_EVENT}
What no event pattern lets through is named on stderr, and the numbers come again at Ctrl-C.

Exit code: 0 fine, 1 an input could not be read or an invocation failed for good, 2 misuse.

Examples:
  npm start
  npm start -- AWSLogs/123456789012/CloudTrail/us-east-1/2026/11 --exit
  npm start -- --destinations slack,pagerduty --fail slack:503:30m --fail pagerduty:400
  npm start -- --destinations all --exit
  npm run --silent engine -- start --exit --format json | jq -r .title
`;

/** Letters of the terminal's colours, for the severity alone. */
const COLOURS: Readonly<Record<Severity, string>> = {
  critical: "1;31",
  high: "31",
  medium: "33",
  low: "36",
  info: "2",
};

export const command: Command = { summary: "run the whole product on this machine", help: HELP, run: start };

type Words = { readonly say: (line: string) => void; readonly problem: (line: string) => void };

async function start(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = readOptions(args, {
    exit: { type: "boolean", default: false },
    port: { type: "string" },
    "page-port": { type: "string" },
    "no-page": { type: "boolean", default: false },
    "api-port": { type: "string" },
    rules: { type: "string" },
    format: { type: "string", default: "text" },
    destinations: { type: "string" },
    fail: { type: "string", multiple: true, default: [] },
    speed: { type: "string" },
  });
  const choices = readChoices(values);
  const port = readPort("port", values.port);
  const pagePort = readPort("page-port", values["page-port"]);
  if (pagePort !== undefined && (values["no-page"] || values.exit))
    throw new UsageError(`--page-port is of no use with ${values.exit ? "--exit" : "--no-page"}.`);
  const hasPage = !values["no-page"] && !values.exit;
  const apiPort = readPort("api-port", values["api-port"]);
  if (apiPort !== undefined && values.exit) throw new UsageError("--api-port is of no use with --exit.");
  const format = oneOf("format", values.format, ["text", "json"]);
  if (values.rules !== undefined) requireFolder(values.rules);
  const words: Words = {
    say: (line) => void io.stderr.write(`${line}\n`),
    problem: (line) => void io.stderr.write(`! ${line.split("\n").map(printable).join("\n  ")}\n`),
  };
  const stopping = new AbortController();
  let signals = 0;
  // One Ctrl-C may arrive twice, from the terminal and from npm; only who insists ends it the hard way.
  const onSignal = () => {
    signals += 1;
    if (signals > 3) process.exit(130);
    stopping.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const began = performance.now();
  words.say("Synthesising the stack and starting everything on 127.0.0.1 …");
  const alerts: Alert[] = [];
  let listening = false;
  // Loaded here, because it takes a second: by now the person knows that something is going on.
  const [
    { startLocalRun },
    { describeDelivery, describePassedOver, describeRules, describeStaged },
    { makeFeed, serveLocalPage },
  ] = await Promise.all([
    import("../../lib/local/local-run.ts"),
    import("../../lib/local/summary.ts"),
    import("../../lib/page/local-page.ts"),
  ]);
  const feed = makeFeed();
  const run = await startLocalRun({
    directory: ROOT,
    rules: values.rules,
    port,
    destinations: choices.destinations,
    speed: choices.speed,
    ...(choices.isDefault ? {} : { onTold: (id, line) => words.say(`  ${id} got: ${printable(line)}`) }),
    onEnvelope: (envelope, letThrough) => feed.onEnvelope(envelope, letThrough),
    onDelivery: (news) => {
      feed.onDelivery(news);
      const line = describeDelivery(news);
      if (line !== undefined) words.say(line);
    },
    onAlert: (alert) => {
      alerts.push(alert);
      feed.onChange();
      io.stdout.write(format === "json" ? `${safeJson(alert)}\n` : forPeople(alert, io.stdout));
    },
    onPassedOver: (envelope, byCounter) => {
      if (listening) words.say(describePassedOver(envelope, byCounter));
    },
    onProblem: words.problem,
  });
  let page: Page | undefined;
  let apis: LocalApis | undefined;
  try {
    if (hasPage) page = await serveLocalPage(run, feed, { port: pagePort ?? 0, onProblem: words.problem });
    words.say(
      `Ready after ${((performance.now() - began) / 1000).toFixed(1)} s: ${describeRules(run.eventRules)}${describeStaged(run.stagedRules)}, event bus at ${run.busUrl}`,
    );
    if (page !== undefined) words.say(`The page: ${page.url}`);
    failAsTold(run, choices.faults, words);
    const paths = positionals.length === 0 ? [DAY] : positionals;
    const unreadable = await playAll(run, paths, stopping.signal, words);
    if (values.exit) await Promise.race([run.finished(), aborted(stopping.signal)]);
    let failures = await sumUp(run, unreadable, alerts, words);
    if (!values.exit && !stopping.signal.aborted) {
      listening = true;
      const { serveLocalApis } = await import("../../lib/local/local-apis.ts");
      apis = await serveLocalApis(run, { port: apiPort ?? 0 });
      await listen(run, { page, apis }, stopping.signal, words);
      failures = await sumUp(run, unreadable, alerts, words);
    }
    return unreadable > 0 || failures > 0 ? 1 : 0;
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
    await apis?.close();
    await page?.close();
    await run.stop();
  }
}

/** Has the stand-ins fail. A fault counts from when the playing begins. */
function failAsTold(run: LocalRun, faults: readonly Fault[], words: Words): void {
  for (const { id, how, milliseconds, text } of faults) {
    const standIn = run.standIns.get(id);
    if (standIn === undefined) {
      throw new UsageError(
        `--fail ${text}: there is no destination "${id}" in this run that can fail; there are ${[...run.standIns.keys()].join(", ")}. Add it with --destinations ${id}.`,
      );
    }
    standIn.fail(how, milliseconds === undefined ? undefined : run.clock.now() + milliseconds);
    words.say(
      `${id} ${how === "timeout" ? "does not answer" : `answers ${how.status}`}${milliseconds === undefined ? "" : ` for ${text.split(":")[2]}`}; waiting time passes ${run.clock.speed} times as fast.`,
    );
  }
}

/** Plays the files and waits for their alerts; gives how many inputs could not be read. */
async function playAll(
  run: LocalRun,
  paths: readonly string[],
  stopping: AbortSignal,
  words: Words,
): Promise<number> {
  const { play } = await import("../../lib/local/play.ts");
  words.say(
    `Playing ${paths.map((path) => (path === DAY ? "the shipped day, examples/day.ndjson" : printable(path))).join(", ")}`,
  );
  const { problems: unreadable } = await play({
    busUrl: run.busUrl,
    region: run.region,
    paths,
    stopped: () => stopping.aborted,
    onProblem: words.problem,
  });
  await Promise.race([run.settled(), aborted(stopping)]);
  return unreadable;
}

/** Says what has happened so far; gives how many invocations failed for good. */
async function sumUp(
  run: LocalRun,
  unreadable: number,
  alerts: readonly Alert[],
  words: Words,
): Promise<number> {
  const { formatSummary } = await import("../../lib/local/summary.ts");
  const counts = await run.counts();
  const arrived = new Map([...run.standIns].map(([id, { told }]) => [id, told.length]));
  words.say(`\n${formatSummary({ counts, unreadable, alerts, arrived })}`);
  return counts.failures;
}

async function listen(
  run: LocalRun,
  { page, apis }: { readonly page: Page | undefined; readonly apis: LocalApis },
  stopping: AbortSignal,
  words: Words,
): Promise<void> {
  words.say(
    [
      "",
      "Listening. Send an event of your own, from this folder:",
      `  aws events put-events --endpoint-url ${run.busUrl} --region ${run.region} --no-sign-request \\`,
      `    --entries file://${OWN_EVENT}`,
      ...(page === undefined ? [] : ["Look at the alerts, with the key in the address:", `  ${page.url}`]),
      "Ask the API; the one for Lacework's clients is there too, below /api/v2:",
      `  curl -H "X-Api-Key: ${apis.credentials}" "${apis.url}/alerts?limit=1"`,
      "Stop with Ctrl-C.",
    ].join("\n"),
  );
  await aborted(stopping);
  words.say("\nStopping.");
}

/** Resolves when the run is to end. */
function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function forPeople(alert: Alert, stdout: NodeJS.WritableStream): string {
  return `\n${coloured(formatAlertForPeople(alert), alert.severity, stdout)}\n`;
}

/** The alert with its first word, the severity, in colour where people watch and want colours. */
function coloured(text: string, severity: Severity, stdout: NodeJS.WritableStream): string {
  const tty = "isTTY" in stdout && stdout.isTTY === true;
  const unwanted = (process.env["NO_COLOR"] ?? "") !== "";
  if (!tty || unwanted) return text;
  return text.replace(/^\S+/u, (word) => `\u001b[${COLOURS[severity]}m${word}\u001b[0m`);
}
