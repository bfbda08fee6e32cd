/**
 * Checks a list: its schema, and that each value is one of the list's kind.
 *
 *   kind: cidr
 *   values: [192.0.2.0/24]
 */
import { listFileSchema } from "../engine/rule-schema.ts";
import type { List } from "../engine/rule.ts";
import type { Checked } from "./check-rule.ts";
import { checkSchema } from "./check-schema.ts";
import type { Report } from "./report.ts";

/** Checks a file of `_lists`. Nothing is good when it has errors, all of which are reported. */
export function checkList(report: Report): Checked<List> {
  const parsed = checkSchema(report, listFileSchema, report.source.data, { what: "A list" });
  return parsed === undefined || report.errors() > 0 ? {} : { good: parsed };
}
