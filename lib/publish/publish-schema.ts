/**
 * What `publish --format json` prints. Other programs read it, so its shape is published as a JSON Schema and the types
 * are inferred from it.
 */
import { z } from "zod";

const ids = z.array(z.string());

/** One thing that is different. */
const changeSchema = z.strictObject({
  field: z.string().describe("Which part, e.g. severity."),
  before: z.string().optional().describe("As JSON, cut; absent when there was none."),
  after: z.string().optional().describe("As JSON, cut; absent when there is none any more."),
});

/** What publishing changes. */
const changesSchema = z.strictObject({
  added: ids.describe("Ids of new rules."),
  removed: ids.describe("Ids of rules that are gone."),
  renamed: z.array(z.strictObject({ from: z.string(), to: z.string() })),
  edited: z.array(z.strictObject({ rule: z.string(), changes: z.array(changeSchema) })),
  shared: ids.describe(
    "Shared conditions, lists and suppressions that are new, gone or edited: _lists/admins.",
  ),
  routing: z.array(changeSchema),
  destinations: z.array(z.strictObject({ destination: z.string(), changes: z.array(changeSchema) })),
});
export type Changes = z.infer<typeof changesSchema>;
export type Change = z.infer<typeof changeSchema>;

const versionSchema = z.strictObject({
  versionId: z.string().describe("Version of the rule set in the bucket."),
  created: z.string(),
  by: z.string(),
  revision: z.string(),
  rules: z.string().describe("How many rules, as text."),
  size: z.int(),
  state: z
    .enum(["in-force", "earlier", "superseded"])
    .describe("superseded: other rules were deployed since; it cannot be rolled back to."),
});

/** The document. */
export const publishSchema = z.strictObject({
  action: z.enum(["publish", "rollback", "list"]),
  done: z.boolean().describe("Whether the pointer was moved."),
  stack: z.string(),
  inForce: z.string().describe('The version that was in force, or "deployed".'),
  next: z.string().optional().describe('The version that is in force from now on, or "deployed".'),
  changes: changesSchema.optional(),
  refused: z.array(z.string()).describe("Why nothing was published; empty when nothing speaks against it."),
  waiting: ids.describe("Ids of rules whose records come with the next deployment only."),
  warnings: z.array(z.string()),
  effect: z.string().describe("When it is in force, for people."),
  versions: z.array(versionSchema).optional(),
});
export type PublishReport = z.infer<typeof publishSchema>;
