/**
 * A field of a foreign rule as a fact of ours. Sigma and EventBridge look through lists: `requestParameters.items.port`
 * holds when one element's port does. Our plain keys do not, so where CloudTrail may write a list, `[*]` is put behind
 * each key. A field that is always one value keeps its plain name, which the index and EventBridge know best.
 *
 *   factForm("userIdentity.type")                 // { kind: "text", fact: "userIdentity.type", decorator: "" }
 *   factForm("requestParameters.items.port")      // { kind: "unknown", fact: "requestParameters.items[*].port[*]", decorator: "someFact:" }
 */
import { typeOfFact } from "../../lambda/loader/check-fact.ts";
import { FactPathError, parseFactPath } from "../../lambda/record/fact-path.ts";
import { RECORD_FIELDS } from "../../lambda/record/record-shape.ts";
import { quote } from "../../lambda/loader/problem.ts";
import { Refusal } from "./model.ts";

/** A field as conditions name it. */
export type FactForm = {
  /** What CloudTrail writes there, as far as it is known. */
  readonly kind: "text" | "boolean" | "object" | "unknown";
  /** The field as it was written. */
  readonly field: string;
  /** With `[*]` where a list may be: of kind unknown only. */
  readonly fact: string;
  /** What stands in front of an operator that looks at the fact's values. */
  readonly decorator: "" | "someFact:";
};

const NUMBER = /^\d+$/;
/** Objects that CloudTrail has at the top of a record, each with what is below it. */
const OBJECT_ROOTS: ReadonlySet<string> = new Set([
  "userIdentity",
  "requestParameters",
  "responseElements",
  "additionalEventData",
  "serviceEventDetails",
  "tlsDetails",
  "addendum",
  "edgeDeviceDetails",
  "insightDetails",
]);

/**
 * The form of a dotted field.
 * @throws Refusal when no CloudTrail record has it.
 */
export function factForm(field: string): FactForm {
  let path: ReturnType<typeof parseFactPath>;
  try {
    path = parseFactPath(field);
  } catch (error) {
    if (!(error instanceof FactPathError)) throw error;
    throw new Refusal(error.message);
  }
  if (!RECORD_FIELDS.includes(path.root))
    throw new Refusal(
      `No CloudTrail record has a field ${quote(path.root)} at its top, so ${quote(field)} is never there.`,
    );
  if (path.segments.some(({ kind }) => kind !== "key"))
    throw new Refusal(`${quote(field)} has brackets in it, which CloudTrail's fields have not.`);
  const type = OBJECT_ROOTS.has(field) ? "object" : typeOfFact(path);
  if (type === "text" || type === "boolean" || type === "object")
    return { kind: type, field, fact: field, decorator: "" };
  return { kind: "unknown", field, fact: starred(field.split("."), true), decorator: "someFact:" };
}

/** The field with `[*]` behind each key that may lead to a list; behind the last one only if asked. */
export function starred(keys: readonly string[], last: boolean): string {
  const isList = (at: number): boolean => {
    if (at === keys.length - 1) return last;
    if (NUMBER.test(keys[at + 1] ?? "")) return false;
    return at > 0 || keys[0] === "resources";
  };
  return keys.map((key, at) => `${key}${isList(at) ? "[*]" : ""}`).join(".");
}
