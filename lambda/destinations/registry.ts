/**
 * All kinds of destination: one line each. A new one is its file, its test and its line here.
 */
import { datadog } from "./datadog.ts";
import type { DestinationType } from "./destination-type.ts";
import { eventbridge } from "./eventbridge.ts";
import { pagerduty } from "./pagerduty.ts";
import { securityHub } from "./security-hub.ts";
import { ses } from "./ses.ts";
import { slack } from "./slack.ts";
import { sns } from "./sns.ts";
import { teams } from "./teams.ts";
import { webhook } from "./webhook.ts";

/** Kinds of destination by the `type` of their settings. */
export const DESTINATION_TYPES: ReadonlyMap<string, DestinationType> = new Map([
  ["sns", sns],
  ["datadog", datadog],
  ["slack", slack],
  ["teams", teams],
  ["pagerduty", pagerduty],
  ["webhook", webhook],
  ["ses", ses],
  ["eventbridge", eventbridge],
  ["security-hub", securityHub],
]);
