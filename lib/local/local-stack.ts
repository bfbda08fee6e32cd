/**
 * What the template says about the parts that the local run plays: the event rules with their patterns, states and
 * targets, and the functions with their code, environment, time limit, retries and the queue for what failed.
 */
import type { EventRule } from "../../lambda/engine/event-rules.ts";
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

/** What Lambda and EventBridge would know of the stack. */
export type LocalStack = {
  readonly eventRules: readonly LocalEventRule[];
  readonly functions: readonly LocalFunctionSpec[];
};

/** Lambda's own number of retries for an asynchronous invocation, where the template sets none. */
const DEFAULT_RETRIES = 2;

/** Reads the parts. Throws TemplateError when something cannot be resolved. */
export function readStack(template: Template, values: LocalValues): LocalStack {
  const eventRules = resourcesOf(template, "AWS::Events::Rule").map(([id, { Properties: properties }]) =>
    readEventRule(id, asObject(resolve(properties, values, `Resources.${id}`))),
  );
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
  return { eventRules, functions };
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
