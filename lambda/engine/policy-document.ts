/**
 * Looks into IAM policy documents, which CloudTrail writes in three ways: as JSON text in IAM's requests, as URL-encoded
 * JSON text in IAM's responses, and as an object for S3. Rules ask what a policy grants; the parts of one statement
 * belong together (this effect for that principal), which conditions on single fields could not express.
 *
 *     { fact: requestParameters.bucketPolicy, operator: grantsPublic, value: true }
 *     { fact: requestParameters.policyDocument, operator: grantsOutside, value: { fact: recipientAccountId } }
 *     { fact: requestParameters.policyDocument, operator: grantsAction, value: "*" }
 *
 * A text that is no policy grants nothing. Everything is linear in the size of the document.
 */

type JsonObject = { readonly [key: string]: unknown };

const MAX_POLICY_LENGTH = 1_000_000;

/** Condition keys that narrow who can use a grant to `*`: "The meaning of public", Amazon S3 user guide, and their like. */
const NARROWING_KEYS = new Set([
  "aws:principalorgid",
  "aws:principalorgpaths",
  "aws:principalaccount",
  "aws:principalarn",
  "aws:principaltag",
  "aws:sourceaccount",
  "aws:sourcearn",
  "aws:sourceowner",
  "aws:sourceorgid",
  "aws:sourceorgpaths",
  "aws:sourceip",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "aws:vpcsourceip",
  "aws:userid",
  "aws:username",
  "kms:calleraccount",
  "s3:dataaccesspointaccount",
  "s3:dataaccesspointarn",
  "s3:accesspointnetworkorigin",
  "lambda:functionurlauthtype",
]);

/** Whether an Allow statement lets anybody in, with no condition that narrows who. */
export function grantsPublic(policy: unknown): boolean {
  return allowStatements(policy).some((statement) => hasAnyPrincipal(statement) && !isNarrowed(statement));
}

/** Whether an Allow statement lets in anybody, or an account other than this one. */
export function grantsOutside(policy: unknown, accountId: string): boolean {
  return allowStatements(policy).some((statement) => {
    if (hasAnyPrincipal(statement)) return !isNarrowed(statement);
    return (
      principalsOf(statement, "AWS").some((principal) => isOutside(principal, accountId)) ||
      principalsOf(statement, "CanonicalUser").length > 0
    );
  });
}

/** Whether an Allow statement permits an action, such as `iam:PassRole` or `*` for all of them, on every resource. */
export function grantsAction(policy: unknown, action: string): boolean {
  return allowStatements(policy).some((statement) => {
    if (!textsOf(statement["Resource"]).includes("*") && statement["NotResource"] === undefined) return false;
    if (statement["NotAction"] !== undefined)
      return !textsOf(statement["NotAction"]).some((pattern) => covers(pattern, action));
    return textsOf(statement["Action"]).some((pattern) => covers(pattern, action));
  });
}

/** Reads a policy document from an object, JSON text or URL-encoded JSON text; undefined when it is none. */
export function readPolicy(value: unknown): JsonObject | undefined {
  if (isObject(value)) return value;
  if (typeof value !== "string" || value.length > MAX_POLICY_LENGTH) return undefined;
  try {
    const text = value.trimStart().startsWith("{") ? value : decodeURIComponent(value);
    const parsed = JSON.parse(text) as unknown;
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function allowStatements(value: unknown): readonly JsonObject[] {
  const statements = readPolicy(value)?.["Statement"];
  const list = Array.isArray(statements) ? (statements as readonly unknown[]) : [statements];
  return list.filter(isObject).filter((statement) => statement["Effect"] === "Allow");
}

function hasAnyPrincipal(statement: JsonObject): boolean {
  if (statement["NotPrincipal"] !== undefined) return true;
  return statement["Principal"] === "*" || principalsOf(statement, "AWS").includes("*");
}

function principalsOf(statement: JsonObject, kind: string): readonly string[] {
  const principal = statement["Principal"];
  return isObject(principal) && Object.hasOwn(principal, kind) ? textsOf(principal[kind]) : [];
}

/** A principal is an account id, or an ARN with one; an id of a deleted user or role (AIDA…, AROA…) has none and is nobody. */
function isOutside(principal: string, accountId: string): boolean {
  if (/^\d{12}$/.test(principal)) return principal !== accountId;
  const account = principal.startsWith("arn:") ? principal.split(":", 5)[4] : undefined;
  return account !== undefined && account !== "" && account !== accountId;
}

function isNarrowed(statement: JsonObject): boolean {
  const condition = statement["Condition"];
  if (!isObject(condition)) return false;
  return Object.entries(condition).some(([operator, keys]) => {
    if (/not|ifexists|^null$/i.test(operator) || !isObject(keys)) return false;
    return Object.entries(keys).some(
      ([key, values]) =>
        isNarrowingKey(key) && textsOf(values).length > 0 && !textsOf(values).some(isEverything),
    );
  });
}

function isNarrowingKey(key: string): boolean {
  const [name = ""] = key.toLowerCase().split("/", 1);
  return NARROWING_KEYS.has(name);
}

function isEverything(value: string): boolean {
  return (
    /^\*+$/.test(value) ||
    value === "0.0.0.0/0" ||
    value === "::/0" ||
    /^arn:\*/.test(value) ||
    value === "NONE"
  );
}

/** Whether a pattern of a policy (`iam:*`, `s3:Get*`, `*`) covers an action; case does not matter in action names. */
function covers(pattern: string, action: string): boolean {
  const wanted = action.toLowerCase();
  const given = pattern.toLowerCase();
  if (/^\*+(:\*+)?$/.test(given)) return true;
  if (wanted === "*") return false;
  const parts = given.split("*");
  if (parts.length === 1) return given === wanted;
  const [first = ""] = parts;
  const last = parts.at(-1) ?? "";
  if (wanted.length < first.length + last.length || !wanted.startsWith(first) || !wanted.endsWith(last))
    return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = wanted.indexOf(part, at);
    if (found === -1 || found + part.length > wanted.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

function textsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === "string");
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
