/**
 * One message of an SNS topic, within SNS's limits (FACTS § 6). What the alert document loses when it is too long is the
 * indentation first, then the record's largest fields, and it says so; it never stops being JSON.
 */
import type { PublishCommandInput } from "@aws-sdk/client-sns";
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import { alertFormat, documentWithin, type Format } from "../formats/formats.ts";
import { toCustomNotification } from "./amazon-q.ts";
import type { Notice } from "./destination.ts";
import { noticeId } from "./notice-news.ts";
import { noticeTitle } from "./notice-text.ts";

/** A message with its attributes may have 256 KiB; 1 KiB of it is left for the subject and the protocol. */
const MAX_BYTES = 262_144 - 1024;
/** "Less than 100 characters". */
const MAX_SUBJECT = 99;
/** What an attribute cannot hold: SNS takes no control characters and no surrogates there. */
const NOT_IN_ATTRIBUTE = /[^\x20-\x7e\p{L}\p{N}]|[\u{10000}-\u{10ffff}]/gu;

/** The message for a topic with the notice's document: subject, body and attributes. */
export function toMessage(
  topicArn: string,
  notice: Notice,
  format: Format = alertFormat,
): PublishCommandInput {
  const around = aroundOf(topicArn, notice);
  const room = MAX_BYTES - attributeBytes(around.MessageAttributes);
  return { ...around, Message: documentText(notice, format, room) };
}

/** The message for a topic that feeds Amazon Q. */
export function toAmazonQMessage(topicArn: string, notice: Notice): PublishCommandInput {
  return { ...aroundOf(topicArn, notice), Message: safeJson(toCustomNotification(notice)) };
}

type Around = Omit<PublishCommandInput, "Message" | "MessageAttributes"> & {
  readonly MessageAttributes: Attributes;
};

function aroundOf(topicArn: string, notice: Notice): Around {
  const { alert } = notice;
  const level = `[${alert.severity.toUpperCase()}] `;
  return {
    TopicArn: topicArn,
    Subject: level + noticeTitle(notice, MAX_SUBJECT - level.length),
    MessageAttributes: messageAttributes(notice),
    // A FIFO topic orders the alerts of an account and drops a second delivery of the same notice by itself.
    ...(topicArn.endsWith(".fifo")
      ? {
          MessageGroupId: groupOf(alert),
          MessageDeduplicationId: noticeId(notice),
        }
      : {}),
  };
}

function documentText(notice: Notice, format: Format, room: number): string {
  const readable: Format = (one) => forReaders(format(one));
  // Indentation can treble a deeply nested record: it goes before any content does.
  const indented = safeJson(readable(notice), 2);
  return Buffer.byteLength(indented) <= room ? indented : documentWithin(notice, readable, room);
}

/** What people read in a mail first, where a document has it. */
const FIRST = ["title", "summary", "severity", "answers", "change"];

function forReaders(document: object): object {
  const fields = Object.entries(document);
  const first = FIRST.flatMap((name) => fields.filter(([key]) => key === name));
  return Object.fromEntries([...first, ...fields.filter(([key]) => !FIRST.includes(key))]);
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
