/**
 * An alert as a finding of Security Hub, in the AWS Security Finding Format (FACTS § 6). Every text is bounded to what
 * the format takes, since one that is too long has the whole finding refused, and none is blank, for the same reason.
 *
 * One alert is one finding however often it is told: the same `Id`, and an `UpdatedAt` that grows with its count. Security
 * Hub ignores an update that is not later than what it has, so that a first notice that was delayed for hours does not
 * undo the summary that overtook it. There is no `Note`: it is the investigator's, and imports cannot change it.
 *
 *     toAsff({ alert, kind: "first" }, "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default")
 *     // { SchemaVersion: "2018-10-08", Id: "cloudtrail-engine/5f2a…", Title: "ec2.amazonaws.com: Security group …", … }
 */
import { isIPv4 } from "node:net";
import type { Action, AwsSecurityFinding, Remediation } from "@aws-sdk/client-securityhub";
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import { textAt } from "../record/untrusted.ts";
import { productFields } from "./asff-fields.ts";
import { findingResources } from "./asff-resources.ts";
import { findingTypes } from "./asff-types.ts";
import { plainMilliseconds, plainTime } from "./plain-time.ts";
import type { Notice } from "../destinations/destination.ts";
import { fitText } from "../destinations/fit-text.ts";
import { CASE, glanceLinks } from "../destinations/glance-links.ts";
import { answeredOf, newsOf } from "../destinations/notice-news.ts";

/** "240 KB a finding"; whether that is 245,760 bytes or fewer, it is at least these. */
const MAX_BYTES = 240_000;
const MAX_GENERATOR = 512;
const MAX_TITLE = 256;
const MAX_DESCRIPTION = 1024;
const MAX_RECOMMENDATION = 512;
const MAX_API = 128;
const PRODUCT = "CloudTrail Engine";
/** Domain names of services, which CloudTrail has in place of an address. */
const DOMAIN = /^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}$/i;

const LABELS = {
  info: "INFORMATIONAL",
  low: "LOW",
  medium: "MEDIUM",
  high: "HIGH",
  critical: "CRITICAL",
} as const;

/** The finding of an alert; `productArn` says which account imports it, into which Region. */
export function toAsff(notice: Notice, productArn: string): AwsSecurityFinding {
  const { alert } = notice;
  const resources = findingResources(alert, productArn);
  const finding: AwsSecurityFinding = {
    SchemaVersion: "2018-10-08",
    Id: `cloudtrail-engine/${alert.id}`,
    ProductArn: productArn,
    ProductName: PRODUCT,
    CompanyName: PRODUCT,
    GeneratorId: text(`cloudtrail-engine/${alert.rule.id}`, MAX_GENERATOR),
    AwsAccountId: accountOf(productArn),
    CreatedAt: plainTime(alert.startTime),
    UpdatedAt: updatedAt(notice),
    FirstObservedAt: plainTime(alert.startTime),
    LastObservedAt: plainTime(alert.endTime),
    Title: text(alert.title, MAX_TITLE),
    Description: describe(alert),
    ...remediation(alert),
    FindingProviderFields: {
      Severity: { Label: LABELS[alert.severity], Original: alert.severity },
      Types: findingTypes(alert.rule.attack),
    },
    Resources: resources.list,
    Action: action(alert),
    RecordState: alert.status === "closed" ? "ARCHIVED" : "ACTIVE",
  };
  // One less: productFields counts a comma for every field, and the first one has none.
  const taken = bytes({ ...finding, ProductFields: {} }) - 1;
  return {
    ...finding,
    ProductFields: productFields(alert, resources.leftOut, MAX_BYTES - taken, newsOfFinding(notice)),
  };
}

function bytes(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Whose findings go by a product: the account that its ARN names. */
function accountOf(productArn: string): string {
  return productArn.split(":")[4] ?? "";
}

/**
 * The last record's time, a little later with each one more and with the window's close: CloudTrail tells seconds only.
 * What came after the first notice has a time of its own, and all that comes after that is later still.
 */
function updatedAt({ alert, kind, at }: Notice): string {
  const steps = Math.min(alert.count - 1, 998) + (kind === "summary" ? 1 : 0);
  const last = plainMilliseconds(alert.endTime);
  const since = kind === "first" || at === undefined ? last : Math.max(last, plainMilliseconds(at));
  return plainTime(new Date(since + steps).toISOString());
}

/** What is known since, and where the record is when the finding's own address is the case's. */
function newsOfFinding(notice: Notice): [string, string | undefined][] {
  const record = notice.alert.links.case === undefined ? undefined : notice.alert.links.record;
  return [
    ["lastChange", newsOf(notice)?.text],
    ...answeredOf(notice).map(({ label, value }, index): [string, string] => [
      `answer${index + 1}`,
      `${label} ${value}`,
    ]),
    ["recordUrl", record],
  ];
}

/** What happened and how often, and then, as far as it fits, why anybody should care. */
function describe({ summary, count, startTime, endTime, rule }: Alert): string {
  const times =
    count === 1 ? "" : ` (${count.toLocaleString("en-US")} times from ${startTime} to ${endTime})`;
  const sentence = text(summary, MAX_DESCRIPTION - times.length) + times;
  const link = /[.!?…]$/.test(sentence) ? " " : ". ";
  const room = MAX_DESCRIPTION - sentence.length - link.length;
  const why = rule.description === undefined || room < 1 ? "" : fitText(shown(rule.description), room);
  return why === "" ? sentence : sentence + link + why;
}

function remediation(alert: Alert): { SourceUrl?: string; Remediation?: Remediation } {
  const links = new Map(glanceLinks(alert).map(({ label, url }) => [label, url]));
  const page = links.get(CASE) ?? links.get("Record in CloudTrail");
  const runbook = links.get("Runbook");
  const words = shown(alert.rule.runbook ?? "");
  const recommendation = {
    ...(words === "" ? {} : { Text: fitText(words, MAX_RECOMMENDATION) }),
    ...(runbook === undefined ? {} : { Url: runbook }),
  };
  return {
    ...(page === undefined ? {} : { SourceUrl: page }),
    ...(words === "" ? {} : { Remediation: { Recommendation: recommendation } }),
  };
}

function action({ record, source, startTime, endTime }: Alert): Action {
  const { ip = "" } = source;
  const isDomain = !isIPv4(ip) && DOMAIN.test(ip);
  return {
    ActionType: "AWS_API_CALL",
    AwsApiCallAction: {
      Api: text(textAt(record, "eventName") ?? "", MAX_API),
      ServiceName: text(textAt(record, "eventSource") ?? "", MAX_API),
      ...(isIPv4(ip) ? { CallerType: "remoteIp", RemoteIpDetails: { IpAddressV4: ip } } : {}),
      ...(isDomain ? { CallerType: "domain", DomainDetails: { Domain: ip } } : {}),
      FirstSeen: plainTime(startTime),
      LastSeen: plainTime(endTime),
    },
  };
}

function shown(value: string): string {
  return showText(value, 4_000);
}

/** One line that is never blank, cut at a word. */
function text(value: string, limit: number): string {
  return fitText(shown(value), limit) || "(blank)";
}
