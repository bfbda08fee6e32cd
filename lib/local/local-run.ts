/**
 * The whole product on one machine: the synthesised stack's event rules and functions between an event bus, SNS, SQS,
 * DynamoDB and stand-ins for every destination and for Secrets Manager, SSM and Scheduler, all on 127.0.0.1.
 *
 * Example: `const run = await startLocalRun({ directory, onAlert: print, onProblem: warn })`, then
 * `PutEvents` to `run.busUrl`, `await run.settled()`, `run.counts()`, `await run.stop()`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { DEFAULT_SPEED } from "./choices.ts";
import type { Envelope } from "../../lambda/record/record.ts";
import { noCounts, readLogLine } from "./detector-log.ts";
import type { DeliveryNews } from "./detector-log.ts";
import { startEventBus } from "./event-bus.ts";
import { startEventSource } from "./event-source.ts";
import { openInbox } from "./inbox.ts";
import { endpointVariable, runtimeEnvironment } from "./lambda-environment.ts";
import { startClock } from "./local-clock.ts";
import type { LocalClock } from "./local-clock.ts";
import type { LocalCounts } from "./local-counts.ts";
import { readDestinations, startDestinations } from "./local-destinations.ts";
import { LocalLambda } from "./local-lambda.ts";
import { startLocalLists } from "./local-lists.ts";
import type { InvocationResult } from "./local-lambda.ts";
import { createResources } from "./local-resources.ts";
import { routeEnvelopes } from "./route-envelopes.ts";
import { readStack } from "./local-stack.ts";
import type { LocalEventRule, LocalFunctionSpec } from "./local-stack.ts";
import { startTables } from "./local-table.ts";
import { startQueues } from "./queues.ts";
import { startScheduler } from "./scheduler-stand-in.ts";
import { startSecrets } from "./secrets-stand-in.ts";
import { startStreams } from "./table-stream.ts";
import type { StandIn } from "./stand-in.ts";
import { synthesise } from "./synthesise.ts";

/** The account that the local stack is taken to be in. */
const LOCAL_ACCOUNT = "123456789012";
/** The Region that the local stack is taken to be in: the one where sign-ins and global services appear. */
const LOCAL_REGION = "us-east-1";

/** How a local run is started. */
export type LocalRunOptions = {
  /** The folder with cdk.json. */
  readonly directory: string;
  /** Folder of rules, instead of the configured one. */
  readonly rules?: string | undefined;
  /** Port of the event bus; 0, the default, takes any free one. */
  readonly port?: number | undefined;
  /** Destinations to add to the configured ones, from `LOCAL_DESTINATIONS`; Datadog unless given. */
  readonly destinations?: readonly string[] | undefined;
  /** How many times as fast the time passes in which there is nothing to do but wait. */
  readonly speed?: number | undefined;
  /** Told of each alert when it has arrived at the queue behind the alerts topic. */
  onAlert(alert: Alert): void;
  /** Told of each message that a stand-in took, on one line. */
  onTold?(destination: string, line: string): void;
  /** Told what became of each delivery. */
  onDelivery?(news: DeliveryNews): void;
  /** Told of each envelope at the bus, and whether an event rule with a target let it through. */
  onEnvelope?(envelope: Envelope, letThrough: boolean): void;
  /** Told of each envelope that went nowhere; `counted` when the rule that counts the engine's own denied calls took it. */
  onPassedOver?(envelope: Envelope, counted: boolean): void;
  /** Told what a person should know of: warnings of synthesis, errors of the function. */
  onProblem(line: string): void;
};

/** A run that has started. */
export type LocalRun = {
  readonly busUrl: string;
  readonly region: string;
  readonly eventRules: readonly LocalEventRule[];
  /** The folder with the rules. */
  readonly rules: string;
  /** How many rules are staged. */
  readonly stagedRules: number;
  /** What stands in for each destination but the topic, by id. */
  readonly standIns: ReadonlyMap<string, StandIn>;
  readonly clock: LocalClock;
  /** Where the stack's services are, and its names there, as a deployment's outputs tell them. */
  readonly services: { readonly queues: string; readonly tables: string };
  readonly outputs: Readonly<Record<string, string>>;
  counts(): Promise<LocalCounts>;
  /** Invokes the detector and waits for its answer. */
  invoke(event: unknown): Promise<InvocationResult>;
  /** Ids of the detector's processes. */
  pids(): number[];
  /** Resolves when all that was taken so far has been worked on, redeliveries included, and every alert has arrived. */
  settled(): Promise<void>;
  /** Resolves when every window has closed as well. */
  finished(): Promise<void>;
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
  const place = { account: LOCAL_ACCOUNT, region: LOCAL_REGION };
  const clock = startClock({ speed: options.speed ?? DEFAULT_SPEED });
  const opened = <T extends { close(): Promise<void> }>(server: T): T => {
    closing.push(() => server.close());
    return server;
  };
  const outdir = await mkdtemp(join(tmpdir(), "cloudtrail-engine-start-"));
  closing.push(() => rm(outdir, { recursive: true, force: true }));
  const queues = opened(await startQueues(LOCAL_REGION));
  const tables = opened(await startTables(LOCAL_REGION));
  const secrets = opened(await startSecrets());
  const lambdas = new Map<string, LocalLambda>();
  const invoke = (arn: string, event: unknown): void => lambdas.get(arn)?.invoke(event);
  const scheduler = opened(await startScheduler({ clock, ...place, invoke }));

  const synthesised = synthesise({
    directory: options.directory,
    outdir,
    ...place,
    rules: options.rules,
    destinations: options.destinations ?? ["datadog"],
    warn: (line) => options.onProblem(line),
  });
  const { template, stackName, assets } = synthesised;
  const local = await createResources(template, { queues, tables, ...place, stackName });
  const stack = readStack(template, local.values);
  const configured = stack.functions.flatMap((spec) => readDestinations(assetFolder(spec, assets)));
  const standIns = await startDestinations(configured, {
    ...place,
    clock,
    onTold: (id, line) => options.onTold?.(id, line),
  });
  for (const standIn of standIns.values()) opened(standIn);
  const endpoints = {
    queues: queues.url,
    tables: tables.url,
    secrets: secrets.url,
    scheduler: scheduler.url,
  };
  const toStandIns = Object.fromEntries(
    [...standIns].map(([id, { url }]): [string, string] => [endpointVariable(id), url]),
  );

  const logged = noCounts();
  for (const spec of stack.functions) {
    const lambda = new LocalLambda({
      spec: { ...spec, environment: { ...spec.environment, ...toStandIns } },
      folder: assetFolder(spec, assets),
      runtimeEnvironment: runtimeEnvironment(spec, LOCAL_REGION, endpoints),
      clock,
      onLog: (line) => readLogLine(line, logged, options),
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
    });
    lambdas.set(spec.arn, lambda);
  }
  const all = [...lambdas.values()];
  closing.push(() => Promise.all(all.map((lambda) => lambda.stop())));
  await Promise.all(all.map((lambda) => lambda.warm()));

  const byName = new Map(stack.functions.map(({ name, arn }) => [name, lambdas.get(arn)]));
  const sources = stack.eventSources.flatMap((spec) => {
    const queue = local.queuesByArn.get(spec.queueArn);
    const lambda = byName.get(spec.functionName) ?? lambdas.get(spec.functionName);
    if (queue === undefined || lambda === undefined) return [];
    const deadLetters = local.queuesByArn.get(spec.deadLettersArn ?? "");
    const call = (event: unknown): Promise<InvocationResult> => lambda.call(event);
    const source = startEventSource({
      spec,
      queue,
      deadLetters,
      queues,
      clock,
      region: LOCAL_REGION,
      invoke: call,
      onProblem: (line) => options.onProblem(line),
    });
    return [source];
  });
  closing.push(() => Promise.all(sources.map((source) => source.stop())));
  const streams = startStreams(stack.streams, {
    clock,
    region: LOCAL_REGION,
    lambdaOf: (name) => byName.get(name) ?? lambdas.get(name),
    bury: async (arn, letter) => {
      const queue = local.queuesByArn.get(arn);
      if (queue !== undefined) await queues.send(queue, JSON.stringify(letter));
    },
    watch: (listener) => tables.watch(listener),
    onProblem: (line) => options.onProblem(line),
  });
  closing.push(() => Promise.all(streams.map((stream) => stream.stop())));
  closing.push(async () => clock.stop());

  const inbox = await openInbox(queues, stack.functions, options);
  const route = routeEnvelopes(stack.eventRules, lambdas, options);
  const lists = await startLocalLists(stack, {
    clock,
    folderOf: (spec) => assetFolder(spec, assets),
    environmentOf: (spec) => runtimeEnvironment(spec, LOCAL_REGION, endpoints),
    onProblem: (line) => options.onProblem(line),
  });
  closing.push(async () => lists?.stop());
  const bus = opened(
    await startEventBus({
      port: options.port ?? 0,
      ...place,
      onEnvelope: (envelope) => [route, lists].forEach((one) => one?.take(envelope)),
    }),
  );
  const batches = (): number => sum(streams.map((stream) => stream.batches()));
  const waiting = (): number => sum(sources.map((source) => source.depth()));
  const quiet = async (windowsToo: boolean): Promise<void> => {
    for (;;) {
      await Promise.all(all.map((lambda) => lambda.idle()));
      const cases = sum(streams.map((stream) => stream.depth()));
      const open = waiting() + cases + (windowsToo ? scheduler.waiting() : 0);
      if (open === 0 && (await queues.depth(inbox)) === 0 && all.every(({ isIdle }) => isIdle)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const depthOf = (output: string): Promise<number> => {
    const url = synthesisedOutputs[output];
    const queue = [...local.queuesByArn.values()].find((one) => one.url === url);
    return queue === undefined ? Promise.resolve(0) : queues.depth(queue);
  };
  const synthesisedOutputs = synthesised.outputs(local.values);
  const [detector] = all;
  return {
    busUrl: bus.url,
    region: LOCAL_REGION,
    eventRules: stack.eventRules,
    rules: synthesised.rules,
    stagedRules: synthesised.stagedRules,
    standIns,
    clock,
    services: { queues: queues.url, tables: tables.url },
    outputs: synthesisedOutputs,
    invoke: (event) =>
      detector?.call(event) ??
      Promise.reject(new Error("the template has no function that an event rule invokes")),
    pids: () => all.flatMap(({ pids }) => pids),
    counts: async () => ({
      ...route.counts(),
      invocations: sum(all.map(({ invocations }) => invocations)) - batches(),
      caseBatches: batches(),
      failures: sum(all.map(({ failures }) => failures)),
      deadLetters: await depthOf("DeadLettersUrl"),
      deadDeliveries: await depthOf("DeadDeliveriesUrl"),
      waiting: waiting(),
      windows: scheduler.waiting(),
      ...logged,
    }),
    settled: () => quiet(false),
    finished: () => quiet(true),
  };
}

function assetFolder(spec: LocalFunctionSpec, assets: ReadonlyMap<string, string>): string {
  const folder = assets.get(spec.asset);
  if (folder === undefined)
    throw new Error(`the template names the asset ${spec.asset}, which synthesis did not make`);
  return folder;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
