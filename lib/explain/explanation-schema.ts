/**
 * What `explain --format json` prints: one record and one rule, from the event bus to the alert. Other programs read it,
 * so the type is inferred from the schema and the schema is published in `docs/schemas/`.
 */
import { z } from "zod";
import { explainedConditionSchema } from "../../lambda/explain/condition-schema.ts";

const eventRuleSchema = z.strictObject({
  name: z.string().describe("The EventBridge rule's name, without the stack's prefix."),
  state: z.enum(["ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"]),
});

const missSchema = z.strictObject({
  field: z.string().describe("The field of the EventBridge event, e.g. detail.eventName."),
  wanted: z.array(z.unknown()).describe("What the event pattern wants there, as the pattern has it."),
  saw: z.array(z.unknown()).describe("The first values of the event there; none when the field is missing."),
  inOtherElement: z
    .boolean()
    .describe("The value alone would do, but those of the other fields are in another element of the list."),
});

const deliverySchema = z.strictObject({
  delivered: z.boolean().describe("Whether EventBridge would deliver the record to the engine."),
  by: z.array(eventRuleSchema).describe("The EventBridge rules that deliver it."),
  serving: z
    .array(eventRuleSchema)
    .describe("The EventBridge rules that deliver records of this rule, the nearest first."),
  ownSelector: z
    .boolean()
    .describe("Whether the event pattern derived from this rule alone matches the record."),
  readHeldBack: z
    .boolean()
    .describe("Whether the pattern matches, but the rule's state keeps read-only management calls away."),
  misses: z
    .array(missSchema)
    .describe("Where the pattern of this rule alone does not match: the fields that stop the record."),
  madeEnvelope: z
    .boolean()
    .describe(
      "Whether the record came bare, so that the envelope is the one that EventBridge would have made.",
    ),
});

const suppressionSchema = z.strictObject({
  id: z.string(),
  reason: z.string(),
  owner: z.string(),
  expires: z.string(),
});

/** The document that `explain --format json` prints. */
export const explanationSchema = z.strictObject({
  rule: z.strictObject({
    id: z.string(),
    name: z.string(),
    severity: z.string(),
    staged: z.boolean(),
    eventSource: z.string().nullable().describe("The only eventSource it is tried on; null for every one."),
  }),
  record: z.strictObject({
    place: z.string().describe("Where it was found: file:line:column."),
    eventID: z.string().optional(),
    eventTime: z.string().optional(),
    eventSource: z.string(),
    eventName: z.string(),
    awsRegion: z.string().optional(),
    accountId: z.string().optional(),
    actor: z.string().describe("Who made the call."),
    sourceIPAddress: z.string().optional(),
    channel: z.strictObject({
      name: z.string(),
      confidence: z.string(),
      reasons: z.array(z.string()),
    }),
    outcome: z.string(),
  }),
  delivery: deliverySchema,
  jq: z
    .strictObject({
      expression: z.string(),
      matches: z.boolean().describe("Whether a result is anything but null or false."),
      annotations: z.array(z.string()).describe("Its results that are neither true nor the record."),
      error: z
        .string()
        .optional()
        .describe("jq's error on this record: no match, unless a result came before."),
      failed: z.string().optional().describe("Why jq could not judge it: too slow, out of memory."),
    })
    .optional()
    .describe("What the rule's jq expression says of the record; the conditions must hold beside it."),
  conditions: explainedConditionSchema.describe("The rule's conditions as they were written, with verdicts."),
  verdict: z.strictObject({
    alerts: z.boolean().describe("Whether, deployed, somebody would be told."),
    matches: z.boolean().describe("Whether the rule is tried on the record and its conditions hold."),
    tried: z.boolean().describe("Whether the record is of the eventSource that the rule is for."),
    disposition: z
      .enum(["delivered", "suppressed", "staged"])
      .optional()
      .describe("Of a match: what becomes of its alert."),
    suppression: suppressionSchema.optional().describe("The suppression that holds."),
    notes: z
      .array(z.string())
      .describe("What went wrong on the way, e.g. a suppression that cannot be evaluated."),
  }),
});

/** Why a rule alerts on a record, or does not. */
export type Explanation = z.infer<typeof explanationSchema>;
/** The part of it that EventBridge decides. */
export type ExplainedDelivery = Explanation["delivery"];
