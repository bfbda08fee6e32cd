/**
 * Alerts to an SNS topic: the alert document as indented JSON, title and summary first, because mail subscribers read
 * it as it is; a subject for their inbox; and message attributes, so that a subscription can filter without parsing.
 *
 *     Subject: [HIGH] ec2.amazonaws.com: Security group opened to the internet
 *     { "title": "ec2.amazonaws.com: Security group …", "summary": "alice opened sg-0a1b …", "severity": "high", … }
 */
import type { PublishCommandInput } from "@aws-sdk/client-sns";
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import { shortenAlert } from "../alerts/shorten.ts";
import { showText } from "../alerts/show-text.ts";
import {
  AWS_CALL_LIMITS,
  AWS_MAX_ATTEMPTS,
  awsBudget,
  awsDeliveryError,
  once,
  regionOfArn,
} from "./aws-client.ts";
import type { Destination } from "./destination.ts";
import { checkEndpoint, type DestinationSettings, type DestinationType } from "./destination-type.ts";

/** A message with its attributes may have 256 KiB (FACTS § 6); 1 KiB of it is left for the subject and the protocol. */
const MAX_BYTES = 262_144 - 1024;
/** "Less than 100 characters" (FACTS § 6, SDK). */
const MAX_SUBJECT = 99;
const TOPIC_ARN = /^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?$/;
/** What an attribute cannot hold: SNS takes no control characters and no surrogates there (FACTS § 6). */
const NOT_IN_ATTRIBUTE = /[^\x20-\x7e\p{L}\p{N}]|[\u{10000}-\u{10ffff}]/gu;

/** Publishes one message before a deadline (ms since 1970); the port through which tests see what would be sent. */
export type Publish = (input: PublishCommandInput, deadline: number) => Promise<unknown>;

type SnsSettings = { readonly id: string; readonly topicArn: string; readonly endpoint?: string };

/** The registry's entry. */
export const sns: DestinationType = {
  check: ({ topicArn, endpoint }) => [
    ...(typeof topicArn === "string" && TOPIC_ARN.test(topicArn)
      ? []
      : [
          `topicArn must be the ARN of an SNS topic, e.g. arn:aws:sns:eu-west-1:123456789012:alerts, got ${JSON.stringify(topicArn)}`,
        ]),
    ...checkEndpoint(endpoint),
  ],
  make: (settings: DestinationSettings) => makeSns(settings as DestinationSettings & SnsSettings),
};

/** Makes the destination of one topic. */
export function makeSns(settings: SnsSettings, publish: Publish = publisher(settings)): Destination {
  return {
    id: settings.id,
    type: "sns",
    async deliver(alert, deadline) {
      try {
        await publish(toMessage(settings.topicArn, alert), deadline);
      } catch (error) {
        throw awsDeliveryError(error, settings.id, `publishing to ${settings.topicArn}`);
      }
    },
  };
}

/** The message for a topic: subject, body and attributes within SNS's limits. */
export function toMessage(topicArn: string, alert: Alert): PublishCommandInput {
  const attributes = messageAttributes(alert);
  const room = MAX_BYTES - attributeBytes(attributes);
  const fits = (text: string): boolean => Buffer.byteLength(text) <= room;
  // Indentation can treble a deeply nested record: it goes before any content does.
  const indented = safeJson(forReaders(alert), 2);
  const compact = (candidate: Alert): string => safeJson(forReaders(candidate));
  const Message = fits(indented)
    ? indented
    : compact(shortenAlert(alert, (candidate) => fits(compact(candidate))));
  return {
    TopicArn: topicArn,
    Subject: showText(`[${alert.severity.toUpperCase()}] ${alert.title}`, MAX_SUBJECT),
    Message,
    MessageAttributes: attributes,
    // A FIFO topic orders the alerts of an account and drops a second delivery of the same alert by itself.
    ...(topicArn.endsWith(".fifo")
      ? { MessageGroupId: groupOf(alert), MessageDeduplicationId: alert.id }
      : {}),
  };
}

function forReaders(alert: Alert): Alert {
  const { title, summary, severity, ...rest } = alert;
  return { title, summary, severity, ...rest };
}

type Attributes = Record<string, { DataType: "String"; StringValue: string }>;

function messageAttributes(alert: Alert): Attributes {
  const values = {
    severity: alert.severity,
    ruleId: alert.rule.id,
    eventSource: alert.record.eventSource,
    accountId: alert.cloud.accountId,
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

/** Loads the SDK at the first message. */
function publisher({ topicArn, endpoint }: SnsSettings): Publish {
  const connect = once(async (): Promise<Publish> => {
    const { PublishCommand, SNSClient } = await import("@aws-sdk/client-sns");
    const region = regionOfArn(topicArn);
    const client = new SNSClient({
      maxAttempts: AWS_MAX_ATTEMPTS,
      requestHandler: AWS_CALL_LIMITS,
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    return (input, deadline) =>
      client.send(new PublishCommand(input), {
        abortSignal: AbortSignal.timeout(awsBudget(deadline)),
      });
  });
  return async (input, deadline) => (await connect())(input, deadline);
}
