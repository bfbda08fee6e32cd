/**
 * A case: an alert and all that is known about it. The alert itself is as it was made; a case adds what people did about
 * it, where it was told, and six scopes that answer what somebody would otherwise spend an hour on. Types are inferred
 * from these schemas; the API's OpenAPI document and the page are made of them too. Texts from records are hostile.
 */
import { z } from "zod";
import { alertSchema } from "../alerts/alert-schema.ts";
import { CHANNEL_NAMES } from "../record/channel-names.ts";

const optionalText = z.string().optional();
const time = z.string().describe("ISO 8601 with milliseconds, UTC.");

/** The scopes of a case, as they stand in addresses. */
export const SCOPES = [
  "details",
  "investigation",
  "events",
  "related-alerts",
  "integrations",
  "timeline",
] as const;
export type ScopeName = (typeof SCOPES)[number];

/** Why a case was closed. */
export const CLOSE_REASONS = [
  "other",
  "false-positive",
  "not-enough-information",
  "malicious-resolved",
  "expected-testing",
  "expected",
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

export const statusSchema = alertSchema.shape.status;
export type Status = z.infer<typeof statusSchema>;

/** One thing that a person did to a case. */
export const historyEntrySchema = z.strictObject({
  id: z.string().describe("Sorts by time; unique within the case."),
  at: time,
  by: z.string().describe("Who: the key's name, or the person on this machine."),
  from: statusSchema.optional().describe("The status before, where it changed."),
  to: statusSchema
    .optional()
    .describe("The status after, where it changed. From closed to open is a reopening."),
  reason: z.enum(CLOSE_REASONS).optional(),
  comment: optionalText,
});
export type HistoryEntry = z.infer<typeof historyEntrySchema>;

/** What lists show of a case. */
export const caseRowSchema = z.strictObject({
  id: alertSchema.shape.id,
  number: z
    .int()
    .positive()
    .optional()
    .describe("Counted up in the order of publication; absent until given."),
  status: statusSchema,
  disposition: alertSchema.shape.disposition,
  severity: alertSchema.shape.severity,
  title: z.string(),
  summary: z.string(),
  startTime: time,
  endTime: time,
  count: z.int().positive(),
  ruleId: z.string(),
  ruleName: z.string(),
  alertType: optionalText.describe("The rule's own lacework.alertType, where it has one."),
  actor: z.strictObject({ key: z.string(), name: z.string(), type: z.string(), arn: optionalText }),
  session: optionalText,
  channel: z.enum(CHANNEL_NAMES),
  ip: optionalText,
  accountId: optionalText,
  region: optionalText,
  service: z.string(),
  eventName: z.string(),
  resources: z.array(z.string()).describe("ARNs, at most ten."),
  createdAt: time.describe("When the alert was stored."),
  repeatOf: optionalText.describe("Of a deduplicated one: the id of the alert that it repeats."),
  changedAt: time.optional().describe("When a person last changed or commented on it."),
});
export type CaseRow = z.infer<typeof caseRowSchema>;

/** One way that the alert was sent: a destination and what came of it. */
const integrationSchema = z.strictObject({
  destination: z.string(),
  type: optionalText.describe("Its kind, where the configuration still knows it."),
  part: z.enum(["first", "summary"]).describe("The first notice, or the summary of its window."),
  outcome: z.enum(["pending", "queued", "delivered", "dead"]),
  attempts: z.int().nonnegative(),
  firstAttempt: time,
  /** Absent in items that were stored before it was kept. */
  lastAttempt: time.optional(),
  nextAttempt: time.optional().describe("Of a queued one: not before this."),
  reason: optionalText.describe("Why the last attempt failed."),
});
export type Integration = z.infer<typeof integrationSchema>;

/** Where an answer comes from. */
const evidenceSchema = z.strictObject({
  what: z.string().describe("One sentence: what was seen."),
  source: z.enum(["record", "alerts", "profile", "cloudtrail", "configuration"]),
  time: time.optional(),
  alertId: optionalText,
  eventID: optionalText,
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** One answered question. */
export const answerSchema = z.strictObject({
  id: z.string().describe("Short and stable, e.g. new-user."),
  question: z.string(),
  answer: z.enum(["yes", "no", "unknown"]),
  because: z.string().describe("One sentence for people: why it is answered so, or why it cannot be."),
  evidence: z.array(evidenceSchema),
  /** How much somebody who was just woken wants to read it: messages show the two or three highest. */
  weight: z.int().min(0).max(100),
});
export type Answer = z.infer<typeof answerSchema>;

/** A record behind the alert. */
const caseEventSchema = z.strictObject({
  alertId: z.string().describe("The alert that the record would be on its own."),
  time,
  record: alertSchema.shape.record,
});

/** Another alert that may belong to the same story. */
const relatedAlertSchema = z.strictObject({
  rank: z.int().positive().describe("1 is the nearest."),
  why: z.array(z.string()).describe('What they share: "same session", "same resource arn:…".'),
  alert: caseRowSchema,
});

/** One thing in the order of time. */
const timelineEntrySchema = z.strictObject({
  id: z.string(),
  at: time,
  kind: z.enum(["this-alert", "alert", "delivery", "status", "comment"]),
  text: z.string().describe("One sentence for people."),
  by: optionalText,
  alertId: optionalText.describe("Of another alert of the actor."),
  severity: alertSchema.shape.severity.optional(),
});
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

/** What each scope holds once it is ready. `conditions` is the explained tree of lambda/explain. */
export const scopeValueSchemas = {
  details: z.strictObject({
    alert: alertSchema,
    record: z.record(z.string(), z.unknown()).describe("The record flattened to dotted keys."),
    rule: z
      .strictObject({
        id: z.string(),
        conditions: z.unknown().describe("The condition tree, each with its verdict and what it saw."),
        matchedKeys: z.array(z.string()).describe("Keys of the flattened record that conditions rested on."),
      })
      .optional()
      .describe(
        "The rule as it was when the alert was made; absent when it is not in the rule set any more.",
      ),
    eventRules: z
      .array(z.strictObject({ name: z.string(), state: z.string(), eventPattern: z.unknown() }))
      .describe("The EventBridge rules that let the record through."),
  }),
  investigation: z.strictObject({ answers: z.array(answerSchema) }),
  events: z.strictObject({
    events: z.array(caseEventSchema),
    total: z
      .int()
      .positive()
      .describe("How many records the alert stands for; more than are listed where it is many."),
  }),
  "related-alerts": z.strictObject({
    alerts: z.array(relatedAlertSchema),
    considered: z.int().nonnegative().describe("How many alerts of the day before and after were looked at."),
    all: z.boolean().describe("Whether those were all."),
  }),
  integrations: z.strictObject({ integrations: z.array(integrationSchema) }),
  timeline: z.strictObject({ entries: z.array(timelineEntrySchema), all: z.boolean() }),
} as const satisfies Record<ScopeName, z.ZodType>;

export type ScopeValue<S extends ScopeName> = z.infer<(typeof scopeValueSchemas)[S]>;

/** A scope: ready, not yet there, or not to be had, and then why. */
export type Scope<S extends ScopeName = ScopeName> =
  | {
      readonly scope: S;
      readonly state: "ready";
      readonly computedAt: string;
      readonly value: ScopeValue<S>;
      /** What is missing in it, and why. */
      readonly notes: readonly string[];
    }
  | { readonly scope: S; readonly state: "pending" | "unavailable"; readonly why: string };

/** A case as it is read by id; the alert has the status of now, and the count and the end of its window. */
export const caseSchema = z.strictObject({
  row: caseRowSchema,
  alert: alertSchema,
  history: z.array(historyEntrySchema).describe("The last thousand, oldest first."),
  integrations: z.array(integrationSchema),
});
export type Case = z.infer<typeof caseSchema>;
