/**
 * What `replay --compare REV --format json` prints. Other programs read it, so its shape is published as a JSON
 * Schema and the types are inferred from it.
 */
import { z } from "zod";
import { SEVERITIES } from "../../lambda/engine/rule.ts";
import { dispositionSchema } from "./by-rule-schema.ts";
import { timeSpanSchema } from "./time-span.ts";

const count = z.int().nonnegative();
const ids = z.array(z.string());
const sides = z.strictObject({ before: count, after: count });

/** The parts of an alert that are compared. */
export const COMPARED = ["severity", "title", "summary", "disposition"] as const;

const exampleSchema = z.strictObject({
  time: z.string().describe("startTime of the alert."),
  eventID: z.string().optional().describe("eventID of the record."),
  actor: z.string(),
  summary: z.string(),
  severity: z.enum(SEVERITIES),
  disposition: dispositionSchema,
  differences: z
    .array(z.strictObject({ field: z.enum(COMPARED), before: z.string(), after: z.string() }))
    .optional()
    .describe("What changes; absent of an alert that only one side has."),
});

const changesSchema = z.strictObject({
  before: count.describe(
    "Alerts that are sent (or whose disposition --include names) with the revision's rules.",
  ),
  after: count.describe("The same with the rules of the working tree."),
  appear: count.describe("Alerts that only the working tree has."),
  disappear: count.describe("Alerts that only the revision has."),
  change: count.describe("Alerts that both have, with another severity, title, summary or disposition."),
  same: count.describe("Alerts that stay as they are."),
  uncompared: count.describe(
    "Alerts of rules whose files at the revision could not be used: new or not, nobody knows.",
  ),
});

const rowSchema = changesSchema.extend({
  rule: z.string().describe("Id in the working tree; of a removed rule the one it had."),
  was: z.string().optional().describe("The id it had, of a renamed rule."),
  state: z
    .enum(["kept", "added", "removed", "renamed", "unread"])
    .describe("unread: its file at the revision could not be used."),
  severity: z.enum(SEVERITIES),
  fields: z.strictObject({ severity: count, title: count, summary: count, disposition: count }),
  examples: z.strictObject({
    appear: z.array(exampleSchema),
    disappear: z.array(exampleSchema),
    change: z.array(exampleSchema),
  }),
});

/** The whole document. */
export const compareSchema = z.strictObject({
  revision: z.strictObject({
    name: z.string().describe("The revision as it was asked for."),
    commit: z.string().describe("Hash of its commit."),
    problems: z
      .array(
        z.strictObject({
          file: z.string().describe("REV:path"),
          line: z.int().positive(),
          column: z.int().positive(),
          field: z.string().optional(),
          message: z.string(),
          cure: z.string(),
        }),
      )
      .describe("Errors of the rules folder at the revision, by today's loader."),
    unread: ids.describe("Ids of rules whose files at the revision could not be used."),
  }),
  counted: z
    .array(dispositionSchema)
    .describe("An alert counts when either side gives it one of these dispositions."),
  patterns: z.boolean().describe("Whether each side's event patterns were applied (not with --all)."),
  records: z.strictObject({
    read: count,
    withoutTime: count,
    unreadable: count,
    delivered: sides.describe("Records that an event pattern lets through."),
    failed: sides.describe("How often a rule or suppression could not be evaluated."),
  }),
  span: timeSpanSchema.nullable(),
  rules: z.strictObject({
    before: count,
    after: count,
    added: ids,
    removed: ids,
    renamed: z.array(z.strictObject({ from: z.string(), to: z.string() })),
    edited: ids,
    shared: ids.describe("Shared conditions, lists and suppressions that differ, e.g. _lists/admins."),
  }),
  total: changesSchema.extend({
    unsent: count.describe(
      "Alerts that appear, disappear or change, but that neither side sends: not counted otherwise.",
    ),
  }),
  perRule: z
    .array(rowSchema)
    .describe("Rules that fired: those with most alerts that disappear first, then change, then appear."),
});

export type CompareReport = z.infer<typeof compareSchema>;
export type CompareRow = CompareReport["perRule"][number];
export type Example = z.infer<typeof exampleSchema>;
