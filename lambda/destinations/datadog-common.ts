/**
 * What Datadog's events and logs have in common: tags in Datadog's alphabet, and a time that Datadog takes. It drops
 * what is older than 18 hours, logs even after saying yes, so an alert that comes late (the redelivery queue tries for
 * longer than that) gets a time that is taken, and tells its true one in its text.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import type { Notice } from "./destination.ts";

const MAX_TAGS = 100;
const MAX_TAG = 200;
/** Five minutes less than Datadog's 18 hours, for clocks and retries, in milliseconds. */
const OLDEST_MS = (18 * 60 - 5) * 60_000;

/** The alert's time, moved to where Datadog takes it at `now`; both in milliseconds since 1970. */
export function acceptedTime(alert: Alert, now: number): number {
  return Math.min(now, Math.max(Date.parse(alert.startTime), now - OLDEST_MS));
}

/** The alert's tags and the owner's, each once; that of the notice's kind only where it is no alert of its own. */
export function toTags(alert: Alert, ownerTags: readonly string[], kind: Notice["kind"] = "first"): string[] {
  const pairs: readonly (readonly [string, unknown])[] = [
    ["account", alert.cloud.accountId],
    ["account_name", alert.cloud.accountName],
    ["region", alert.cloud.region],
    ["rule", alert.rule.id],
    ["severity", alert.severity],
    ["actor", alert.actor.name],
    ["event_source", alert.record.eventSource],
    ["event_name", alert.record.eventName],
    ["channel", alert.channel.name],
    ["outcome", alert.outcome.result],
    ["alert_id", alert.id],
    ["notice", kind === "answers" || kind === "status" ? kind : ""],
  ];
  const own = pairs.flatMap(([key, value]) =>
    typeof value === "string" && value !== "" ? [`${key}:${value}`] : [],
  );
  const attack = alert.rule.attack.map((id) => `attack:${id}`);
  const all = [...own, ...attack, ...ownerTags, ...alert.rule.tags].map((tag) => toTag(tag));
  return [...new Set(all)].slice(0, MAX_TAGS);
}

/** Datadog's alphabet for tags: letters, digits, `_ - : . /`, lower case, a letter first, at most 200 characters. */
function toTag(tag: string): string {
  const clean = tag
    .toWellFormed()
    .toLowerCase()
    .replace(/(?:[^\p{L}\p{N}_\-:./]|\p{Default_Ignorable_Code_Point})+/gu, "_");
  const lettered = /^\p{L}/u.test(clean) ? clean : `tag_${clean}`;
  return lettered
    .slice(0, MAX_TAG)
    .toWellFormed()
    .replace(/[\ufffd_:]+$/u, "");
}
