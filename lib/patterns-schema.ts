/**
 * What `patterns --format json` and `test-event-pattern --format json` print. Other programs read it, so its shape is
 * published as JSON Schemas.
 */
import { z } from "zod";

/** The derived EventBridge rules, in the order in which they are made. */
export const patternsSchema = z
  .array(
    z.strictObject({
      name: z.string().describe("The EventBridge rule's name, without the stack's prefix."),
      state: z
        .enum(["ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"])
        .describe("The rule's state; the long one also receives read-only management calls."),
      eventPattern: z.record(z.string(), z.unknown()).describe("The event pattern, as EventBridge takes it."),
      rules: z.array(z.string()).describe("Ids of the rules whose records it delivers."),
    }),
  )
  .describe("The EventBridge rules that are derived from the rules.");

/** One derived EventBridge rule. */
export type PatternsEntry = z.infer<typeof patternsSchema>[number];

/** One line of the answer of `test-event-pattern`. */
export const verdictSchema = z
  .union([z.boolean(), z.string().startsWith("error: ")])
  .describe("Whether the pattern matches the event; a text when that could not be judged.");
