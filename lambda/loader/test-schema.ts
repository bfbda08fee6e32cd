/**
 * The format of `*.test.yaml`: what a rule is tried on and which rules must then alert. A case gives only what matters
 * to it; the rest of the record comes from a base record, so that a case says why the rule fires and nothing else.
 *
 *   cases:
 *     - name: fires when a person opens port 22 to the world
 *       record: { eventName: AuthorizeSecurityGroupIngress }
 *       fires: [ec2.amazonaws.com/security-group-opened]
 */
import { z } from "zod";
import { FACT_DESCRIPTIONS } from "../engine/fact-descriptions.ts";
import { RECORD_FIELDS } from "../record/record-shape.ts";

/** The fields of a record with what stands there, for editors. */
const FIELDS = Object.fromEntries(
  RECORD_FIELDS.map((field) => [field, { description: FACT_DESCRIPTIONS[field] ?? "" }]),
);

const caseSchema = z.strictObject({
  name: z.string().min(1).describe("What the case shows, e.g. quiet when the range is private."),
  record: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      "What the record holds beyond the base record: objects are merged, lists and plain values replaced.",
    )
    .meta({ properties: FIELDS }),
  remove: z
    .array(z.string().min(1))
    .optional()
    .describe("Dotted keys taken out of the base record before that, e.g. userIdentity.sessionContext."),
  fires: z
    .array(z.string().min(1))
    .describe(
      "The ids of ALL rules whose conditions must hold, in any order, staged and suppressed ones included; [] for none.",
    ),
  suppressed: z
    .array(z.string().min(1))
    .optional()
    .describe(
      "The ids of ALL rules among them that a suppression must keep quiet; [] for none. Left out, suppressions do not matter to the case.",
    ),
  lists: z
    .record(z.string(), z.array(z.string().min(1)))
    .optional()
    .describe(
      "The values of dynamic lists, by name: { prod-buckets: [acme-prod-data] }. What is compared with a dynamic list that is not given is taken to match.",
    ),
  delivered: z
    .boolean()
    .optional()
    .describe("Whether the event pattern derived from this rule alone lets the record through."),
});

/** A test file: `rules/<eventSource>/<name>.test.yaml`. */
export const ruleTestSchema = z.strictObject({
  cases: z
    .array(caseSchema)
    .min(1)
    .describe("One record each; at least one that fires this rule and one that does not."),
});

/** A case as it was written. */
export type RuleTestCase = z.infer<typeof caseSchema>;
