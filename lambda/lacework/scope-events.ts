/**
 * The scopes Events and ObservationTimeline: the records behind the alert. All that Events has are texts, also what is
 * true or false, and what is JSON is a text too: the Go client refuses the whole answer for one that is not.
 *
 *     { eventName: "RunInstances", eventTime: "2026-11-20T10:15:30Z", mfa: "false", userIdentity: "{\"type\":…}", … }
 */
import { safeJson } from "../alerts/safe-json.ts";
import { showText } from "../alerts/show-text.ts";
import type { Alert } from "../alerts/alert-schema.ts";
import type { ScopeValue } from "../cases/case-schema.ts";
import { plainMilliseconds, plainTime } from "../formats/plain-time.ts";
import { isObject, textAt, valueAt } from "../record/untrusted.ts";

type CaseEvents = ScopeValue<"events">["events"];
type Texts = Readonly<Record<string, string>>;

const MAX_TEXT = 1_024;
/** All rows together, as they count in an answer of Lambda, which has 6 MB. */
const MAX_BYTES = 4_500_000;
/** Characters of an identity in a row that is too large: an identity has a few hundred. */
const MAX_IDENTITY = 4_096;
/** What of a record is told beside the fields that Lacework has for it. */
const FURTHER = [
  "eventID",
  "eventType",
  "userAgent",
  "errorCode",
  "errorMessage",
  "requestParameters",
  "responseElements",
  "additionalEventData",
  "resources",
];

/** What of them a row keeps that is too large. */
const SHORT = ["eventID", "eventType", "userAgent", "errorCode", "errorMessage"];

/** Rows of the scope Events. What a record is told beside its own fields is left out where all together would not fit. */
export function eventsOf(events: CaseEvents): Texts[] {
  const room = Math.floor(MAX_BYTES / Math.max(1, events.length));
  return events.map((event) => {
    const row = eventOf(event);
    // As a text in the answer, which is a text in what Lambda answers: quotes count four times.
    if (Buffer.byteLength(JSON.stringify(JSON.stringify(row))) <= room) return row;
    const short = SHORT.map((name) => [name, shownAt(event.record, name)] as const);
    const additionalEventInfo = jsonOf(Object.fromEntries(short.filter(([, text]) => text !== "")));
    return {
      ...row,
      additionalEventInfo,
      ...(row.userIdentity.length > MAX_IDENTITY ? { userIdentity: "{}" } : {}),
    };
  });
}

function eventOf({ record, time }: CaseEvents[number]) {
  return {
    awsRegion: shownAt(record, "awsRegion"),
    eventName: shownAt(record, "eventName"),
    eventSource: shownAt(record, "eventSource"),
    sourceIpAddress: shownAt(record, "sourceIPAddress"),
    recipientAccountId:
      shownAt(record, "recipientAccountId") ||
      showText(textAt(record, "userIdentity", "accountId") ?? "", MAX_TEXT),
    mfa: String(hadMfa(record)),
    eventTime: plainTime(textAt(record, "eventTime") ?? time).replace(/\.\d+Z$/, "Z"),
    userIdentity: jsonOf(valueAt(record, "userIdentity")),
    additionalEventInfo: jsonOf(
      Object.fromEntries(
        FURTHER.flatMap((name) => (Object.hasOwn(record, name) ? [[name, record[name]]] : [])),
      ),
    ),
  };
}

/** Rows of the scope ObservationTimeline; times in milliseconds since 1970. */
export function observationsOf(events: CaseEvents, alert: Alert): Readonly<Record<string, unknown>>[] {
  return events.map(({ record, time, alertId }) => {
    const at = plainMilliseconds(textAt(record, "eventTime") ?? time);
    const call = shownAt(record, "eventName") || "An unnamed call";
    const who = showText(alert.actor.name, MAX_TEXT);
    const address = shownAt(record, "sourceIPAddress");
    return {
      description: `${call} by ${who}${address === "" ? "" : ` from ${address}`}`,
      startEpoch: at,
      endEpoch: at,
      entities: [who, address].filter((text) => text !== ""),
      formalTags: alert.rule.attack,
      observationType: call,
      observationPivotEntityUuids: [],
      recordUuid: shownAt(record, "eventID") || alertId,
      relationships: [],
    };
  });
}

function hadMfa(record: Alert["record"]): boolean {
  const inSession = textAt(record, "userIdentity", "sessionContext", "attributes", "mfaAuthenticated");
  return inSession === "true" || textAt(record, "additionalEventData", "MFAUsed") === "Yes";
}

function shownAt(record: Alert["record"], name: string): string {
  return showText(textAt(record, name) ?? "", MAX_TEXT);
}

function jsonOf(value: unknown): string {
  return isObject(value) ? safeJson(value) : "{}";
}
