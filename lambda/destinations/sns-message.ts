/**
 * One message of an SNS topic, within SNS's limits (FACTS § 6). What the alert document loses when it is too long is the
 * indentation first, then the record's largest fields, and it says so; it never stops being JSON.
 */
import type { PublishCommandInput } from "@aws-sdk/client-sns";
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import { shortenAlert } from "../alerts/shorten.ts";
import { toCustomNotification } from "./amazon-q.ts";
import type { Notice } from "./destination.ts";
import { noticeTitle } from "./notice-text.ts";

/** A message with its attributes may have 256 KiB; 1 KiB of it is left for the subject and the protocol. */
const MAX_BYTES = 262_144 - 1024;
/** "Less than 100 characters". */
const MAX_SUBJECT = 99;
/** What an attribute cannot hold: SNS takes no control characters and no surrogates there. */
const NOT_IN_ATTRIBUTE = /[^\x20-\x7e\p{L}\p{N}]|[\u{10000}-\u{10ffff}]/gu;

/** The message for a topic: subject, body and attributes. */
export function toMessage(
  topicArn: string,
  notice: Notice,
  format: "json" | "amazon-q" = "json",
): PublishCommandInput {
  const { alert, kind } = notice;
  const attributes = messageAttributes(notice);
  const room = MAX_BYTES - attributeBytes(attributes);
  const level = `[${alert.severity.toUpperCase()}] `;
  return {
    TopicArn: topicArn,
    Subject: level + noticeTitle(notice, MAX_SUBJECT - level.length),
    Message: format === "json" ? documentText(alert, room) : safeJson(toCustomNotification(notice)),
    MessageAttributes: attributes,
    // A FIFO topic orders the alerts of an account and drops a second delivery of the same notice by itself.
    ...(topicArn.endsWith(".fifo")
      ? {
          MessageGroupId: groupOf(alert),
          MessageDeduplicationId: kind === "first" ? alert.id : `${alert.id}-${kind}-${alert.count}`,
        }
      : {}),
  };
}

function documentText(alert: Alert, room: number): string {
  const fits = (text: string): boolean => Buffer.byteLength(text) <= room;
  // Indentation can treble a deeply nested record: it goes before any content does.
  const indented = safeJson(forReaders(alert), 2);
  const compact = (candidate: Alert): string => safeJson(forReaders(candidate));
  return fits(indented) ? indented : compact(shortenAlert(alert, (candidate) => fits(compact(candidate))));
}

function forReaders(alert: Alert): Alert {
  const { title, summary, severity, ...rest } = alert;
  return { title, summary, severity, ...rest };
}

type Attributes = Record<string, { DataType: "String"; StringValue: string }>;

function messageAttributes({ alert, kind }: Notice): Attributes {
  const values = {
    severity: alert.severity,
    ruleId: alert.rule.id,
    eventSource: alert.record.eventSource,
    accountId: alert.cloud.accountId,
    notice: kind,
  };
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(values)) {
    const text = typeof value === "string" ? value.slice(0, 256).replace(NOT_IN_ATTRIBUTE, "_") : "";
    // SNS refuses an empty attribute with the whole message; an absent one is what filters call `exists: false`.
    if (text !== "") attributes[name] = { DataType: "String", StringValue: text };
  }
  return attributes;
}

function attributeBytes(attributes: Attributes): number {
  return Object.entries(attributes)
    .map(([name, { DataType, StringValue }]) => Buffer.byteLength(name + DataType + StringValue))
    .reduce((total, bytes) => total + bytes, 0);
}

function groupOf(alert: Alert): string {
  return alert.cloud.accountId?.replace(/[^\x21-\x7e]/g, "_").slice(0, 128) || "unknown";
}
