/**
 * What a match becomes: one JSON document for every destination. Pure and deterministic: the same rule and record
 * make the same alert, byte for byte, however often and by whatever path the record arrives, so that a second delivery
 * is recognised by its id.
 *
 *     makeAlert(match, record).id     // sha256("ec2.amazonaws.com/security-group-opened\n" + eventID), 32 hex digits
 *     makeAlert(match, record).title   // "ec2.amazonaws.com: Security group opened to the internet"
 */
import { hash } from "node:crypto";
import type { Match } from "../engine/engine.ts";
import type { Rule, Suppression } from "../engine/rule.ts";
import { deriveActor } from "../record/actor.ts";
import { deriveChannel } from "../record/channel.ts";
import { cutText } from "../record/cut-text.ts";
import { deriveOutcome } from "../record/outcome.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import { isObject, textAt, valueAt } from "../record/untrusted.ts";
import type { Alert } from "./alert-schema.ts";
import { boundRecord, MAX_DEPTH } from "./bound-record.ts";
import { canonicalJson } from "./canonical-json.ts";
import { recordLink } from "./links.ts";
import { showText } from "./show-text.ts";
import { makeSummary } from "./summary.ts";
import { readTime } from "./times.ts";

const MAX_TEXT = 1024;
const MAX_RESOURCES = 100;
const MAX_TITLE = 300;
const MAX_ANNOTATION = 4_000;

/** Makes the alert of a match; never throws, whatever the record holds. */
export function makeAlert(
  { rule, disposition, suppression, annotation, notes: known }: Match,
  record: CloudTrailRecord,
): Alert {
  const notes: string[] = [...known];
  const bounded = boundRecord(record);
  if (bounded.cuts > 0) {
    notes.push(
      `The record is nested deeper than ${MAX_DEPTH} levels: ${bounded.cuts} deeper values were cut off.`,
    );
  }
  const safe = bounded.record as CloudTrailRecord;
  const startTime = alertTime(safe, notes);
  const derived = {
    actor: deriveActor(safe),
    channel: deriveChannel(safe),
    outcome: deriveOutcome(safe),
    cloud: deriveCloud(safe),
  };
  const alert: Alert = {
    id: alertId(rule, safe, notes),
    status: "open",
    disposition,
    severity: rule.severity,
    title: showText(`${rule.eventSource ?? showText(safe.eventSource, 100)}: ${rule.name}`, MAX_TITLE),
    summary: makeSummary(rule.summary, safe, derived),
    startTime,
    endTime: startTime,
    count: 1,
    rule: aboutRule(rule),
    ...(suppression === undefined ? {} : { suppression: aboutSuppression(suppression) }),
    actor: derived.actor,
    channel: derived.channel,
    source: withoutGaps({ ip: shortText(safe, "sourceIPAddress"), userAgent: shortText(safe, "userAgent") }),
    cloud: derived.cloud,
    outcome: derived.outcome,
    resources: deriveResources(safe, notes),
    record: safe,
    links: withoutGaps({ record: recordLink(safe) }),
    ...(annotation === undefined ? {} : { annotation: cutText(annotation, MAX_ANNOTATION) }),
  };
  return notes.length === 0 ? alert : { ...alert, notes };
}

function alertId(rule: Rule, record: CloudTrailRecord, notes: string[]): string {
  const eventId = textAt(record, "eventID");
  if (eventId === undefined) {
    notes.push("The record has no eventID: the alert's id is made from the record's content instead.");
  }
  return hash("sha256", `${rule.id}\n${eventId ?? canonicalJson(record)}`).slice(0, 32);
}

function alertTime(record: CloudTrailRecord, notes: string[]): string {
  const time = readTime(valueAt(record, "eventTime"));
  if (time !== undefined) return time;
  notes.push("The record's eventTime is missing or no time: 1970-01-01 stands in its place.");
  return "1970-01-01T00:00:00.000Z";
}

function aboutRule(rule: Rule): Alert["rule"] {
  const { id, name, description, falsePositives, attack, tags, references, runbook, lacework } = rule;
  return {
    ...withoutGaps({ id, name, description, falsePositives, runbook, lacework }),
    attack: [...(attack ?? [])],
    tags: [...(tags ?? [])],
    references: [...(references ?? [])],
  };
}

function aboutSuppression({ id, reason, owner, expires }: Suppression): NonNullable<Alert["suppression"]> {
  return { id, reason, owner, expires };
}

function deriveCloud(record: CloudTrailRecord): Alert["cloud"] {
  return withoutGaps({
    accountId: shortText(record, "recipientAccountId") ?? shortText(record, "userIdentity", "accountId"),
    region: shortText(record, "awsRegion"),
    service: cutText(record.eventSource.replace(/\.amazonaws\.com$/, ""), MAX_TEXT),
  });
}

/** CloudTrail names what was touched in `resources`; S3 gives some as an `ARNPrefix`. */
function deriveResources(record: CloudTrailRecord, notes: string[]): Alert["resources"] {
  const listed = valueAt(record, "resources");
  if (!Array.isArray(listed)) return [];
  const resources: Alert["resources"] = [];
  for (const listing of listed as readonly unknown[]) {
    const arn = shortText(listing, "ARN") ?? shortText(listing, "arn") ?? shortText(listing, "ARNPrefix");
    if (!isObject(listing) || arn === undefined) continue;
    if (resources.length === MAX_RESOURCES) {
      notes.push(
        `The record names ${listed.length} resources: the first ${MAX_RESOURCES} are listed, the record has all.`,
      );
      break;
    }
    resources.push(
      withoutGaps({ type: shortText(listing, "type"), arn, accountId: shortText(listing, "accountId") }),
    );
  }
  return resources;
}

function shortText(root: unknown, ...keys: readonly string[]): string | undefined {
  const text = textAt(root, ...keys);
  return text === undefined ? undefined : cutText(text, MAX_TEXT);
}

type WithoutGaps<T> = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

/** The schema knows absent fields, not undefined ones. */
function withoutGaps<T extends Record<string, unknown>>(fields: T): WithoutGaps<T> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept[key] = value;
  return kept as WithoutGaps<T>;
}
