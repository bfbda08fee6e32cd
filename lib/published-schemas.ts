/**
 * Every JSON Schema that we publish: the formats that people write, for completion in their editors, and the documents
 * that we print, for the programs that read them. Each is generated from the zod schema that the code itself uses;
 * `engine schemas` writes them and `engine schemas --check` finds one that has drifted.
 */
import { z } from "zod";
import { alertSchema } from "../lambda/alerts/alert-schema.ts";
import { toldAlertSchema } from "../lambda/cases/told-alert.ts";
import { listFileSchema } from "../lambda/engine/list-schema.ts";
import { conditionFileSchema, suppressionFileSchema } from "../lambda/engine/rule-schema.ts";
import { ruleTestSchema } from "../lambda/loader/test-schema.ts";
import { accountsReportSchema } from "./accounts/accounts-schema.ts";
import { ruleFileForEditors } from "./attack-coverage/attack-completion.ts";
import { coverageSchema } from "./attack-coverage/coverage-schema.ts";
import { doctorReportSchema } from "./doctor/report.ts";
import { explanationSchema } from "./explain/explanation-schema.ts";
import { importReportSchema } from "./import/report-schema.ts";
import { keysSchema } from "./keys-schema.ts";
import { listsReportSchema } from "./lists/lists-schema.ts";
import { patternsSchema, verdictSchema } from "./patterns-schema.ts";
import { publishSchema } from "./publish/publish-schema.ts";
import { byRuleSchema } from "./replay/by-rule-schema.ts";
import { compareSchema } from "./replay/compare-schema.ts";
import { testReportSchema, validateReportSchema } from "./rule-tests/report-schema.ts";

type Published = {
  /** Path from the root of the repository. */
  readonly file: string;
  readonly title: string;
  readonly schema: z.ZodType;
  /** Whether people write such files, and may name the schema inside them. */
  readonly authored?: true;
};

const PUBLISHED: readonly Published[] = [
  {
    file: "rules/rule.schema.json",
    title: "A rule of CloudTrail Engine",
    schema: ruleFileForEditors,
    authored: true,
  },
  {
    file: "rules/condition.schema.json",
    title: "A shared condition",
    schema: conditionFileSchema,
    authored: true,
  },
  { file: "rules/list.schema.json", title: "A list of values", schema: listFileSchema, authored: true },
  {
    file: "rules/suppression.schema.json",
    title: "A suppression",
    schema: suppressionFileSchema,
    authored: true,
  },
  {
    file: "rules/rule-test.schema.json",
    title: "The test file of a rule",
    schema: ruleTestSchema,
    authored: true,
  },
  { file: "rules/alert.schema.json", title: "An alert of CloudTrail Engine", schema: alertSchema },
  {
    file: "docs/schemas/told-alert.schema.json",
    title: "An alert as SNS, EventBridge and webhooks are sent it",
    schema: toldAlertSchema,
  },
  {
    file: "docs/schemas/validate.schema.json",
    title: "engine validate --format json",
    schema: validateReportSchema,
  },
  { file: "docs/schemas/test.schema.json", title: "engine test --format json", schema: testReportSchema },
  {
    file: "docs/schemas/explain.schema.json",
    title: "engine explain --format json",
    schema: explanationSchema,
  },
  {
    file: "docs/schemas/replay-by-rule.schema.json",
    title: "engine replay --by rule --format json",
    schema: byRuleSchema,
  },
  {
    file: "docs/schemas/replay-compare.schema.json",
    title: "engine replay --compare REV --format json",
    schema: compareSchema,
  },
  {
    file: "docs/schemas/patterns.schema.json",
    title: "engine patterns --format json",
    schema: patternsSchema,
  },
  {
    file: "docs/schemas/coverage.schema.json",
    title: "engine coverage --format json",
    schema: coverageSchema,
  },
  {
    file: "docs/schemas/test-event-pattern.schema.json",
    title: "One line of engine test-event-pattern --format json",
    schema: verdictSchema,
  },
  {
    file: "docs/schemas/doctor.schema.json",
    title: "engine doctor --format json",
    schema: doctorReportSchema,
  },
  { file: "docs/schemas/lists.schema.json", title: "engine lists --format json", schema: listsReportSchema },
  {
    file: "docs/schemas/publish.schema.json",
    title: "engine publish --format json",
    schema: publishSchema,
  },
  {
    file: "docs/schemas/accounts.schema.json",
    title: "engine accounts --format json",
    schema: accountsReportSchema,
  },
  {
    file: "docs/schemas/import.schema.json",
    title: "engine import --format json",
    schema: importReportSchema,
  },
  { file: "docs/schemas/keys.schema.json", title: "engine keys --format json", schema: keysSchema },
];

/** The published schemas as the files they belong in, by path from the root of the repository. */
export function publishedSchemas(): ReadonlyMap<string, string> {
  return new Map(
    PUBLISHED.map((published) => [published.file, `${JSON.stringify(jsonSchema(published), null, 2)}\n`]),
  );
}

function jsonSchema({ title, schema, authored }: Published): unknown {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: authored ? "draft-7" : "draft-2020-12" });
  const properties = authored
    ? {
        // In YAML the first line of the file says it, so editors need not offer the key.
        $schema: { type: "string", description: "Where this schema is; for editors.", doNotSuggest: true },
        ...rest.properties,
      }
    : rest.properties;
  return { $schema, title, ...rest, ...(properties === undefined ? {} : { properties }) };
}
