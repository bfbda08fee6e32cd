/**
 * An alert as a log for Datadog's intake, shaped for Cloud SIEM: the record's fields where CloudTrail has them, and
 * Datadog's names for the same things (`evt.name`, `usr.name`, `network.client.ip`), so that detection rules and
 * dashboards for `source:cloudtrail` work on it; the alert itself under `alert`.
 *
 *     toLog(notice, Date.now())
 *     // { eventName: "StopLogging", …, ddsource: "cloudtrail", evt: { name: "StopLogging", outcome: "success" }, … }
 */
import { isIP } from "node:net";
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import { shortenAlert } from "../alerts/shorten.ts";
import type { Format } from "../formats/formats.ts";
import { acceptedTime, toTags } from "./datadog-common.ts";
import type { Notice } from "./destination.ts";
import { newsFields } from "./notice-news.ts";
import { noticeTitle } from "./notice-text.ts";

/** Datadog cuts a log at 1 MB and still says yes (FACTS § 5): a cut log is no JSON any more, so it must not come to that. */
const MAX_BYTES = 1_000_000;

const STATUS = {
  info: "info",
  low: "notice",
  medium: "warning",
  high: "error",
  critical: "critical",
} as const;

/** A document that stands in a log in place of `alert`, under its format's name: Datadog looks for OCSF under `ocsf`. */
export type LogDocument = { readonly name: string; readonly format: Format };

/** The body of `POST /api/v2/logs` with one notice, sent at `now` (milliseconds since 1970). */
export function logBody(
  notice: Notice,
  now: number,
  ownerTags: readonly string[],
  document?: LogDocument,
): string {
  const log = (one: Notice): object => {
    const { alert, ...rest } = toLog(one, now, ownerTags);
    return document === undefined ? { ...rest, alert } : { ...rest, [document.name]: document.format(one) };
  };
  const body = (alert: Alert): string => safeJson(log({ ...notice, alert }));
  const fits = (alert: Alert): boolean => Buffer.byteLength(body(alert)) <= MAX_BYTES;
  return `[${body(shortenAlert(notice.alert, fits))}]`;
}

/** The log of a notice. */
export function toLog(
  notice: Notice,
  now: number,
  ownerTags: readonly string[] = [],
): Record<string, unknown> {
  const { alert, kind } = notice;
  const { record, status: state, ...about } = alert;
  const date = acceptedTime(alert, now);
  const isMoved = date !== Date.parse(alert.startTime);
  const { eventTime } = record;
  return {
    ...withoutDates(record),
    // Datadog dates a log by eventTime too: a time that it does not take would lose the alert.
    eventTime: isMoved || typeof eventTime !== "string" ? new Date(date).toISOString() : eventTime,
    ddsource: "cloudtrail",
    service: "cloudtrail-engine",
    ddtags: toTags(alert, ownerTags).join(","),
    status: STATUS[alert.severity],
    date: new Date(date).toISOString(),
    message: `${noticeTitle(notice, 300)}: ${alert.summary}`,
    evt: {
      name: record["eventName"],
      outcome: alert.outcome.result === "success" ? "success" : "failure",
      id: record["eventID"],
    },
    usr: { id: alert.actor.principalId ?? alert.actor.arn, name: alert.actor.name },
    network: { client: { ip: addressOf(alert.source.ip) } },
    http: { useragent: alert.source.userAgent },
    ...errorOf(alert),
    alert: {
      ...about,
      state,
      kind,
      ...newsFields(notice),
      ...(isMoved
        ? {
            notes: [
              ...(alert.notes ?? []),
              `This log's date was moved to where Datadog takes it: ${alert.startTime} is the true time.`,
            ],
          }
        : {}),
    },
  };
}

function errorOf({ outcome: { errorCode, errorMessage } }: Alert): Record<string, unknown> {
  return errorCode === undefined && errorMessage === undefined
    ? {}
    : { error: { kind: errorCode, message: errorMessage } };
}

/** Attributes by which Datadog dates a log, and no CloudTrail record has: one that has them was made to be dropped. */
const DATES: ReadonlySet<string> = new Set(["timestamp", "_timestamp", "Timestamp", "published_date"]);

function withoutDates(record: Alert["record"]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !DATES.has(key)));
}

/** What calls for somebody is a service's name, and no address. */
function addressOf(ip: string | undefined): string | undefined {
  return ip !== undefined && isIP(ip) !== 0 ? ip : undefined;
}
