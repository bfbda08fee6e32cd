/**
 * The Lambda's configuration: the only reader of the environment. The stack writes `ENGINE_DESTINATIONS`, a JSON list
 * of destinations; every problem in it is reported at once, because each correction costs a deployment.
 *
 *     ENGINE_DESTINATIONS=[{"id":"topic","type":"sns","topicArn":"arn:aws:sns:eu-west-1:123456789012:alerts"}]
 */
import type { DestinationSettings } from "./destinations/destination-type.ts";
import { DESTINATION_TYPES } from "./destinations/registry.ts";
import { isObject, textAt } from "./record/untrusted.ts";

/** What the environment says. */
export type LambdaConfig = { readonly destinations: readonly DestinationSettings[] };

/** An environment that cannot be used; the message lists every problem with its cure. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The environment of this Lambda has ${problems.length} problem(s):\n${problems.map((problem) => `- ${problem}`).join("\n")}`,
    );
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration from the environment.
 * @throws ConfigError with every problem.
 */
export function readConfig(environment: Environment = process.env): LambdaConfig {
  const problems: string[] = [];
  const destinations = readDestinations(environment.ENGINE_DESTINATIONS, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return { destinations };
}

function readDestinations(text: string | undefined, problems: string[]): DestinationSettings[] {
  const listed = parseList(text, problems);
  const ids = new Set<string>();
  const destinations: DestinationSettings[] = [];
  for (const [index, settings] of listed.entries()) {
    const place = `ENGINE_DESTINATIONS[${index}]`;
    const found = checkDestination(settings, place, ids);
    if (typeof found === "string") problems.push(found);
    else {
      ids.add(found.id);
      destinations.push(found);
      for (const problem of DESTINATION_TYPES.get(found.type)?.check(found) ?? [])
        problems.push(`${place} (${found.id}): ${problem}.`);
    }
  }
  return destinations;
}

function parseList(text: string | undefined, problems: string[]): readonly unknown[] {
  if (text === undefined || text === "") {
    problems.push(
      'ENGINE_DESTINATIONS is not set: it must be a JSON list such as [{"id":"topic","type":"sns","topicArn":"arn:…"}].',
    );
    return [];
  }
  const value = parseJson(text);
  if (!Array.isArray(value)) {
    problems.push("ENGINE_DESTINATIONS is no JSON list: deploy the stack again, which writes it.");
    return [];
  }
  if (value.length === 0)
    problems.push(
      "ENGINE_DESTINATIONS is an empty list: no alert would reach anybody; configure a destination.",
    );
  return value as readonly unknown[];
}

function checkDestination(
  settings: unknown,
  place: string,
  ids: ReadonlySet<string>,
): DestinationSettings | string {
  if (!isObject(settings)) return `${place} must be an object with id and type.`;
  const id = textAt(settings, "id");
  const type = textAt(settings, "type");
  if (id === undefined || type === undefined) return `${place} needs the texts id and type.`;
  if (ids.has(id))
    return `${place}: the id ${JSON.stringify(id)} is taken by another destination; give each its own.`;
  if (!DESTINATION_TYPES.has(type)) {
    return `${place} (${id}): there is no destination type ${JSON.stringify(type)}; use one of ${[...DESTINATION_TYPES.keys()].join(", ")}.`;
  }
  return { ...settings, id, type };
}

/** The parser's own message is dropped: it quotes the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
