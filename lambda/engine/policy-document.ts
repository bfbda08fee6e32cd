/**
 * Reads IAM policy documents. CloudTrail writes them in three ways: as JSON text in most requests, as URL-encoded JSON
 * text in IAM's responses, and as an object for S3. Rules ask what a policy grants (`policy-grants.ts`); the parts of
 * one statement belong together (this effect for that principal), which conditions on single fields cannot express.
 *
 *     readPolicy('{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}}')
 *     // [{ Effect: "Allow", Principal: "*", … }]: the statements that allow something
 *
 * A text that begins like a policy and cannot be read (cut off, larger than any policy) may grant anything, so every
 * question about it is answered with yes: a false alarm is looked at, a missed one is not. What is no policy at all
 * ("", "HIDDEN_DUE_TO_SECURITY_REASONS", null) grants nothing. Everything is linear in the size of the document.
 */

/** An object of a JSON document. */
export type JsonObject = { readonly [key: string]: unknown };

/** CloudTrail leaves fields of more than 100 KB out; URL encoding can triple them. */
const MAX_POLICY_LENGTH = 1_000_000;

/**
 * The statements of a policy that allow something; undefined when there is a policy and it cannot be read.
 * Statements that deny are left out: whether a denial covers all that another statement allows cannot be told for sure.
 */
export function readPolicy(value: unknown): readonly JsonObject[] | undefined {
  if (typeof value !== "string") return isObject(value) ? allowedBy(value) : [];
  if (value !== lastText) {
    lastStatements = readText(value);
    lastText = value;
  }
  return lastStatements;
}

/** Several conditions of a rule, and several rules, ask about the document of the record at hand. */
let lastText = "";
let lastStatements: readonly JsonObject[] | undefined = [];

function readText(value: string): readonly JsonObject[] | undefined {
  const encoded = /^\s*%/.test(value);
  if (!encoded && !/^\s*\{/.test(value)) return [];
  if (value.length > MAX_POLICY_LENGTH) return undefined;
  try {
    const text = encoded ? decodeURIComponent(value) : value;
    if (!/^\s*\{/.test(text)) return [];
    const parsed = JSON.parse(text) as unknown;
    return isObject(parsed) ? allowedBy(parsed) : [];
  } catch {
    return encoded && !/^\s*(?:%(?:20|09|0a|0d))*%7b/i.test(value) ? [] : undefined;
  }
}

function allowedBy(document: JsonObject): readonly JsonObject[] | undefined {
  const statements = document["Statement"];
  if (statements === undefined || statements === null) return [];
  const list: readonly unknown[] = Array.isArray(statements) ? statements : [statements];
  return list.every(isObject) ? list.filter((statement) => statement["Effect"] !== "Deny") : undefined;
}

/** The texts of an element that may hold one or a list of them; numbers and booleans count as their text. */
export function textsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((one) => {
    if (typeof one === "string") return [one];
    return typeof one === "number" || typeof one === "boolean" ? [String(one)] : [];
  });
}

/** Whether a value is a JSON object, not a list or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
