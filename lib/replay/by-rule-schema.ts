/**
 * What `replay --by rule --format json` prints. Other programs read it, so its shape is published as a JSON Schema
 * and the types are inferred from it.
 */
import { z } from "zod";
import { SEVERITIES } from "../../lambda/engine/rule.ts";
import { timeSpanSchema } from "./time-span.ts";

const count = z.int().nonnegative();

/** What can become of an alert in a replay. */
export const dispositionSchema = z.enum(["delivered", "suppressed", "staged"]);

/** Names with their counts, the most frequent first, and what the names that are not listed come to. */
const topSchema = z.strictObject({
  top: z.array(z.strictObject({ name: z.string(), count: z.int().positive() })),
  others: z.strictObject({
    count: count.describe("Alerts of the names that are not listed."),
    names: count
      .nullable()
      .describe(
        "How many names are not listed; null: too many to tell apart, counts of listed names are then minima.",
      ),
  }),
});

const rowSchema = z.strictObject({
  rule: z.string().describe("Id of the rule."),
  name: z.string(),
  severity: z.enum(SEVERITIES),
  count: count.describe("Alerts whose disposition is counted."),
  perDay: z
    .number()
    .nonnegative()
    .nullable()
    .describe("count a day; null: the records go over too short a time."),
  days: count.describe("Days (UTC) with a counted alert, at most 1,000 are told apart."),
  delivered: count.describe("Alerts that would have been sent."),
  suppressed: count.describe("Alerts that a suppression would have kept back."),
  staged: count.describe("Alerts of a staged rule, which go nowhere."),
  actors: topSchema.describe("actor.name of the counted alerts: of a session, role and person."),
  channels: topSchema.describe("channel.name of the counted alerts."),
});

/** The whole document. */
export const byRuleSchema = z.strictObject({
  counted: z
    .array(dispositionSchema)
    .describe("The dispositions that count: delivered, and those of --include."),
  patterns: z.boolean().describe("Whether the event patterns were applied (not with --all)."),
  records: z.strictObject({
    read: count,
    delivered: count.describe("Records that an event pattern lets through."),
    withoutTime: count.describe("Records whose eventTime cannot be read."),
    unreadable: count.describe("Pieces of the input that could not be read."),
    failed: count.describe("How often a rule or suppression could not be evaluated."),
  }),
  span: timeSpanSchema.nullable().describe("The time that the records go over; null: none has a time."),
  count: count.describe("All counted alerts."),
  perDay: z.number().nonnegative().nullable(),
  rules: z.array(rowSchema).describe("Rules that fired, the noisiest first."),
  quiet: z.array(z.string()).describe("Ids of the rules that never fired, whatever the disposition."),
});

export type ByRuleReport = z.infer<typeof byRuleSchema>;
export type ByRuleRow = ByRuleReport["rules"][number];
export type Disposition = z.infer<typeof dispositionSchema>;
