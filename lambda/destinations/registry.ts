/**
 * All kinds of destination: one line each. A new one is its file, its test and its line here.
 */
import { datadog } from "./datadog.ts";
import type { DestinationType } from "./destination-type.ts";
import { pagerduty } from "./pagerduty.ts";
import { sns } from "./sns.ts";
import { webhook } from "./webhook.ts";

/** Kinds of destination by the `type` of their settings. */
export const DESTINATION_TYPES: ReadonlyMap<string, DestinationType> = new Map([
  ["sns", sns],
  ["datadog", datadog],
  ["pagerduty", pagerduty],
  ["webhook", webhook],
]);
