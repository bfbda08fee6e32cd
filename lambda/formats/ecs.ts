/**
 * An alert as a document of the Elastic Common Schema 9 (FACTS § 7), for Elasticsearch, OpenSearch and whatever else
 * reads ECS. Field types are ECS's: a `source.ip` that is no address would make the index refuse the document, and a
 * keyword longer than 1,024 is not found by it, so the one is left out and the other cut.
 *
 *     toEcs(alert)   // { "@timestamp": "2026-11-20T10:15:30.000Z", event: { kind: "alert", category: ["configuration", "api"], … } }
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import { cutText } from "../record/cut-text.ts";
import { textAt } from "../record/untrusted.ts";
import { type AttackPoint, attackPoints, type Named } from "./attack.ts";
import { kindOfEvent, RISK } from "./ecs-event.ts";
import { actedUpon, ecsUser, relatedUsers } from "./ecs-user.ts";
import { plainAddress } from "./plain-address.ts";
import { plainTime } from "./plain-time.ts";
import { prune } from "./prune.ts";

const ECS_VERSION = "9.0.0";
/** ECS's `ignore_above` for every keyword. */
const MAX_KEYWORD = 1024;

/** The ECS 9 document of an alert. */
export function toEcs(alert: Alert): Record<string, unknown> {
  const { cloud, rule, source, record, links } = alert;
  const { ip, domain } = plainAddress(source.ip);
  const start = plainTime(alert.startTime);
  const document = bounded({
    "@timestamp": start,
    ecs: { version: ECS_VERSION },
    tags: rule.tags,
    event: {
      kind: "alert",
      ...kindOfEvent(alert),
      outcome: alert.outcome.result === "success" ? "success" : "failure",
      action: textAt(record, "eventName"),
      provider: textAt(record, "eventSource"),
      module: "aws",
      dataset: "aws.cloudtrail",
      id: alert.id,
      severity: RISK[alert.severity],
      risk_score: RISK[alert.severity],
      reason: alert.summary,
      start,
      end: plainTime(alert.endTime),
      reference: rule.references[0],
      url: links.case ?? links.record,
    },
    cloud: {
      provider: "aws",
      account: { id: cloud.accountId, name: cloud.accountName },
      region: cloud.region,
      service: { name: cloud.service },
    },
    user: ecsUser(alert),
    group: actedUpon(record).group,
    source: { address: source.ip, ip, domain },
    user_agent: { original: source.userAgent },
    rule: {
      id: rule.id,
      name: rule.name,
      description: rule.description,
      reference: rule.references[0],
      ruleset: rule.id.includes("/") ? rule.id.slice(0, rule.id.indexOf("/")) : undefined,
    },
    threat: threat(attackPoints(rule.attack)),
    related: {
      ip: ip === undefined ? undefined : [ip],
      user: relatedUsers(alert),
      hosts: domain === undefined ? undefined : [domain],
    },
    error: { code: alert.outcome.errorCode },
    labels: labels(alert),
  });
  const { errorMessage } = alert.outcome;
  return {
    ...document,
    message: `${alert.title}\n${alert.summary}`,
    ...(errorMessage === undefined
      ? {}
      : { error: { ...(document["error"] as object | undefined), message: errorMessage } }),
    event: { ...(document["event"] as object), original: safeJson(record) },
  };
}

function labels(alert: Alert): Record<string, string | undefined> {
  const { actor, channel, suppression, severity, disposition, status, count, notes } = alert;
  return {
    channel: channel.name,
    channel_confidence: channel.confidence,
    count: String(count),
    cross_account: actor.crossAccount === undefined ? undefined : String(actor.crossAccount),
    identity_center_user: actor.identityCenterUser,
    invoked_by: actor.invokedBy,
    mfa: actor.mfa === undefined ? undefined : String(actor.mfa),
    root: actor.root ? "true" : undefined,
    severity,
    status,
    disposition,
    suppression: suppression?.id,
    suppression_owner: suppression?.owner,
    suppression_expires: suppression?.expires,
    notes: notes?.join(" "),
  };
}

/** Lists of one kind of value each, side by side, as ECS has them; what a rule names twice stands there once. */
function threat(points: readonly AttackPoint[]): Record<string, unknown> | undefined {
  if (points.length === 0) return undefined;
  const subtechniques = points.flatMap(({ subtechnique }) =>
    subtechnique === undefined ? [] : [subtechnique],
  );
  return {
    framework: "MITRE ATT&CK",
    tactic: lists(points.flatMap(({ tactics }) => tactics)),
    technique: {
      ...lists(points.map(({ technique }) => technique)),
      subtechnique: lists(subtechniques),
    },
  };
}

function lists(all: readonly Named[]): Record<string, string[]> {
  const once = [...new Map(all.map((one) => [one.id, one])).values()];
  return {
    id: once.map(({ id }) => id),
    name: once.flatMap(({ name }) => name ?? []),
    reference: once.flatMap(({ url }) => url ?? []),
  };
}

/** Every text cut to what a keyword may be, and nothing in it that says nothing. */
function bounded(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return prune(cutTexts(document) as Record<string, unknown>);
}

function cutTexts(value: unknown): unknown {
  if (typeof value === "string") return cutText(value, MAX_KEYWORD);
  if (Array.isArray(value)) return value.map(cutTexts);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, cutTexts(child)]));
}
