/**
 * An alert as an event of Datadog's Events API v1 (FACTS § 5). The text is markdown between `%%%` marks, and nearly
 * all of what it shows is hostile: a `%%%` in a user agent would end the markdown, a backtick the code it stands in,
 * `@somebody` would page that person, and `https://…` in a session name would be a link in an alert that people trust.
 * Everything that holds a part of the record, the summary and notes too, is therefore shown as code, where markdown
 * makes no links, headings or emphasis, with the first three taken apart. Only the rule's own texts are prose.
 *
 *     toEvent(alert, Date.now()).tags   // ["account:123456789012", "region:eu-west-1", "rule:ec2.amazonaws.com/…", …]
 */
import { createHash } from "node:crypto";
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import { describeActor, describeCall } from "../alerts/text.ts";
import { leaves } from "./leaves.ts";

/** The body of `POST /api/v1/events`. */
export type DatadogEvent = {
  readonly title: string;
  readonly text: string;
  readonly tags: readonly string[];
  readonly alert_type: "error" | "warning" | "info";
  readonly priority: "normal" | "low";
  readonly aggregation_key: string;
  /** Seconds since 1970. */
  readonly date_happened: number;
};

const MAX_TITLE = 100;
const MAX_TEXT = 4000;
const MAX_KEY = 100;
const MAX_TAG = 200;
/** Datadog refuses events older than 18 hours; five minutes are left for clocks and retries. */
const OLDEST_SECONDS = 18 * 3600 - 5 * 60;

const ALERT_TYPES = {
  info: "info",
  low: "info",
  medium: "warning",
  high: "error",
  critical: "error",
} as const;
const PRIORITIES = { info: "low", low: "low", medium: "normal", high: "normal", critical: "normal" } as const;

/** The event of an alert, sent at `now` (milliseconds since 1970), with the owner's tags added to its own. */
export function toEvent(alert: Alert, now: number, ownerTags: readonly string[] = []): DatadogEvent {
  return {
    title: showText(disarm(showText(alert.title, MAX_TITLE)), MAX_TITLE),
    text: toText(alert),
    tags: toTags(alert, ownerTags),
    alert_type: ALERT_TYPES[alert.severity],
    priority: PRIORITIES[alert.severity],
    aggregation_key: aggregationKey(alert),
    date_happened: happenedAt(alert, now),
  };
}

/** Alerts of one rule in one account are one thread in Datadog. */
function aggregationKey(alert: Alert): string {
  const key = `${alert.rule.id}:${alert.cloud.accountId ?? "unknown"}`;
  if (key.length <= MAX_KEY && /^[\x21-\x7e]+$/.test(key)) return key;
  return createHash("sha256").update(key).digest("hex");
}

function happenedAt(alert: Alert, now: number): number {
  const latest = Math.floor(now / 1000);
  const happened = Math.floor(Date.parse(alert.startTime) / 1000);
  return Math.min(latest, Math.max(happened, latest - OLDEST_SECONDS));
}

function toTags(alert: Alert, ownerTags: readonly string[]): string[] {
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ["account", alert.cloud.accountId],
    ["region", alert.cloud.region],
    ["rule", alert.rule.id],
    ["severity", alert.severity],
    ["actor", alert.actor.name],
    ["event_source", text(alert.record.eventSource)],
    ["event_name", text(alert.record.eventName)],
    ["channel", alert.channel.name],
    ["outcome", alert.outcome.result],
    ["alert_id", alert.id],
  ];
  const own = pairs.flatMap(([key, value]) =>
    value === undefined || value === "" ? [] : [`${key}:${value}`],
  );
  const attack = alert.rule.attack.map((id) => `attack:${id}`);
  return [...new Set([...own, ...attack, ...alert.rule.tags, ...ownerTags].map((tag) => toTag(tag)))];
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

function toText(alert: Alert): string {
  const head = [`**${code(alert.summary, 600)}**`, "", ...facts(alert), ""];
  const tail = alert.notes?.map((note) => `- Note: ${code(note, 300)}`) ?? [];
  const open = "%%%\n";
  const close = "\n%%%";
  const fixed = open + [...head, ...tail].join("\n");
  const room = MAX_TEXT - close.length;
  if (fixed.length > room) return open + fitLines([...head, ...tail], room - open.length) + close;
  return fixed + recordBlock(alert, room - fixed.length) + close;
}

function facts(alert: Alert): string[] {
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ["Severity", alert.severity],
    ["Who", describeActor(alert)],
    [
      "How",
      `${alert.channel.name}, ${alert.channel.confidence} confidence: ${alert.channel.reasons.join("; ")}`,
    ],
    ["Call", describeCall(alert)],
    ["From", alert.source.ip],
    ["User agent", alert.source.userAgent],
    [
      "Account and Region",
      [alert.cloud.accountId, alert.cloud.region].filter((part) => part !== undefined).join(" "),
    ],
    [
      "When",
      alert.count === 1 ? alert.startTime : `${alert.startTime} to ${alert.endTime}, ${alert.count} times`,
    ],
    ["Rule", alert.rule.id],
  ];
  const lines = pairs.flatMap(([label, value]) =>
    value === undefined || value === "" ? [] : [`- ${label}: ${code(value, 250)}`],
  );
  if (alert.rule.description !== undefined) lines.push(`- Why: ${prose(alert.rule.description, 400)}`);
  if (alert.rule.runbook !== undefined) lines.push(`- Do: ${prose(alert.rule.runbook, 400)}`);
  if (alert.links.record !== undefined)
    lines.push(`- [Record in the CloudTrail console](${alert.links.record})`);
  return lines;
}

/** The record flattened, request first, as far as it fits, with the count of what did not. */
function recordBlock(alert: Alert, room: number): string {
  const open = "\n```\n";
  const close = "\n```";
  let left = room - open.length - close.length - moreFields(1_000_000).length - 1;
  if (left <= 0) return "";
  const lines: string[] = [];
  let total = 0;
  for (const { path, value } of leaves(requestFirst(alert.record))) {
    total++;
    const line = disarm(showText(`${path}: ${value}`, 300));
    if (lines.length + 1 === total && line.length + 1 <= left) {
      lines.push(line);
      left -= line.length + 1;
    }
  }
  if (total > lines.length) lines.push(moreFields(total - lines.length));
  return lines.length === 0 ? "" : open + lines.join("\n") + close;
}

function moreFields(count: number): string {
  return `… ${count} more fields: the record in CloudTrail has them`;
}

function requestFirst(record: Alert["record"]): Alert["record"] {
  return Object.hasOwn(record, "requestParameters")
    ? { requestParameters: record.requestParameters, ...record }
    : record;
}

/** As many whole lines as fit, with a last line that says that some did not. */
function fitLines(lines: readonly string[], room: number): string {
  const end = "_… shortened to Datadog's 4,000 characters_";
  let left = room - end.length - 1;
  const kept: string[] = [];
  for (const line of lines) {
    if (line.length + 1 > left) break;
    kept.push(line);
    left -= line.length + 1;
  }
  return [...kept, end].join("\n");
}

/** Text of a rule, by the rule's author, as it was written: nothing in it is markdown, but its addresses are links. */
function prose(value: string, limit: number): string {
  return disarm(showText(value, limit))
    .replace(/[\\*_[\]|~]/g, "\\$&")
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? "");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Hostile text as a span of code, in which markdown means nothing. */
function code(value: string, limit: number): string {
  // Two backticks with nothing between them would be the beginning of a span that ends at the next two.
  return `\`${disarm(showText(value, limit)) || "(blank)"}\``;
}

/** Takes apart what Datadog acts on even in code: `%%%`, backticks, and `@` mentions that would page somebody. */
function disarm(value: string): string {
  return value
    .replaceAll("`", "'")
    .replace(/%(?=%)/g, "% ")
    .replace(/(?<![A-Za-z0-9])@(?=\S)/g, "@ ");
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
