/**
 * Stand-ins for the destinations that are AWS services, in AWS's own protocols, as the SDK speaks them: SES v2 takes a
 * mail, an event bus an event, Security Hub a finding.
 */
import { randomUUID } from "node:crypto";
import { refusal } from "./local-server.ts";
import { json, objectIn, textIn } from "./stand-in.ts";
import type { Medium } from "./stand-in.ts";

const AWS_JSON = "application/x-amz-json-1.1";
/** SES takes mails of 40 MB; ours are far below. An event may have 1 MB, a finding 240 KB. */
const LIMIT = 4 * 1_048_576;
const MAX_FINDING_BYTES = 240_000;

/** SES v2. */
export const SES: Medium = {
  contentTypes: ["application/json"],
  limit: LIMIT,
  judge: ({ method, path, body }) => {
    if (method !== "POST" || path !== "/v2/email/outbound-emails")
      return { reply: refusal(404, "NotFoundException", "the local SES knows only SendEmail") };
    const mail = objectIn(body);
    const subject = textIn(mail, "Content", "Simple", "Subject", "Data");
    const raw = textIn(mail, "Content", "Raw", "Data");
    if (textIn(mail, "FromEmailAddress") === "" || (subject === "" && raw === ""))
      return { reply: refusal(400, "BadRequestException", "a sender and a subject are required") };
    const line = subject === "" ? subjectOf(raw) : subject;
    return { reply: json(200, { MessageId: randomUUID() }), took: { line, body: mail } };
  },
};

/** The subject in a mail that was sent whole. */
function subjectOf(base64: string): string {
  const text = Buffer.from(base64, "base64").toString("utf8");
  return /^Subject: (.*(?:\r?\n[ \t].*)*)/imu.exec(text)?.[1]?.replaceAll(/\s+/gu, " ") ?? "";
}

/** A bus of somebody's own. */
export const EVENT_BUS: Medium = {
  contentTypes: [AWS_JSON],
  limit: LIMIT,
  judge: ({ headers, body }) => {
    if (headers["x-amz-target"] !== "AWSEvents.PutEvents")
      return { reply: refusal(400, "UnknownOperationException", "this event bus knows only PutEvents") };
    const entry = objectIn(body)?.["Entries"];
    const [first] = Array.isArray(entry) ? (entry as unknown[]) : [];
    const detail = objectIn(textIn(first, "Detail"));
    if (detail === undefined) {
      const refused = { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
      return { reply: json(200, { FailedEntryCount: 1, Entries: [refused] }, AWS_JSON) };
    }
    const line = `${textIn(first, "DetailType")}: ${textIn(detail, "title")}`;
    const reply = json(200, { FailedEntryCount: 0, Entries: [{ EventId: randomUUID() }] }, AWS_JSON);
    return { reply, took: { line, body: first } };
  },
};

/** Security Hub of one account and Region. */
export function makeSecurityHubMedium(account: string, region: string): Medium {
  return {
    contentTypes: ["application/json"],
    limit: LIMIT,
    judge: ({ method, path, body }) => {
      if (method === "GET" && path === "/accounts") {
        const HubArn = `arn:aws:securityhub:${region}:${account}:hub/default`;
        return { reply: json(200, { HubArn, SubscribedAt: "2026-01-01T00:00:00.000Z" }) };
      }
      if (method !== "POST" || path !== "/findings/import")
        return { reply: refusal(404, "ResourceNotFoundException", "the local Security Hub takes findings") };
      const findings = objectIn(body)?.["Findings"];
      const [finding] = Array.isArray(findings) ? (findings as unknown[]) : [];
      const Id = textIn(finding, "Id");
      const missing = [
        "Id",
        "ProductArn",
        "AwsAccountId",
        "Title",
        "Description",
        "CreatedAt",
        "UpdatedAt",
      ].filter((name) => textIn(finding, name) === "");
      const isLong = Buffer.byteLength(JSON.stringify(finding ?? "")) > MAX_FINDING_BYTES;
      if (missing.length > 0 || isLong || textIn(finding, "AwsAccountId") !== account) {
        const ErrorMessage = `Finding does not adhere to Amazon Finding Format: ${missing.join(", ")}`;
        const refused = { Id, ErrorCode: "InvalidInput", ErrorMessage };
        return { reply: json(200, { FailedCount: 1, SuccessCount: 0, FailedFindings: [refused] }) };
      }
      return {
        reply: json(200, { FailedCount: 0, SuccessCount: 1, FailedFindings: [] }),
        took: { line: textIn(finding, "Title"), body: finding },
      };
    },
  };
}
