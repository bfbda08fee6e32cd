/**
 * An alert as a document of the Elastic Common Schema 9 (FACTS § 7), for Elasticsearch, OpenSearch and whatever else
 * reads ECS. Field types are ECS's: an `source.ip` that is no address would make the index refuse the document, so a
 * service name there goes to `source.address` only.
 */
import { isIP } from "node:net";
import type { Alert } from "./alert-schema.ts";
import { textAt, valueAt } from "../record/untrusted.ts";
import { safeJson } from "./safe-json.ts";

/** ECS has a number for severity; these are Elastic's own for its detection rules. */
const RISK: Readonly<Record<Alert["severity"], number>> = {
  info: 1,
  low: 21,
  medium: 47,
  high: 73,
  critical: 99,
};
const SIGN_INS: ReadonlySet<string> = new Set(["signin.amazonaws.com", "sso.amazonaws.com"]);
const IDENTITY_SERVICES: ReadonlySet<string> = new Set([
  "iam.amazonaws.com",
  "identitystore.amazonaws.com",
  "sts.amazonaws.com",
]);

/** The ECS 9 document of an alert. */
export function toEcs(alert: Alert): Record<string, unknown> {
  const { actor, cloud, rule, source } = alert;
  const eventSource = textAt(alert.record, "eventSource") ?? "";
  const eventName = textAt(alert.record, "eventName") ?? "";
  const ip = source.ip !== undefined && isIP(source.ip) !== 0 ? source.ip : undefined;
  const document = {
    "@timestamp": alert.startTime,
    ecs: { version: "9.0.0" },
    message: `${alert.title}\n${alert.summary}`,
    tags: rule.tags,
    event: {
      kind: "alert",
      category: categories(eventSource),
      type: types(alert, eventName),
      outcome: alert.outcome.result === "success" ? "success" : "failure",
      action: eventName,
      provider: eventSource,
      module: "aws",
      dataset: "aws.cloudtrail",
      id: alert.id,
      severity: RISK[alert.severity],
      risk_score: RISK[alert.severity],
      reason: alert.summary,
      start: alert.startTime,
      end: alert.endTime,
      reference: rule.references[0],
      url: alert.links.record,
      original: safeJson(alert.record),
    },
    cloud: {
      provider: "aws",
      account: { id: cloud.accountId },
      region: cloud.region,
      service: { name: cloud.service },
    },
    user: {
      id: actor.principalId ?? actor.arn,
      name: actor.name,
      domain: actor.accountId,
      roles: actor.role && [actor.role],
      // Whose rights the session has.
      effective: { id: actor.sessionIssuer, name: actor.role },
    },
    source: { address: source.ip, ip },
    user_agent: { original: source.userAgent },
    rule: {
      id: rule.id,
      name: rule.name,
      description: rule.description,
      reference: rule.references[0],
      ruleset: rule.id.includes("/") ? rule.id.slice(0, rule.id.indexOf("/")) : undefined,
    },
    threat:
      rule.attack.length === 0
        ? undefined
        : { framework: "MITRE ATT&CK", technique: rule.attack.map(technique) },
    related: { ip: ip && [ip], user: relatedUsers(actor) },
    error: { code: alert.outcome.errorCode, message: alert.outcome.errorMessage },
    labels: {
      channel: alert.channel.name,
      channel_confidence: alert.channel.confidence,
      cross_account: actor.crossAccount === undefined ? undefined : String(actor.crossAccount),
      identity_center_user: actor.identityCenterUser,
      invoked_by: actor.invokedBy,
      mfa: actor.mfa === undefined ? undefined : String(actor.mfa),
      root: actor.root ? "true" : undefined,
      severity: alert.severity,
      disposition: alert.disposition,
      suppression: alert.suppression?.id,
      suppression_owner: alert.suppression?.owner,
      suppression_expires: alert.suppression?.expires,
    },
  };
  return prune(document);
}

/** All names under which the person may be searched for, each once. */
function relatedUsers(actor: Alert["actor"]): string[] {
  const { name, arn, session, sourceIdentity, identityCenterUser, identityCenterUserId } = actor;
  const names = [name, arn, session, sourceIdentity, identityCenterUser, identityCenterUserId];
  return [...new Set(names.filter((one) => one !== undefined))];
}

function categories(eventSource: string): string[] {
  if (SIGN_INS.has(eventSource)) return ["authentication"];
  return [IDENTITY_SERVICES.has(eventSource) ? "iam" : "configuration", "api"];
}

function types(alert: Alert, eventName: string): string[] {
  const main =
    valueAt(alert.record, "readOnly") === true
      ? "access"
      : /^(?:Create|Run|Put|Add|Allocate|Import|Register)/.test(eventName)
        ? "creation"
        : /^(?:Delete|Remove|Terminate|Release|Deregister)/.test(eventName)
          ? "deletion"
          : "change";
  return alert.outcome.result === "denied" ? [main, "denied"] : [main];
}

function technique(id: string): Record<string, unknown> {
  const parent = id.split(".", 1)[0];
  return parent === id ? { id } : { id: parent, subtechnique: [{ id }] };
}

/** ECS documents have no empty objects or undefined fields. */
function prune(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(document)) {
    if (value === undefined || value === "") continue;
    const isPlain = typeof value === "object" && value !== null && !Array.isArray(value);
    const pruned = isPlain ? prune(value as Record<string, unknown>) : value;
    if (isPlain && Object.keys(pruned as object).length === 0) continue;
    kept.push([key, pruned]);
  }
  return Object.fromEntries(kept);
}
