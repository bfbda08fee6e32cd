/**
 * The whole product on one machine: the synthesised stack's event rules and functions between an event bus, SNS, SQS
 * and stand-ins for Datadog and Secrets Manager, all on 127.0.0.1.
 *
 * Example: `const run = await startLocalRun({ directory, onAlert: print, onProblem: warn })`, then
 * `PutEvents` to `run.busUrl`, `await run.settled()`, `run.counts()`, `await run.stop()`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import type { Envelope } from "../../lambda/record/record.ts";
import { startDatadog } from "./datadog-stand-in.ts";
import type { DatadogStandIn } from "./datadog-stand-in.ts";
import { startEventBus } from "./event-bus.ts";
import { openInbox } from "./inbox.ts";
import { runtimeEnvironment, withLocalEndpoints } from "./lambda-environment.ts";
import { LocalLambda } from "./local-lambda.ts";
import { createResources } from "./local-resources.ts";
import { readStack } from "./local-stack.ts";
import type { LocalEventRule, LocalFunctionSpec } from "./local-stack.ts";
import { startQueues } from "./queues.ts";
import { startSecrets } from "./secrets-stand-in.ts";
import { synthesise } from "./synthesise.ts";

/** The account that the local stack is taken to be in. */
const LOCAL_ACCOUNT = "123456789012";
/** The Region that the local stack is taken to be in: the one where sign-ins and global services appear. */
const LOCAL_REGION = "us-east-1";
const LOCAL_API_KEY = "local-datadog-api-key";

/** How a local run is started. */
export type LocalRunOptions = {
  /** The folder with cdk.json. */
  readonly directory: string;
  /** Folder of rules, instead of the configured one. */
  readonly rules?: string | undefined;
  /** Port of the event bus; 0, the default, takes any free one. */
  readonly port?: number | undefined;
  /** Told of each alert when it has arrived at the queue behind the alerts topic. */
  onAlert(alert: Alert): void;
  /** Told of each envelope that went nowhere; `counted` when the rule that counts the engine's own denied calls took it. */
  onPassedOver?(envelope: Envelope, counted: boolean): void;
  /** Told what a person should know of: warnings of synthesis, errors of the function. */
  onProblem(line: string): void;
};

/** What has happened so far. */
export type LocalCounts = {
  /** Envelopes that the bus took. */
  readonly seen: number;
  /** Envelopes that at least one event rule with a target let through. */
  readonly delivered: number;
  /** Invocations of the detector, tries again included. */
  readonly invocations: number;
  /** Invocations that failed for good. */
  readonly failures: number;
  /** Messages waiting in the dead-letter queue. */
  readonly deadLetters: number;
  /** Alerts that a suppression kept back. */
  readonly suppressed: number;
  /** Alerts of staged rules, which go nowhere. */
  readonly staged: number;
};

/** A run that has started. */
export type LocalRun = {
  readonly busUrl: string;
  readonly region: string;
  readonly eventRules: readonly LocalEventRule[];
  /** How many rules are staged. */
  readonly stagedRules: number;
  readonly datadog: DatadogStandIn;
  counts(): Promise<LocalCounts>;
  /** Resolves when all that was taken so far has been worked on and every alert has arrived. */
  settled(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts everything. Rejects, with nothing left running, when a part cannot start. */
export async function startLocalRun(options: LocalRunOptions): Promise<LocalRun> {
  const closing: (() => Promise<unknown>)[] = [];
  // In the reverse order of starting, and all of them, whatever fails.
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).toReversed())
      await close().catch((error: unknown) => options.onProblem(text(error)));
  };
  try {
    return { ...(await start(options, closing)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: LocalRunOptions,
  closing: (() => Promise<unknown>)[],
): Promise<Omit<LocalRun, "stop">> {
  const outdir = await mkdtemp(join(tmpdir(), "cloudtrail-engine-start-"));
  closing.push(() => rm(outdir, { recursive: true, force: true }));
  const queues = await startQueues(LOCAL_REGION);
  closing.push(() => queues.close());
  const datadog = await startDatadog(LOCAL_API_KEY);
  closing.push(() => datadog.close());
  const secrets = await startSecrets(LOCAL_API_KEY);
  closing.push(() => secrets.close());

  const synthesised = synthesise({
    directory: options.directory,
    outdir,
    account: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    rules: options.rules,
    warn: (line) => options.onProblem(line),
  });
  const { template, stackName, assets } = synthesised;
  const local = await createResources(template, {
    queues,
    account: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    stackName,
  });
  const stack = readStack(template, local.values);
  const endpoints = { queues: queues.url, secrets: secrets.url, datadog: datadog.url };

  const kept = { suppressed: 0, staged: 0 };
  const lambdas = new Map(
    stack.functions.map((spec): [string, LocalLambda] => [
      spec.arn,
      new LocalLambda({
        spec: { ...spec, environment: withLocalEndpoints(spec.environment, endpoints) },
        folder: assetFolder(spec, assets),
        runtimeEnvironment: runtimeEnvironment(spec, LOCAL_REGION, endpoints),
        onLog: (line) => {
          if (line.includes('"message":"alert suppressed"')) kept.suppressed += 1;
          if (line.includes('"message":"alert staged"')) kept.staged += 1;
          logged(line, options);
        },
        onFailure: async (failure) => {
          const queue = local.queuesByArn.get(spec.onFailure ?? "");
          if (queue !== undefined) await queues.send(queue, JSON.stringify(failure));
          const where =
            queue === undefined
              ? "nothing keeps it: the template names no queue"
              : "it is in the dead-letter queue";
          options.onProblem(
            `an invocation failed for good (${failure.responsePayload.errorMessage}); ${where}`,
          );
        },
      }),
    ]),
  );
  closing.push(() => Promise.all([...lambdas.values()].map((lambda) => lambda.stop())));
  await Promise.all([...lambdas.values()].map((lambda) => lambda.warm()));

  const inbox = await openInbox(queues, stack.functions, options);
  const delivering = compileEventRules(stack.eventRules);
  const targets = new Map(
    stack.eventRules.map((rule): [string, LocalEventRule["targets"]] => [rule.name, rule.targets]),
  );
  let seen = 0;
  let delivered = 0;
  const bus = await startEventBus({
    port: options.port ?? 0,
    account: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    onEnvelope: (envelope: Envelope) => {
      seen += 1;
      const through = delivering(envelope);
      const to = through.flatMap(({ name }) => targets.get(name) ?? []);
      if (to.length > 0) delivered += 1;
      else options.onPassedOver?.(envelope, through.length > 0);
      for (const target of to) lambdas.get(target)?.invoke(envelope);
    },
  });
  closing.push(() => bus.close());

  const all = [...lambdas.values()];
  return {
    busUrl: bus.url,
    region: LOCAL_REGION,
    eventRules: stack.eventRules,
    stagedRules: synthesised.stagedRules,
    datadog,
    counts: async () => {
      const depths = await Promise.all([...local.queuesByArn.values()].map((queue) => queues.depth(queue)));
      return {
        seen,
        delivered,
        invocations: sum(all.map(({ invocations }) => invocations)),
        failures: sum(all.map(({ failures }) => failures)),
        deadLetters: sum(depths),
        ...kept,
      };
    },
    settled: async () => {
      await Promise.all(all.map((lambda) => lambda.idle()));
      while ((await queues.depth(inbox)) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
}

function assetFolder(spec: LocalFunctionSpec, assets: ReadonlyMap<string, string>): string {
  const folder = assets.get(spec.asset);
  if (folder === undefined)
    throw new Error(`the template names the asset ${spec.asset}, which synthesis did not make`);
  return folder;
}

/** Of what the function logs, only errors and what is no log line concern the person in front. */
function logged(line: string, options: LocalRunOptions): void {
  if (!line.startsWith("{") || /"level":"(?:error|ERROR)"/u.test(line))
    options.onProblem(`detector: ${line}`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
