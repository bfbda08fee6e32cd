/** The OpenAPI document as something that judges: schemas of it, and the answers that they are for. */
import { z } from "zod";
import { isObject, valueAt } from "../../../lambda/record/untrusted.ts";

const METHODS = ["get", "patch", "put", "post", "delete"];

/** The object under nested keys; throws where the document has none. */
export function objectAt(root: unknown, ...keys: readonly string[]): Readonly<Record<string, unknown>> {
  const found = valueAt(root, ...keys);
  if (!isObject(found)) throw new TypeError(`the document has no ${keys.join(".")}`);
  return found;
}

/** The documented operations, by "get /alerts". */
export function operationsOf(document: unknown): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [path, item] of Object.entries(objectAt(document, "paths")))
    for (const method of METHODS) {
      const operation = valueAt(item, method);
      if (operation !== undefined) found[`${method} ${path}`] = operation;
    }
  return found;
}

/** A schema of the document, ready to judge. */
export function judge(document: unknown, schema: unknown): z.ZodType {
  const whole = { $defs: objectAt(document, "components", "schemas"), ...(schema as object) };
  const local = JSON.stringify(whole).replaceAll("#/components/schemas/", "#/$defs/");
  return z.fromJSONSchema(JSON.parse(local) as Parameters<typeof z.fromJSONSchema>[0]);
}

/** The schema of an answer. */
export function judgeOfAnswer(document: unknown, operation: string, status: string, type: string): z.ZodType {
  const found = operationsOf(document)[operation];
  return judge(document, valueAt(found, "responses", status, "content", type, "schema"));
}
