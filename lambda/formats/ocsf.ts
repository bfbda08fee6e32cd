/**
 * An alert as a Detection Finding of the Open Cybersecurity Schema Framework (class 2004, FACTS § 7). The version is 1.6.0,
 * which is what AWS Security Hub writes; every attribute here is in it and none has been taken out since. An attribute
 * that ends in `_id` has a sibling in words, which must be the id's caption. What OCSF has no place for is under `unmapped`.
 *
 *     toOcsf({ alert, kind: "first" })   // { class_uid: 2004, activity_id: 1, type_uid: 200401, severity_id: 4, … }
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import type { Notice } from "../destinations/destination.ts";
import { newsFields } from "../destinations/notice-news.ts";
import { textAt } from "../record/untrusted.ts";
import { findingTypes } from "./asff-types.ts";
import { ATTACK_VERSION, attackPoints, type Named } from "./attack.ts";
import { accountOf, evidenceOf, resourcesOf } from "./ocsf-evidence.ts";
import { plainMilliseconds } from "./plain-time.ts";
import { prune } from "./prune.ts";

const OCSF_VERSION = "1.6.0";
const CLASS = 2004;
const PRODUCT = "CloudTrail Engine";

const SEVERITIES = {
  info: { severity_id: 1, severity: "Informational" },
  low: { severity_id: 2, severity: "Low" },
  medium: { severity_id: 3, severity: "Medium" },
  high: { severity_id: 4, severity: "High" },
  critical: { severity_id: 5, severity: "Critical" },
} as const;

const ACTIVITIES = { 1: "Create", 2: "Update", 3: "Close" } as const;

/** The Detection Finding of a notice. */
export function toOcsf(notice: Notice): Record<string, unknown> {
  const { alert } = notice;
  const { rule, cloud, links, record } = alert;
  const activity = activityOf(notice);
  const first = plainMilliseconds(alert.startTime);
  const last = plainMilliseconds(alert.endTime);
  const evidence = prune(evidenceOf(alert));
  return prune({
    activity_id: activity,
    activity_name: ACTIVITIES[activity],
    category_uid: 2,
    category_name: "Findings",
    class_uid: CLASS,
    class_name: "Detection Finding",
    type_uid: CLASS * 100 + activity,
    type_name: `Detection Finding: ${ACTIVITIES[activity]}`,
    ...SEVERITIES[alert.severity],
    ...statusOf(alert),
    is_alert: alert.disposition === "delivered" && activity !== 3,
    time: first,
    start_time: first,
    end_time: last,
    count: alert.count,
    message: alert.summary,
    metadata: {
      version: OCSF_VERSION,
      product: { name: PRODUCT, vendor_name: PRODUCT },
      profiles: ["cloud"],
      event_code: rule.id,
      log_name: "AWS CloudTrail",
      log_provider: textAt(record, "eventSource"),
      original_time: textAt(record, "eventTime"),
      labels: rule.tags,
    },
    finding_info: {
      uid: alert.id,
      title: alert.title,
      desc: rule.description ?? alert.summary,
      types: findingTypes(rule.attack),
      analytic: { uid: rule.id, name: rule.name, desc: rule.description, type_id: 1, type: "Rule" },
      attacks: attacks(rule.attack),
      created_time: first,
      first_seen_time: first,
      last_seen_time: last,
      related_events_count: alert.count,
      data_sources: ["AWS CloudTrail"],
      src_url: links.case ?? links.record,
    },
    evidences: [evidence],
    resources: resourcesOf(alert),
    cloud: { provider: "AWS", region: cloud.region, account: accountOf(cloud.accountId, cloud.accountName) },
    remediation: rule.runbook === undefined ? undefined : { desc: rule.runbook, references: rule.references },
    observables: observables(evidence),
    raw_data: safeJson(record),
    unmapped: unmapped(notice),
  });
}

/** A finding is created once; whatever is told of it later changes it, and a closed one is closed. */
function activityOf({ alert, kind }: Notice): 1 | 2 | 3 {
  if (alert.status === "closed") return 3;
  return kind === "first" && alert.status === "open" ? 1 : 2;
}

function statusOf({ status, disposition }: Alert): { readonly status_id: number; readonly status: string } {
  if (status === "closed") return { status_id: 4, status: "Resolved" };
  if (disposition === "suppressed") return { status_id: 3, status: "Suppressed" };
  return status === "open" ? { status_id: 1, status: "New" } : { status_id: 2, status: "In Progress" };
}

/** One entry a technique and tactic: OCSF took the list of tactics out of it. */
function attacks(ids: readonly string[]): Record<string, unknown>[] {
  return attackPoints(ids).flatMap(({ tactics, technique, subtechnique }) => {
    const what = {
      version: ATTACK_VERSION,
      technique: entity(technique),
      ...(subtechnique === undefined ? {} : { sub_technique: entity(subtechnique) }),
    };
    return tactics.length === 0 ? [what] : tactics.map((tactic) => ({ tactic: entity(tactic), ...what }));
  });
}

function entity({ id, name, url }: Named): Record<string, string> {
  return { uid: id, ...(name === undefined ? {} : { name }), ...(url === undefined ? {} : { src_url: url }) };
}

/** What analysts pivot on, by the path at which it stands. */
function observables(evidence: Readonly<Record<string, unknown>>): Record<string, unknown>[] {
  const ip = textAt(evidence, "src_endpoint", "ip");
  const user = textAt(evidence, "actor", "user", "name");
  return [
    ...(ip === undefined
      ? []
      : [{ name: "evidences[0].src_endpoint.ip", type_id: 2, type: "IP Address", value: ip }]),
    ...(user === undefined
      ? []
      : [{ name: "evidences[0].actor.user.name", type_id: 4, type: "User Name", value: user }]),
  ];
}

function unmapped(notice: Notice): Record<string, unknown> {
  const { alert } = notice;
  const { rule, actor, source, outcome } = alert;
  return {
    disposition: alert.disposition,
    suppression: alert.suppression,
    channel: alert.channel,
    outcome: outcome.result,
    source_address: source.ip,
    cross_account: actor.crossAccount,
    root: actor.root,
    source_identity: actor.sourceIdentity,
    identity_center_user: actor.identityCenterUser,
    false_positives: rule.falsePositives,
    references: rule.references,
    notes: alert.notes,
    ...newsFields(notice),
  };
}
