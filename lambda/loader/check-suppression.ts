/**
 * Checks a suppression: its schema and its conditions, which must say something.
 *
 *   rules: [ec2.amazonaws.com/security-group-opened]
 *   conditions: { all: [{ fact: recipientAccountId, operator: equal, value: "123456789012" }] }
 *   reason: A public web server.
 *   owner: platform
 *   expires: 2027-03-31
 */
import { z } from "zod";
import { suppressionFileSchema } from "../engine/rule-schema.ts";
import type { Condition, Suppression } from "../engine/rule.ts";
import { checkConditions } from "./check-conditions.ts";
import type { Checked } from "./check-rule.ts";
import { checkSchema } from "./check-schema.ts";
import type { Report } from "./report.ts";
import { isObject } from "./report.ts";

/** Conditions are checked by walking them; the schema only has to know that the key belongs there. */
const suppressionShape = suppressionFileSchema.extend({
  conditions: z.unknown().describe(suppressionFileSchema.shape.conditions.description ?? ""),
});

/** Checks a file of `_suppressions`. Nothing is good when it has errors, all of which are reported. */
export function checkSuppression(report: Report, id: string): Checked<Suppression> {
  const { data } = report.source;
  const parsed = checkSchema(report, suppressionShape, data, { what: "A suppression" });
  if (!isObject(data) || !Object.hasOwn(data, "conditions")) return {};
  const facts = checkConditions(report, data["conditions"], ["conditions"], null);
  if (parsed === undefined || report.errors() > 0) return { facts };
  return { good: { ...parsed, id, conditions: parsed.conditions as Condition }, facts };
}
