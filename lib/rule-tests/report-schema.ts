/**
 * What `validate --format json` and `test --format json` print. Other programs read it, so the types are inferred
 * from these schemas and the schemas are published in `docs/schemas/`.
 */
import { z } from "zod";
import type { Problem } from "../../lambda/loader/problem.ts";
import { explainedConditionSchema } from "../../lambda/explain/condition-schema.ts";

const place = {
  file: z.string().describe("Path of the file, below --rules as it was given."),
  line: z.int().positive().describe("Line, from 1."),
  column: z.int().positive().describe("Column, from 1."),
};

const problemSchema = z.strictObject({
  ...place,
  severity: z.enum(["error", "warning"]).describe("An error keeps the file out of the rule set."),
  scope: z
    .literal("test")
    .optional()
    .describe("It is about a test file: it fails validate and test, and keeps no rule from being used."),
  field: z
    .string()
    .optional()
    .describe("The part of the data that is meant, e.g. conditions.all[0].operator."),
  message: z.string().describe("What is wrong."),
  cure: z.string().describe("How to mend it."),
});

/** The document that `validate --format json` prints. */
export const validateReportSchema = z.strictObject({
  rules: z.int().nonnegative().describe("Good rules."),
  staged: z.int().nonnegative().describe("Those of them that are staged: their alerts go nowhere."),
  conditions: z.int().nonnegative().describe("Good shared conditions."),
  lists: z.int().nonnegative().describe("Good lists."),
  suppressions: z.int().nonnegative().describe("Good suppressions."),
  tests: z.int().nonnegative().describe("Good test files."),
  errors: z.int().nonnegative(),
  warnings: z.int().nonnegative(),
  problems: z.array(problemSchema),
});

const failureSchema = z.strictObject({
  message: z.string().describe("What was expected and what happened."),
  rule: z.string().optional().describe("The rule that alerted or did not."),
  explanation: explainedConditionSchema
    .optional()
    .describe("The conditions that decided it, of the rule, or of the suppression that the message names."),
});

const caseResultSchema = z.strictObject({
  ...place,
  rule: z.string().describe("The rule that the test file is for."),
  name: z.string(),
  ok: z.boolean(),
  expected: z.array(z.string()).describe("The rules that should alert."),
  fired: z.array(z.string()).describe("The rules that did, staged and suppressed ones included."),
  suppressed: z.array(z.string()).describe("Those of them that a suppression keeps quiet."),
  delivered: z.boolean().describe("Whether the event pattern of this rule alone lets the record through."),
  failures: z.array(failureSchema),
});

/** The document that `test --format json` prints. */
export const testReportSchema = z.strictObject({
  passed: z.int().nonnegative().describe("Cases that passed."),
  failed: z.int().nonnegative().describe("Cases that failed."),
  problems: z
    .array(problemSchema)
    .describe("Bad files, and rules that lack a test, a firing or a quiet case."),
  cases: z.array(caseResultSchema),
});

/** zod types an absent key as undefined; the loader's own type says it is absent. */
export type ValidateReport = Omit<z.infer<typeof validateReportSchema>, "problems"> & { problems: Problem[] };
export type TestReport = Omit<z.infer<typeof testReportSchema>, "problems"> & { problems: Problem[] };
export type CaseResult = z.infer<typeof caseResultSchema>;
export type CaseFailure = z.infer<typeof failureSchema>;
