/**
 * The fields of an event around the CloudTrail record: a rule sees the record only, and what they say is in it too.
 * `source` is `aws.` and the service that the eventSource names; `account` and `region` are the record's; `detail-type`
 * follows from eventType.
 *
 *   envelopeCondition("source", ["aws.iam"])   // { fact: "eventSource", operator: "equal", value: "iam.amazonaws.com" }
 */
import type { Condition } from "../../../lambda/engine/rule.ts";
import { isObject } from "../../../lambda/engine/event-pattern/leaf.ts";
import { quote } from "../../../lambda/loader/problem.ts";
import { oneOf } from "../conditions.ts";
import { Refusal } from "../model.ts";
import { fieldCondition } from "./pattern-values.ts";

/** What EventBridge calls the records of an eventType; sign-ins are spelt in two ways. */
const TYPES: Readonly<Record<string, string>> = {
  "AWS API Call via CloudTrail": "AwsApiCall",
  "AWS Console Sign In via CloudTrail": "AwsConsoleSignIn",
  "AWS Console Signin via CloudTrail": "AwsConsoleSignIn",
  "AWS Console Action via CloudTrail": "AwsConsoleAction",
  "AWS Service Event via CloudTrail": "AwsServiceEvent",
  "AWS Network Activity Event via CloudTrail": "AwsVpceEvents",
};
const MIRRORED: Readonly<Record<string, string>> = { account: "recipientAccountId", region: "awsRegion" };
const SERVICE = /^aws\.[a-z0-9]+(?:-[a-z0-9]+)*$/;

/**
 * The condition on the record that a field outside `detail` comes to; undefined when it says nothing that every record
 * does not satisfy.
 * @throws Refusal when the record does not have it.
 */
export function envelopeCondition(field: string, values: readonly unknown[]): Condition | undefined {
  const mirrored = Object.hasOwn(MIRRORED, field) ? MIRRORED[field] : undefined;
  if (mirrored !== undefined) return fieldCondition(mirrored, values);
  if (field === "source") return sourceCondition(values);
  if (field === "detail-type") return typeCondition(values);
  throw new Refusal(
    `A rule sees the CloudTrail record, which has no ${quote(field)} of the event around it.`,
    [field],
  );
}

function sourceCondition(values: readonly unknown[]): Condition | undefined {
  if (values.some((value) => isPrefix(value, "aws."))) return undefined;
  const services = values.filter((value) => typeof value === "string" && SERVICE.test(value)).map(String);
  if (services.length < values.length)
    throw new Refusal(
      `Of ${quote(values)} it cannot be told which eventSources it means: name the services, e.g. "aws.iam".`,
      ["source"],
    );
  return oneOf(
    "eventSource",
    services.map((service) => `${service.slice("aws.".length)}.amazonaws.com`),
  );
}

/** Whether a pattern's value is a prefix that `whole` begins with, or a longer one that all of CloudTrail's have. */
function isPrefix(value: unknown, whole: string): boolean {
  return isObject(value) && typeof value["prefix"] === "string" && whole.startsWith(value["prefix"]);
}

/** Whether a pattern's value is an ending that all of CloudTrail's events have. */
function isEveryType(value: unknown): boolean {
  return (
    isObject(value) && typeof value["suffix"] === "string" && " via CloudTrail".endsWith(value["suffix"])
  );
}

function typeCondition(values: readonly unknown[]): Condition | undefined {
  if (values.some(isEveryType)) return undefined;
  const types = new Set(values.map((value) => TYPES[String(value)]));
  if (types.has(undefined))
    throw new Refusal(`Of ${quote(values)} not all are events of CloudTrail with a record in them.`, [
      "detail-type",
    ]);
  return oneOf("eventType", [...types]);
}
