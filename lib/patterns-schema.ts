/**
 * What `patterns --format json` prints. Other programs read it, so its shape is published as a JSON Schema.
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
