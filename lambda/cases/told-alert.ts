/**
 * The alert document as programs are sent it (SNS, EventBridge, webhooks): the alert, and beside its own fields what came
 * to be known since, where something did. Whoever reads only alerts ignores two fields.
 */
import { z } from "zod";
import { alertSchema } from "../alerts/alert-schema.ts";
import { answerSchema, historyEntrySchema } from "./case-schema.ts";

/** The document. */
export const toldAlertSchema = alertSchema.extend({
  answers: z
    .array(answerSchema)
    .max(3)
    .optional()
    .describe(
      "What the investigation found, the weightiest first; absent in the first notice, which never waits for it.",
    ),
  change: historyEntrySchema.optional().describe("What somebody did last to the case."),
});
