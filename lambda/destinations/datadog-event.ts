/**
 * An alert as an event of Datadog's Events API v1 (FACTS § 5). The text is markdown between `%%%` marks, and nearly
 * all of what it shows is hostile: a `%%%` in a user agent would end the markdown, a backtick the code it stands in,
 * `@somebody` would page that person, and `https://…` in a session name would be a link in an alert that people trust.
 * Everything that holds a part of the record, the summary and notes too, is therefore shown as code, where markdown
 * makes no links, headings or emphasis, with the first three taken apart. Only the rule's own texts are prose.
 *
 *     toEvent(notice, Date.now()).tags   // ["account:123456789012", "region:eu-west-1", "rule:ec2.amazonaws.com/…", …]
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import { describeActor, describeCall } from "../alerts/text.ts";
import { acceptedTime, toTags } from "./datadog-common.ts";
import type { Notice } from "./destination.ts";
import { CASE, glanceLinks } from "./glance-links.ts";
import { leaves } from "./leaves.ts";
import { answeredOf, newsOf } from "./notice-news.ts";
import { noticeTitle } from "./notice-text.ts";

/** The body of `POST /api/v1/events`. */
export type DatadogEvent = {
  readonly title: string;
  readonly text: string;
  readonly tags: readonly string[];
  readonly alert_type: "error" | "warning" | "info" | "success";
  readonly priority: "normal" | "low";
  readonly aggregation_key: string;
  /** Seconds since 1970. */
  readonly date_happened: number;
};

const MAX_TITLE = 100;
const MAX_TEXT = 4000;
/** Of a title: what it is about must be seen as well. */
const MAX_NEWS = 50;

const ALERT_TYPES = {
  info: "info",
  low: "info",
  medium: "warning",
  high: "error",
  critical: "error",
} as const;
const NEWS_TYPES = { open: "info", acknowledged: "info", closed: "success" } as const;
const PRIORITIES = { info: "low", low: "low", medium: "normal", high: "normal", critical: "normal" } as const;

/**
 * The event of a notice, sent at `now` (milliseconds since 1970), with the owner's tags added to its own. All notices of
 * one alert are one thread in Datadog: its repeats and its summary count up what is there already. Answers and changes of
 * status are no further alert: they are low, and tagged so that a monitor can leave them out.
 */
export function toEvent(notice: Notice, now: number, ownerTags: readonly string[] = []): DatadogEvent {
  const { alert, kind } = notice;
  const isNews = kind === "answers" || kind === "status";
  return {
    title: showText(disarm(titleOf(notice)), MAX_TITLE),
    text: toText(notice),
    tags: toTags(alert, ownerTags, kind),
    alert_type: isNews ? NEWS_TYPES[alert.status] : ALERT_TYPES[alert.severity],
    priority: isNews ? "low" : PRIORITIES[alert.severity],
    aggregation_key: alert.id,
    date_happened: Math.floor(acceptedTime(alert, now) / 1000),
  };
}

/** What is new, and of what. */
function titleOf(notice: Notice): string {
  const { kind } = notice;
  const news = kind === "answers" ? "Found out" : kind === "status" ? newsOf(notice)?.text : undefined;
  if (news === undefined) return noticeTitle(notice, MAX_TITLE);
  const shown = showText(news, MAX_NEWS);
  return `${shown} · ${noticeTitle(notice, MAX_TITLE - shown.length - 3)}`;
}

function toText(notice: Notice): string {
  const { alert } = notice;
  const news = newsOf(notice);
  const head = [
    `**${code(alert.summary, 600)}**`,
    "",
    ...(news === undefined ? [] : [`- ${code(news.text, 400)}`]),
    ...facts(alert),
    ...answeredOf(notice).map(({ label, value }) => `- ${code(label, 200)} ${code(value, 250)}`),
    "",
  ];
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
      [alert.cloud.accountName, alert.cloud.accountId, alert.cloud.region]
        .filter((part) => part !== undefined)
        .join(" "),
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
  const ofCase = glanceLinks(alert).find(({ label }) => label === CASE)?.url;
  if (ofCase !== undefined) lines.push(`- [${CASE}](${ofCase})`);
  if (alert.links.record !== undefined)
    lines.push(`- [Record in the CloudTrail console](${alert.links.record})`);
  return lines;
}

/** The record flattened, request first: all of it, or as far as it fits, with the count of what did not. */
function recordBlock(alert: Alert, room: number): string {
  const open = "\n```\n";
  const close = "\n```";
  const forAll = room - open.length - close.length;
  const forSome = forAll - moreFields(1_000_000).length - 1;
  if (forSome <= 0) return "";
  const lines: string[] = [];
  let [total, used, kept] = [0, -1, 0];
  for (const { path, value } of leaves(requestFirst(alert.record))) {
    total++;
    if (used > forAll) continue;
    const line = disarm(showText(`${path}: ${value}`, 300));
    lines.push(line);
    used += line.length + 1;
    if (used <= forSome) kept = total;
  }
  if (total === 0) return "";
  const shown = used <= forAll ? lines : [...lines.slice(0, kept), moreFields(total - kept)];
  return open + shown.join("\n") + close;
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
