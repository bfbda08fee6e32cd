/**
 * What the template says about the parts that the local run plays: the event rules with their patterns, states and
 * targets, what Lambda polls, and the functions with their code, environment, time limit, retries and the queue for what failed.
 */
import type { EventRule } from "../../lambda/engine/event-rules.ts";
import { isStreamArn, readStreamSource, type StreamSourceSpec } from "./stream-source-spec.ts";
import { TemplateError, resolve, resolveText, resourcesOf } from "./template.ts";
import type { LocalValues, Template } from "./template.ts";

/** An event rule as it was synthesised, with the ARNs that it delivers to. */
export type LocalEventRule = EventRule & { readonly targets: readonly string[] };

/** A Lambda function as it was synthesised. */
export type LocalFunctionSpec = {
  readonly arn: string;
  readonly name: string;
  /** File name of its code among the assets, e.g. "0a1b….zip". */
  readonly asset: string;
  /** "index.handler". */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  /** How often a failed invocation is tried again. */
  readonly retries: number;
  /** ARN of what gets the invocations that failed for good. */
  readonly onFailure: string | undefined;
};

/** A queue that Lambda polls for a function. */
export type EventSourceSpec = {
  readonly queueArn: string;
  /** The function, as the template refers to it. */
  readonly functionName: string;
  readonly batchSize: number;
  readonly maxConcurrency: number;
  /** For how long a received message is hidden, unless the function says otherwise. */
  readonly visibilitySeconds: number;
  /** How often a message is received before it goes to the queue `deadLettersArn`. */
  readonly maxReceives: number | undefined;
  readonly deadLettersArn: string | undefined;
};

/** What Lambda and EventBridge would know of the stack. */
export type LocalStack = {
  readonly eventRules: readonly LocalEventRule[];
  readonly functions: readonly LocalFunctionSpec[];
  readonly eventSources: readonly EventSourceSpec[];
  readonly streams: readonly StreamSourceSpec[];
  /** What schedules invoke, beside what event rules do; and the event rules that bring to queues what it should hear of. */
  readonly scheduled: readonly ScheduledSpec[];
  readonly queueRules: readonly LocalEventRule[];
};

/** A function that schedules invoke, with what each tells it. */
export type ScheduledSpec = { readonly spec: LocalFunctionSpec; readonly inputs: readonly unknown[] };

/** Lambda's own number of retries for an asynchronous invocation, where the template sets none. */
const DEFAULT_RETRIES = 2;

/** Reads the parts. Throws TemplateError when something cannot be resolved. */
export function readStack(template: Template, values: LocalValues): LocalStack {
  const queues = queuesByArn(template, values);
  const allRules = resourcesOf(template, "AWS::Events::Rule").map(([id, { Properties: properties }]) =>
    readEventRule(id, asObject(resolve(properties, values, `Resources.${id}`))),
  );
  const queueRules = allRules.filter(({ targets: to }) => to.some((arn) => queues.has(arn)));
  const eventRules = allRules.filter((rule) => !queueRules.includes(rule));
  const invokeConfigs = resourcesOf(template, "AWS::Lambda::EventInvokeConfig").map(
    ([id, { Properties: properties }]) => asObject(resolve(properties, values, `Resources.${id}`)),
  );
  const targets = new Set(eventRules.flatMap((rule) => rule.targets));
  const functions = resourcesOf(template, "AWS::Lambda::Function")
    .filter(([id]) => targets.has(values.resources.get(id)?.attributes["Arn"] ?? ""))
    .map(([id, { Properties: properties }]) => readFunction(id, properties, invokeConfigs, values));
  for (const target of targets) {
    if (!functions.some(({ arn }) => arn === target)) {
      throw new TemplateError(`an event rule has the target ${target}, which is no function of the stack`);
    }
  }
  const mappings = resourcesOf(template, "AWS::Lambda::EventSourceMapping").map(
    ([id, { Properties: properties }]) =>
      [id, asObject(resolve(properties, values, `Resources.${id}`))] as const,
  );
  const ofStreams = mappings.filter(([, { EventSourceArn: arn }]) => isStreamArn(String(arn)));
  const scheduled = readScheduled(template, values, (id, properties) =>
    readFunction(id, properties, invokeConfigs, values),
  );
  const isScheduled = (name: unknown): boolean =>
    scheduled.some(({ spec }) => spec.name === name || spec.arn === name);
  const ofQueues = mappings.filter(
    (mapping) => !ofStreams.includes(mapping) && !isScheduled(mapping[1]["FunctionName"]),
  );
  return {
    eventRules,
    functions,
    eventSources: ofQueues.map(([id, properties]) => readEventSource(id, properties, queues)),
    streams: ofStreams.map(([id, properties]) => readStreamSource(id, properties)),
    scheduled,
    queueRules,
  };
}

/** The functions of the stack that its schedules invoke. */
function readScheduled(
  template: Template,
  values: LocalValues,
  read: (id: string, properties: Readonly<Record<string, unknown>>) => LocalFunctionSpec,
): ScheduledSpec[] {
  const targets = resourcesOf(template, "AWS::Scheduler::Schedule").map(([id, { Properties: properties }]) =>
    asObject(asObject(resolve(properties, values, `Resources.${id}`))["Target"]),
  );
  return resourcesOf(template, "AWS::Lambda::Function").flatMap(([id, { Properties: properties }]) => {
    const arn = values.resources.get(id)?.attributes["Arn"];
    const inputs = targets.filter((target) => target["Arn"] === arn).map(({ Input: input }) => input);
    if (inputs.length === 0) return [];
    return [
      { spec: read(id, properties), inputs: inputs.map((input): unknown => JSON.parse(String(input))) },
    ];
  });
}

/** The properties of the queues, by ARN. */
function queuesByArn(template: Template, values: LocalValues): Map<string, Record<string, unknown>> {
  return new Map(
    resourcesOf(template, "AWS::SQS::Queue").map(([id, { Properties: properties }]) => [
      values.resources.get(id)?.attributes["Arn"] ?? "",
      asObject(resolve(properties, values, `Resources.${id}`)),
    ]),
  );
}

/** Defaults are those of Lambda and SQS; without the report of failed items a batch would fail as a whole. */
function readEventSource(
  id: string,
  properties: Record<string, unknown>,
  queues: ReadonlyMap<string, Record<string, unknown>>,
): EventSourceSpec {
  const queueArn = String(properties["EventSourceArn"]);
  const queue = queues.get(queueArn);
  if (queue === undefined)
    throw new TemplateError(
      `Resources.${id}: the local run polls queues of the stack and streams of its tables only, got ${queueArn}`,
    );
  const types = properties["FunctionResponseTypes"];
  if (!Array.isArray(types) || !types.includes("ReportBatchItemFailures"))
    throw new TemplateError(
      `Resources.${id}: the local run needs FunctionResponseTypes ReportBatchItemFailures`,
    );
  const redrive = asObject(queue["RedrivePolicy"]);
  const maxReceives = redrive["maxReceiveCount"];
  return {
    queueArn,
    functionName: String(properties["FunctionName"]),
    batchSize: Number(properties["BatchSize"] ?? 10),
    maxConcurrency: Number(asObject(properties["ScalingConfig"])["MaximumConcurrency"] ?? 5),
    visibilitySeconds: Number(queue["VisibilityTimeout"] ?? 30),
    maxReceives: maxReceives === undefined ? undefined : Number(maxReceives),
    deadLettersArn:
      typeof redrive["deadLetterTargetArn"] === "string" ? redrive["deadLetterTargetArn"] : undefined,
  };
}

function readEventRule(id: string, properties: Record<string, unknown>): LocalEventRule {
  const { Name: name, State: state, EventPattern: eventPattern, Targets: targets } = properties;
  return {
    name: typeof name === "string" ? name : id,
    state: readState(state, id),
    eventPattern: asObject(eventPattern),
    rules: [],
    targets: (Array.isArray(targets) ? targets : []).map((target: unknown) =>
      String(asObject(target)["Arn"]),
    ),
  };
}

function readState(state: unknown, id: string): EventRule["state"] {
  if (state === undefined || state === "ENABLED") return "ENABLED";
  if (state === "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS") return state;
  throw new TemplateError(
    `Resources.${id}.State: the local run plays enabled rules only, got ${JSON.stringify(state)}`,
  );
}

function readFunction(
  id: string,
  properties: Readonly<Record<string, unknown>>,
  invokeConfigs: readonly Record<string, unknown>[],
  values: LocalValues,
): LocalFunctionSpec {
  const place = `Resources.${id}`;
  const self = values.resources.get(id);
  const name = self?.ref ?? id;
  const config =
    invokeConfigs.find(({ FunctionName: of }) => of === name || of === self?.attributes["Arn"]) ?? {};
  const onFailure = asObject(asObject(config["DestinationConfig"])["OnFailure"])["Destination"];
  const environment = asObject(
    resolve(asObject(properties["Environment"])["Variables"], values, `${place}.Environment`),
  );
  return {
    arn: self?.attributes["Arn"] ?? "",
    name,
    asset: resolveText(asObject(properties["Code"])["S3Key"], values, `${place}.Code.S3Key`),
    handler: resolveText(properties["Handler"], values, `${place}.Handler`),
    timeoutSeconds: Number(properties["Timeout"] ?? 3),
    memoryMb: Number(properties["MemorySize"] ?? 128),
    environment: Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, String(value)])),
    retries: Number(config["MaximumRetryAttempts"] ?? DEFAULT_RETRIES),
    onFailure: typeof onFailure === "string" ? onFailure : undefined,
  };
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
