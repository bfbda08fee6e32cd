/**
 * The alert document: one JSON shape for every destination. Types are inferred from this schema, and the schema is
 * published beside the rule schema. Everything below `record`, `source` and `actor` is hostile text; each destination
 * escapes it for its own medium.
 */
import { z } from "zod";
import { CHANNEL_NAMES } from "../record/channel-names.ts";

const optionalText = z.string().optional();

/** One alert. Times are ISO 8601 with milliseconds, UTC. */
export const alertSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe("First 32 hex digits of SHA-256(rule id + newline + eventID)."),
  status: z.enum(["open", "acknowledged", "closed"]),
  disposition: z.enum(["delivered", "suppressed", "staged", "deduplicated"]),
  severity: z.enum(["info", "low", "medium", "high", "critical"]),
  title: z.string(),
  summary: z.string(),
  startTime: z.string().describe("Time of the first record."),
  endTime: z.string().describe("Time of the last record."),
  count: z.int().positive().describe("How many records the alert stands for."),
  rule: z.strictObject({
    id: z.string(),
    name: z.string(),
    description: optionalText,
    attack: z.array(z.string()),
    tags: z.array(z.string()),
    references: z.array(z.string()),
    falsePositives: optionalText,
    runbook: optionalText,
    lacework: z
      .strictObject({ alertType: z.string() })
      .optional()
      .describe("What the rule is called where alerts are told as Lacework's."),
  }),
  suppression: z
    .strictObject({ id: z.string(), reason: z.string(), owner: z.string(), expires: z.string() })
    .optional()
    .describe("Why nobody was told, of an alert whose disposition is suppressed."),
  actor: z.strictObject({
    type: z.string().describe("userIdentity.type, or Unknown."),
    name: z.string().describe("The person or machine: user name, role with session name, service."),
    arn: optionalText.describe(
      "ARN of the user or of the role behind the session, never a bare session ARN.",
    ),
    accountId: optionalText,
    principalId: optionalText,
    role: optionalText.describe("Name of the assumed role."),
    session: optionalText.describe("Role session name: chosen by the caller, often the person's name."),
    sessionIssuer: optionalText.describe("ARN of the role or user that the session's credentials come from."),
    sourceIdentity: optionalText.describe(
      "Who assumed the role, as set when the first role was assumed; it stays the same through further roles.",
    ),
    identityCenterUser: optionalText.describe("User of IAM Identity Center: the name, or else the id."),
    identityCenterUserId: optionalText.describe("The user's id in the identity store."),
    identityStoreArn: optionalText,
    accessKeyId: optionalText,
    invokedBy: optionalText.describe("The AWS service that called on the actor's behalf."),
    mfa: z.boolean().optional().describe("True or false when CloudTrail tells, absent when it does not."),
    crossAccount: z
      .boolean()
      .optional()
      .describe("Whether the actor belongs to another account than the record; absent when nothing tells."),
    root: z.boolean().describe("Whether it is the root user, or a root session for a task."),
  }),
  channel: z.strictObject({
    name: z.enum(CHANNEL_NAMES),
    confidence: z.enum(["low", "medium", "high"]),
    reasons: z.array(z.string()),
  }),
  source: z.strictObject({ ip: optionalText, userAgent: optionalText }),
  cloud: z.strictObject({
    accountId: optionalText,
    accountName: optionalText.describe("What the configuration calls the account; in messages only."),
    region: optionalText,
    service: z.string(),
  }),
  outcome: z.strictObject({
    result: z.enum(["success", "denied", "failed"]),
    errorCode: optionalText,
    errorMessage: optionalText,
  }),
  resources: z.array(z.strictObject({ type: optionalText, arn: z.string(), accountId: optionalText })),
  record: z.record(z.string(), z.unknown()).describe("The CloudTrail record."),
  links: z.strictObject({
    record: optionalText.describe("The record in the CloudTrail console."),
    case: optionalText.describe("The case on your own page, in messages and where caseUrl is configured."),
  }),
  late: z
    .strictObject({ byMinutes: z.int().nonnegative() })
    .optional()
    .describe(
      "EventBridge never brought the record: the trail's log file did, so many minutes after the record's time.",
    ),
  annotation: optionalText.describe(
    "What the rule's jq expression says of the record, a line a result: hostile text, cut.",
  ),
  notes: z
    .array(z.string())
    .optional()
    .describe("What the engine had to cut or could not do for this alert."),
});

export type Alert = z.infer<typeof alertSchema>;
