/**
 * How a condition tree is explained: the tree as it was written, each node with its verdict. `explain` and `test` print
 * it for programs in this form, so the types are inferred from the schema and the schema is published with theirs.
 *
 *   { kind: "comparison", holds: false, decisive: true, fact: "errorCode", operator: "exists", value: false,
 *     saw: "\"AccessDenied\"", toDiffer: "would hold without errorCode" }
 */
import { z } from "zod";

const verdict = {
  name: z.string().optional().describe("The label that the condition was given."),
  holds: z.boolean().describe("Whether the condition holds for the record."),
  decisive: z
    .boolean()
    .describe("Whether the verdict on the rule rests on it: with this one differing, it might be another."),
};

const comparisonSchema = z
  .strictObject({
    kind: z.literal("comparison"),
    ...verdict,
    fact: z.string(),
    operator: z.string(),
    value: z.unknown().describe("What the fact is compared with, as it was written."),
    saw: z
      .string()
      .describe("What the record has there, as JSON, cut; nothing (no quotes) when it is absent."),
    expected: z
      .strictObject({ fact: z.string(), saw: z.string() })
      .optional()
      .describe("Where the comparison is with another fact: which, and what the record has there."),
    list: z
      .strictObject({
        name: z.string(),
        kind: z.enum(["exact", "wildcard", "cidr"]),
        values: z.int().nonnegative().describe("How many values the list has."),
        matched: z.string().optional().describe("The value of the list that the fact meets."),
      })
      .optional()
      .describe("Where the comparison is with a list: which."),
    toDiffer: z
      .string()
      .optional()
      .describe("Of a decisive comparison: what would have had to differ for the other verdict on it."),
  })
  .meta({ id: "explained-comparison" });

const conditions = () => z.array(explainedConditionSchema);

/** One condition of a rule, explained. */
export const explainedConditionSchema: z.ZodType<ExplainedCondition> = z
  .union([
    comparisonSchema,
    z
      .strictObject({
        kind: z.enum(["all", "any", "not"]),
        ...verdict,
        get conditions() {
          return conditions().describe("The conditions below; one below a not.");
        },
      })
      .meta({ id: "explained-group" }),
    z
      .strictObject({
        kind: z.literal("shared"),
        ...verdict,
        condition: z.string().describe("The name of the shared condition."),
        get conditions() {
          return conditions().describe("What the shared condition says: one condition.");
        },
      })
      .meta({ id: "explained-shared" }),
  ])
  .meta({ id: "explained-condition" });

/** A comparison with what it saw. */
export type ExplainedComparison = z.infer<typeof comparisonSchema>;

type Node = Pick<ExplainedComparison, "name" | "holds" | "decisive"> & {
  readonly conditions: readonly ExplainedCondition[];
};
/** `all`, `any`, `not`, or a reference to a shared condition. */
export type ExplainedGroup =
  | (Node & { readonly kind: "all" | "any" | "not" })
  | (Node & { readonly kind: "shared"; readonly condition: string });

/** A condition as it was written, with its verdict. */
export type ExplainedCondition = ExplainedComparison | ExplainedGroup;
