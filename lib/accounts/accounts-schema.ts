/** What `engine accounts` says, and the published shape of `engine accounts --format json`. */
import { z } from "zod";

const placeSchema = z.strictObject({
  account: z.string(),
  name: z.string().optional().describe("What the configuration calls the account."),
  region: z.string(),
  role: z
    .enum(["home", "region", "spoke"])
    .describe("home: where the engine is. region: a further Region of its account. spoke: another account."),
  status: z
    .enum(["wired", "silent", "missing", "unknown"])
    .describe(
      "wired: its records arrive. silent: its canary came, or should, and does not. missing: nothing forwards from it. " +
        "unknown: nothing tells.",
    ),
  lastSeen: z.string().optional().describe("When its canary last sang of those that arrived; ISO 8601, UTC."),
  latencyMs: z.int().optional().describe("How long that canary's record took, in milliseconds."),
  message: z.string().describe("What was found."),
  cure: z.string().optional().describe("What to do about it; absent when all is well."),
});

/** The whole report. */
export const accountsReportSchema = z.strictObject({
  stack: z.string(),
  account: z.string(),
  region: z.string(),
  checkedAt: z.string(),
  canary: z
    .strictObject({ every: z.number(), within: z.number() })
    .optional()
    .describe("How often canaries sing and how late they may be, in minutes; absent without canaries."),
  findings: z.int().nonnegative().describe("How many places are silent or missing."),
  places: z.array(placeSchema),
  limits: z.array(z.string()).describe("What cannot be known from here, and how to know it."),
});

export type Place = z.infer<typeof placeSchema>;
export type AccountsReport = z.infer<typeof accountsReportSchema>;
