/**
 * The destinations that a local run can show: the settings that it adds to the configuration for each, and what stands
 * in for it. A destination of the configuration's own is served by the stand-in of its type.
 */
import type { Medium } from "./stand-in.ts";
import { EVENT_BUS, makeSecurityHubMedium, SES } from "./aws-stand-ins.ts";
import { makeDatadogMedium } from "./datadog-stand-in.ts";
import { makePagerDutyMedium } from "./pagerduty-stand-in.ts";
import { makeSlackMedium } from "./slack-stand-in.ts";
import { TEAMS } from "./teams-stand-in.ts";
import { WEBHOOK } from "./webhook-stand-in.ts";

/** Where the local stack is taken to be. */
export type MediumPlace = { readonly account: string; readonly region: string };

/** What stands in for a type of destination, one anew at each call; undefined when nothing does. */
export function mediumOf(type: string, { account, region }: MediumPlace): Medium | undefined {
  switch (type) {
    case "slack":
      return makeSlackMedium();
    case "teams":
      return TEAMS;
    case "pagerduty":
      return makePagerDutyMedium();
    case "webhook":
      return WEBHOOK;
    case "datadog":
      return makeDatadogMedium();
    case "ses":
      return SES;
    case "eventbridge":
      return EVENT_BUS;
    case "security-hub":
      return makeSecurityHubMedium(account, region);
    default:
      return undefined;
  }
}

/** The settings of destinations that a local run can add, by the name that `--destinations` takes, which is their id. */
export const LOCAL_DESTINATIONS: Readonly<
  Record<string, { readonly type: string; readonly [name: string]: unknown }>
> = {
  datadog: { type: "datadog", site: "datadoghq.com", secret: "local/datadog" },
  "datadog-logs": { type: "datadog", api: "logs", site: "datadoghq.com", secret: "local/datadog" },
  slack: { type: "slack", secret: "local/slack" },
  "slack-bot": { type: "slack", api: "bot", channel: "C0123456789", secret: "local/slack" },
  teams: { type: "teams", secret: "local/teams" },
  pagerduty: { type: "pagerduty", secret: "local/pagerduty" },
  webhook: { type: "webhook", secret: "ssm:/local/webhook", signingSecret: "ssm:/local/webhook-key" },
  ses: { type: "ses", from: "alerts@example.com", to: ["security@example.com"] },
  eventbridge: {
    type: "eventbridge",
    busArn: "arn:aws:events:us-east-1:123456789012:event-bus/alerts",
  },
  "security-hub": { type: "security-hub" },
};
