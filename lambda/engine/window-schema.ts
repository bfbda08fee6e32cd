/**
 * The keys of a rule that say how many records make one alert: `dedup` for repeats, `threshold` for records of which
 * one alone is nothing. Shape only, as the rest of the rule schema; `lambda/loader/check-windows.ts` knows the facts.
 *
 *     dedup: { by: [actor.arn], window: 1h }
 *     threshold: { count: 5, within: 10m, by: [sourceIPAddress], distinct: userIdentity.userName }
 */
import { z } from "zod";

const SPAN = "[1-9]\\d{0,5}[smh]";
const ADVICE = "Write a number and s, m or h: 30s, 10m, 1h.";

const fact = z
  .string()
  .min(1)
  .describe("A field of the record by its dotted key, or a derived fact such as actor.arn.");

/** `dedup` of a rule. */
export const dedupSchema = z
  .strictObject({
    by: z
      .array(fact)
      .min(1)
      .optional()
      .describe(
        "The facts that must be the same for a record to be a repeat. Without it: account, actor and resource (the request's parameters where CloudTrail names no resource). What the caller can choose (session name, user agent) makes every record a new alert.",
      ),
    window: z
      .string()
      .regex(new RegExp(`^(off|${SPAN})$`))
      .optional()
      .describe(
        "How long after the first record repeats only raise its count, 10s to 24h, by the records' own time; 10m without it. off: every record is an alert.",
      )
      .meta({ patternErrorMessage: `${ADVICE} Or off.` }),
  })
  .describe(
    "Repeats within a window raise the count of the first alert instead of being alerts themselves. Without this key: 10 minutes, by account, actor and resource.",
  );

/** `threshold` of a rule. */
export const thresholdSchema = z
  .strictObject({
    count: z
      .int()
      .refine((count) => count >= 2 && count <= 500)
      .describe("How many records, or distinct values, make an alert, 2 to 500.")
      .meta({ minimum: 2, maximum: 500 }),
    within: z
      .string()
      .regex(new RegExp(`^${SPAN}$`))
      .describe("The time that they must fall into, 10s to 24h, e.g. 10m; by the records' own time.")
      .meta({ patternErrorMessage: ADVICE }),
    by: z
      .array(fact)
      .min(1)
      .describe("The facts that the counted records must share, e.g. sourceIPAddress, or actor.arn."),
    distinct: fact
      .optional()
      .describe("Count the distinct values of this fact instead of the records, e.g. errorCode."),
  })
  .describe("One match is no alert, but so many within a time are one.");
