/**
 * An alert as an event of PagerDuty (FACTS § 6). The summary is what a phone shows and reads aloud: what happened, in
 * one line; the details say the rest, short first, and end with the record.
 *
 *     toPagerDutyEvent(notice).payload.summary   // "ec2.amazonaws.com: Security group opened to the internet: alice opened …"
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import { shortenAlert } from "../alerts/shorten.ts";
import { showText } from "../alerts/show-text.ts";
import type { Notice } from "./destination.ts";
import { glance, type Glance } from "./glance.ts";
import { CASE } from "./glance-links.ts";
import { unlinked } from "./mail-words.ts";
import { noticeTitle } from "./notice-text.ts";

type Link = { readonly href: string; readonly text: string };

/** The body of `POST /v2/enqueue` but for the routing key. */
export type PagerDutyEvent = {
  readonly event_action: "trigger" | "acknowledge" | "resolve";
  readonly dedup_key: string;
  readonly client: string;
  readonly client_url?: string;
  readonly payload: {
    readonly summary: string;
    readonly source: string;
    readonly severity: "critical" | "error" | "warning" | "info";
    readonly timestamp: string;
    readonly component: string;
    readonly class: string;
    readonly custom_details: Readonly<Record<string, unknown>>;
  };
  readonly links: readonly Link[];
};

/** PagerDuty takes 512 KB; 1 KB of it is left for the routing key. */
const MAX_BYTES = 512_000 - 1024;
const MAX_SUMMARY = 1024;
const MAX_TITLE = 300;
const MAX_SHORT = 255;

/** What a status does to the incident. */
const ACTIONS = { open: "trigger", acknowledged: "acknowledge", closed: "resolve" } as const;
const SEVERITIES = {
  info: "info",
  low: "info",
  medium: "warning",
  high: "error",
  critical: "critical",
} as const;

/** The event of a notice, within PagerDuty's limits. */
export function toPagerDutyEvent(notice: Notice): PagerDutyEvent {
  const event = (alert: Alert): PagerDutyEvent => wholeEvent({ ...notice, alert });
  const fits = (alert: Alert): boolean => Buffer.byteLength(safeJson(event(alert))) <= MAX_BYTES;
  return event(shortenAlert(notice.alert, fits));
}

function wholeEvent(notice: Notice): PagerDutyEvent {
  const { alert } = notice;
  const { cloud, rule } = alert;
  const seen = glance(notice);
  const clientUrl = seen.links.find(({ label }) => label === CASE)?.url ?? alert.links.record;
  const place = [cloud.accountId, cloud.region].filter((part) => part !== undefined).join(" ");
  return {
    event_action: actionOf(notice),
    dedup_key: alert.id,
    client: "CloudTrail Engine",
    ...(clientUrl === undefined ? {} : { client_url: clientUrl }),
    payload: {
      summary: summaryOf(notice, seen),
      source: showText(place, MAX_SHORT) || "unknown",
      severity: SEVERITIES[alert.severity],
      timestamp: alert.startTime,
      component: showText(cloud.service, MAX_SHORT),
      class: showText(rule.id, MAX_SHORT),
      custom_details: {
        summary: unlinked(seen.sentence),
        ...(seen.news === undefined ? {} : { "Last change": unlinked(seen.news.text) }),
        ...Object.fromEntries(seen.answers.map(({ label, value }) => [unlinked(label), unlinked(value)])),
        ...Object.fromEntries(
          [...seen.facts, ...seen.details].map(({ label, value }) => [label, unlinked(value)]),
        ),
        ...Object.fromEntries(seen.advice.map(({ label, value }) => [label, value])),
        record: shown(alert.record),
      },
    },
    links: seen.links.map(({ label, url }) => ({ href: url, text: label })),
  };
}

/**
 * A trigger on an incident that is open or acknowledged is told in its log and changes nothing else: so are repeats,
 * answers and comments told. On one that is resolved it opens it again, and nothing of a case that is closed does that.
 */
function actionOf({ alert: { status }, kind, change }: Notice): PagerDutyEvent["event_action"] {
  const isChange = kind === "first" || (kind === "status" && change?.to !== undefined);
  return status === "acknowledged" && !isChange ? "trigger" : ACTIONS[status];
}

/** What the incident's log shows of it: what is new stands first. */
function summaryOf(notice: Notice, { news, answers }: Glance): string {
  const what = `${noticeTitle(notice, MAX_TITLE)}: ${notice.alert.summary}`;
  const found = answers.map(({ label, value }) => `${label} ${value}`).join(" · ");
  const first = { answers: found, status: news?.text ?? "", first: "", repeat: "", summary: "" }[notice.kind];
  return showText(unlinked(first === "" ? what : `${first} · ${what}`), MAX_SUMMARY);
}

/**
 * The record with its texts and keys as people may see them: PagerDuty makes links of addresses and obeys characters
 * that reorder a line. For values bounded in depth.
 */
function shown(value: unknown): unknown {
  if (typeof value === "string") return unlinked(showText(value, Infinity));
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => shown(one));
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [unlinked(showText(key, Infinity)), shown(child)]),
  );
}
