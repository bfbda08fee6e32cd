/**
 * What the registry holds for a kind of destination: its settings, what the Lambda's role must be allowed for it, and
 * how it is made. Settings come from the stack through an environment variable, so they are data of unknown shape until
 * checked.
 */
import type { Destination } from "./destination.ts";
import { type Checked, checkSettings, quoted, type Settings } from "./settings.ts";

/** Settings of one destination, as in `config.json`: `{"id":"topic","type":"sns","topicArn":"arn:…"}`. */
export type DestinationSettings = {
  readonly id: string;
  readonly type: string;
  readonly [key: string]: unknown;
};

/** What the Lambda's role must be allowed, beyond reading the secrets that the settings name. */
export type Permission = {
  readonly actions: readonly string[];
  /** ARNs; `${Partition}`, `${Region}` and `${Account}` stand for those of the stack. */
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
};

/** A kind of destination. */
export type DestinationType = {
  /** What it sends where, one sentence for docs and errors. */
  readonly description: string;
  readonly settings: Settings;
  permissions(settings: DestinationSettings): readonly Permission[];
  /** Everything that is wrong with the settings, each with its cure; empty when they are fine. */
  check(settings: DestinationSettings): readonly string[];
  /** Makes the destination from settings without problems. Opens no connection and loads no SDK. */
  make(settings: DestinationSettings): Destination;
};

/** Declares a kind of destination: its `make` gets settings that were checked, with the types that were declared. */
export function declareDestination<const S extends Settings>(type: {
  readonly description: string;
  readonly settings: S;
  /** What one setting alone cannot tell. */
  readonly check?: (settings: Checked<S>) => readonly string[];
  readonly permissions?: (settings: Checked<S>) => readonly Permission[];
  readonly make: (settings: Checked<S>) => Destination;
}): DestinationType {
  return {
    description: type.description,
    settings: type.settings,
    check(settings) {
      const problems = [...checkSettings(type.settings, settings), ...checkEndpoint(settings["endpoint"])];
      return problems.length > 0 ? problems : (type.check?.(settings as unknown as Checked<S>) ?? []);
    },
    permissions: (settings) => type.permissions?.(settings as unknown as Checked<S>) ?? [],
    make: (settings) => type.make(settings as unknown as Checked<S>),
  };
}

/** What is wrong with an `endpoint`, which only local runs set: plain http must not leave the machine. */
function checkEndpoint(endpoint: unknown): readonly string[] {
  if (endpoint === undefined) return [];
  const url = typeof endpoint === "string" && URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined)
    return [`endpoint must be an address such as http://127.0.0.1:4566, got ${quoted(endpoint)}`];
  const isLoopback = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  if (url.username !== "" || url.password !== "") return ["endpoint must not hold a user name or password"];
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback)) return [];
  return [
    `endpoint must be https, or http on 127.0.0.1: alerts must not cross a network in clear, got ${url.origin}`,
  ];
}
