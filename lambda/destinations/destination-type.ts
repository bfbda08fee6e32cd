/**
 * What the registry holds for a kind of destination: how its settings are checked and how it is made. Settings come
 * from the stack through an environment variable, so they are data of unknown shape until checked.
 */
import type { Destination } from "./destination.ts";

/** Settings of one destination, as in `ENGINE_DESTINATIONS`: `{"id":"topic","type":"sns","topicArn":"arn:…"}`. */
export type DestinationSettings = {
  readonly id: string;
  readonly type: string;
  readonly [key: string]: unknown;
};

/** A kind of destination. */
export type DestinationType = {
  /** Everything that is wrong with the settings, each with its cure; empty when they are fine. */
  check(settings: DestinationSettings): readonly string[];
  /** Makes the destination from settings without problems. Opens no connection and loads no SDK. */
  make(settings: DestinationSettings): Destination;
};

/** What is wrong with an `endpoint`, which only local runs set: plain http must not leave the machine. */
export function checkEndpoint(endpoint: unknown): readonly string[] {
  if (endpoint === undefined) return [];
  const url = typeof endpoint === "string" && URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined)
    return [`endpoint must be an address such as http://127.0.0.1:4566, got ${JSON.stringify(endpoint)}`];
  const isLoopback = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  if (url.username !== "" || url.password !== "") return ["endpoint must not hold a user name or password"];
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback)) return [];
  return [
    `endpoint must be https, or http on 127.0.0.1: alerts must not cross a network in clear, got ${url.origin}`,
  ];
}
