/**
 * Keeps the engine from feeding itself. A call that the detector makes (to publish an alert, to read a secret) can become
 * a CloudTrail record; were it delivered, the detector could alert on it, call again, and so on without end, above all
 * when the call is denied. So two things are left out of every pattern: all calls by its own role that fail, and of those
 * that succeed the few that the detector makes. Whatever else is done with the role is delivered as everybody else's:
 * then somebody else is using it. Its denied calls are counted by a metric under an alarm.
 */
import { acceptsText, cutByOutcome, exactValues, excludedTexts, isAbsence, replaceAtom } from "./domains.ts";
import type { Conjunct, Matcher } from "./selector.ts";

/** The services that the detector, or Lambda and SNS on its behalf, calls with its role. */
export const OWN_SOURCES: readonly string[] = [
  "cloudtrail",
  "dynamodb",
  "events",
  "kms",
  "logs",
  "scheduler",
  "secretsmanager",
  "securityhub",
  "ses",
  "sns",
  "sqs",
  "ssm",
].map((name) => `${name}.amazonaws.com`);

/**
 * What it calls there: whatever its role permits (`test/lib/permissions.test.ts`), and what KMS is asked on its behalf.
 * Not what Lambda's poller does with queues and the stream's records in its name: those are data events, and DeleteMessage
 * here would have a rule on `Delete*` miss whatever else somebody deletes with the role.
 */
export const OWN_CALLS: readonly string[] = [
  "Publish",
  "GetSecretValue",
  "SendMessage",
  "GetQueueAttributes",
  "Decrypt",
  "GenerateDataKey",
  "CreateLogStream",
  "PutLogEvents",
  "GetItem",
  "PutItem",
  "UpdateItem",
  "Query",
  "CreateSchedule",
  "GetParameter",
  "SendEmail",
  "PutEvents",
  "BatchImportFindings",
  "DescribeHub",
  "LookupEvents",
  "DescribeStream",
  "ListStreams",
];

/** Where CloudTrail names the role behind a session. */
export const OWN_ROLE_PATH = "userIdentity.sessionContext.sessionIssuer.userName";
/** Where it has the role's ARN: in records of several accounts a name alone is anybody's to give to a role. */
export const OWN_ROLE_ARN_PATH = "userIdentity.sessionContext.sessionIssuer.arn";
/** How the user agent of the detector's own calls, and of those made on its behalf, begins. */
const OWN_AGENTS: readonly string[] = [
  "aws-sdk-js/",
  "[aws-sdk-js/",
  "AWS Internal",
  "lambda.amazonaws.com",
  ...OWN_SOURCES,
];

/** Splits a conjunct so that it accepts no call of the detector's own, made with the role of this name, or of this ARN. */
export function excludeOwnCalls(conjunct: Conjunct, role: string): readonly Conjunct[] {
  if (isNeverDetector(conjunct)) return [conjunct];
  const byOthers = replaceAtom(conjunct, {
    path: role.startsWith("arn:") ? OWN_ROLE_ARN_PATH : OWN_ROLE_PATH,
    matchers: [{ "anything-but": [role] }, { exists: false }],
    lists: [],
  });
  const outcomes = cutByOutcome(conjunct);
  const succeeded = outcomes.succeeded === undefined ? [] : excludeOwnSuccesses(outcomes.succeeded, byOthers);
  if (outcomes.failed === undefined) return succeeded;
  return [...succeeded, byOthers];
}

/** What succeeds is only left out where the detector itself calls. */
function excludeOwnSuccesses(conjunct: Conjunct, byOthers: Conjunct): readonly Conjunct[] {
  if (leavesOutOwnSources(conjunct)) return [conjunct];
  const names = exactValues(conjunct, "eventName");
  if (names !== undefined) {
    const foreign = names.filter((name) => !OWN_CALLS.includes(name));
    const own = names.filter((name) => OWN_CALLS.includes(name));
    return [...withNames(conjunct, foreign), ...withNames(byOthers, own)];
  }
  const matchers = conjunct.find((atom) => atom.path === "eventName")?.matchers ?? [{ "anything-but": [] }];
  if (!OWN_CALLS.some((name) => acceptsText(matchers, name))) return [conjunct];
  const excluded = excludedTexts(matchers);
  if (excluded === undefined) return [byOthers];
  return [...withNames(conjunct, [{ "anything-but": [...new Set([...excluded, ...OWN_CALLS])] }]), byOthers];
}

function withNames(conjunct: Conjunct, matchers: readonly Matcher[]): readonly Conjunct[] {
  return matchers.length === 0 ? [] : [replaceAtom(conjunct, { path: "eventName", matchers, lists: [] })];
}

/** Whether the conjunct asks for something that no call of the detector's own has. */
function isNeverDetector(conjunct: Conjunct): boolean {
  const asksFor = (path: string, accepts: (value: string) => boolean): boolean => {
    const values = exactValues(conjunct, path);
    return values !== undefined && !values.some(accepts);
  };
  const agents = conjunct.find((atom) => atom.path === "userAgent")?.matchers;
  return (
    // The detector is in no VPC of the account's.
    conjunct.some((atom) => atom.path === "vpcEndpointId" && !atom.matchers.some(isAbsence)) ||
    asksFor("userIdentity.type", (type) => type === "AssumedRole") ||
    asksFor("eventType", (type) => type === "AwsApiCall") ||
    asksFor("sessionCredentialFromConsole", (flag) => flag !== "true") ||
    (agents?.every(isForeignAgent) ?? false)
  );
}

function isForeignAgent(matcher: Matcher): boolean {
  const prefix = typeof matcher === "object" ? matcher.prefix : matcher;
  if (typeof prefix !== "string") return false;
  return !OWN_AGENTS.some((agent) => prefix.startsWith(agent) || agent.startsWith(prefix));
}

function leavesOutOwnSources(conjunct: Conjunct): boolean {
  const sources = exactValues(conjunct, "eventSource");
  if (sources !== undefined) return sources.every((source) => !OWN_SOURCES.includes(source));
  const matchers = conjunct.find((atom) => atom.path === "eventSource")?.matchers ?? [];
  return matchers.length > 0 && !OWN_SOURCES.some((source) => acceptsText(matchers, source));
}
