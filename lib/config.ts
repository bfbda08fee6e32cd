/**
 * Turns the context of cdk.json into a typed configuration and says everything that is wrong with it at once, each
 * problem with its place, the nearest known word and the cure: whoever sets the engine up mends it in one go.
 *
 *   readConfig({ subscribes: ["me@example.com"] }).problems
 *   // ['cdk.json engine.subscribes: there is no such setting. Did you mean "subscribe"?']
 */
import type { z } from "zod";
import { didYouMean } from "../lambda/words/nearest.ts";
import { printable, quote } from "../lambda/loader/problem.ts";
import { checkLayout } from "./check-layout.ts";
import { type EngineConfig, engineConfigSchema } from "./config-schema.ts";
import { destinationSchemas } from "./destination-schema.ts";
import { routeSchema } from "./routes-schema.ts";
import { s3BucketSchema } from "./s3-schema.ts";

export type { EngineConfig } from "./config-schema.ts";

/** What reading a configuration gave. With problems, `config` holds defaults for what is wrong and must not be deployed. */
export type ConfigReading = { readonly config: EngineConfig; readonly problems: string[] };

const SECRET_WORDS = new Set(["apikey", "api_key", "key", "token", "password", "apikeysecret"]);

/**
 * Reads the `engine` object of the context: undefined gives the defaults, text is parsed as JSON (that is how
 * `cdk deploy -c engine='{…}'` hands it over). Never throws.
 */
export function readConfig(context: unknown): ConfigReading {
  const defaults = engineConfigSchema.parse({});
  const parsed = parseText(context);
  if (!parsed.ok) return { config: defaults, problems: [parsed.problem] };
  const result = engineConfigSchema.safeParse(parsed.value ?? {});
  if (result.success) {
    const problems = [...findRepeatedAddresses(result.data), ...checkLayout(result.data)];
    return { config: result.data, problems };
  }
  return {
    config: { ...defaults, ...soundParts(parsed.value) },
    problems: result.error.issues.flatMap((issue) => describeIssue(issue, parsed.value)),
  };
}

/** The settings that are right by themselves: rules and routes are checked with them, so that all is told at once. */
function soundParts(value: unknown): Partial<EngineConfig> {
  return Object.fromEntries(
    Object.entries(engineConfigSchema.shape).flatMap(([name, schema]) => {
      const given = valueAt(value, [name]);
      const part = given === undefined ? undefined : schema.safeParse(given);
      if (part?.success === true) return [[name, part.data]];
      return name === "routes" ? [[name, destinationsOfRoutes(given)]] : [];
    }),
  );
}

/** Of routes of which one is wrong, where each leads: whether those destinations exist can be told all the same. */
function destinationsOfRoutes(routes: unknown): EngineConfig["routes"] {
  if (!Array.isArray(routes)) return [];
  return routes.map((route: unknown) => {
    const to = valueAt(route, ["to"]);
    const ids = Array.isArray(to) ? to.filter((id) => typeof id === "string") : [];
    return { when: {}, to: ids };
  });
}

function parseText(context: unknown): { ok: true; value: unknown } | { ok: false; problem: string } {
  if (typeof context !== "string") return { ok: true, value: context };
  try {
    return { ok: true, value: JSON.parse(context) };
  } catch {
    // The parser's own message quotes the text, which may hold what should be secret.
    return {
      ok: false,
      problem: `${place([])}: this is text that is no JSON. Write an object on one line: -c engine='{"subscribe":["me@example.com"]}'.`,
    };
  }
}

function place(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${printable(String(step))}`));
  return `cdk.json engine${steps.join("")}`;
}

function describeIssue(issue: z.core.$ZodIssue, value: unknown): string[] {
  const where = place(issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map(
        (key) => `${place([...issue.path, key])}: ${describeUnknownKey(key, issue.path, value)}`,
      );
    case "invalid_key":
      return issue.issues.map((inner) => `${where}: ${inner.message}`);
    case "invalid_union":
      return [`${where}: ${describeDestinationType(valueAt(value, issue.path))}`];
    case "invalid_type":
      if (valueAt(value, issue.path) === undefined) {
        return [`${where}: this is missing. Add it; docs/deploy.md lists every setting.`];
      }
      return [
        `${where}: ${ownMessage(issue) ?? `this must be ${article(issue.expected)}. docs/deploy.md has an example.`}`,
      ];
    default:
      return [
        `${where}: ${valueAt(value, issue.path) === undefined ? "this is missing. Add it; docs/deploy.md lists every setting." : issue.message}`,
      ];
  }
}

/** Zod's own words start with "Invalid"; those of our schema say what to do. */
function ownMessage(issue: z.core.$ZodIssue): string | undefined {
  return issue.message.startsWith("Invalid") ? undefined : issue.message;
}

function article(expected: string): string {
  return expected === "object" || expected === "record"
    ? "an object"
    : expected === "array"
      ? "a list"
      : `a ${expected}`;
}

function describeUnknownKey(key: string, path: readonly PropertyKey[], context: unknown): string {
  const known = knownKeys(path, context);
  if (known.includes("secret") && SECRET_WORDS.has(key.toLowerCase())) {
    return 'there is no such setting. Put the key into AWS Secrets Manager and write the secret\'s name as "secret".';
  }
  if (known.length === 0) return "there is nothing to set here. Write {}.";
  return `there is no such setting. ${didYouMean(key, known)}`;
}

function knownKeys(path: readonly PropertyKey[], context: unknown): string[] {
  const [first, , third] = path;
  if (first === undefined) return Object.keys(engineConfigSchema.shape);
  if (first === "destinations") {
    const type = valueAt(context, [...path, "type"]);
    return Object.keys(destinationSchemas.get(String(type))?.shape ?? {});
  }
  if (first === "routes")
    return Object.keys(third === "when" ? routeSchema.shape.when.unwrap().shape : routeSchema.shape);
  if (first === "s3" && path.length > 1)
    return path[1] === "buckets" ? Object.keys(s3BucketSchema.shape) : ["graceMinutes"];
  const inner = engineConfigSchema.shape[first as keyof typeof engineConfigSchema.shape]?.unwrap();
  return inner !== undefined && "shape" in inner ? Object.keys(inner.shape) : [];
}

function describeDestinationType(destination: unknown): string {
  const types = [...destinationSchemas.keys()];
  const type = destination instanceof Object && "type" in destination ? destination.type : destination;
  if (type === undefined || type instanceof Object)
    return `"type" is missing. Known are: ${types.join(", ")}.`;
  return `${quote(type)} is no type of destination. ${didYouMean(typeof type === "string" ? type : "", types)}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const step of path) {
    if (!(current instanceof Object) || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<PropertyKey, unknown>)[step];
  }
  return current;
}

/** CloudFormation fails on two subscriptions of one address, long after synthesis. */
function findRepeatedAddresses(config: EngineConfig): string[] {
  const lists = [
    { path: ["subscribe"], addresses: config.subscribe },
    { path: ["operations", "subscribe"], addresses: config.operations.subscribe ?? [] },
  ];
  return lists.flatMap(({ path, addresses }) =>
    addresses.flatMap((address, index) =>
      addresses.findIndex((other) => other.toLowerCase() === address.toLowerCase()) < index
        ? [`${place([...path, index])}: ${quote(address)} is there twice. Take one out.`]
        : [],
    ),
  );
}
