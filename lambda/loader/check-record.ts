/**
 * Checks the record of a test case for misspelt fields. A misspelt field changes nothing about the record: the case would
 * be quiet, and pass, for a reason of its own. Known are the fields at the top of a record and those below
 * `userIdentity` and `tlsDetails`; what stands in requestParameters is each service's own.
 *
 *   record: { userIdentity: { sesionContext: … } }     # Did you mean "sessionContext"?
 */
import { RECORD_FIELDS } from "../record/record-shape.ts";
import { IDENTITY_KEYS } from "./check-fact.ts";
import { didYouMean, nearest } from "../words/nearest.ts";
import { type Path, quote } from "./problem.ts";
import type { Report } from "./report.ts";
import { isObject } from "./report.ts";

/** Below the top: the keys of each object, as "CloudTrail userIdentity element" in the user guide defines them. */
const KEYS_BELOW: ReadonlyMap<string, readonly string[]> = new Map([
  ["userIdentity", IDENTITY_KEYS],
  [
    "userIdentity.sessionContext",
    [
      "sessionIssuer",
      "webIdFederationData",
      "attributes",
      "sourceIdentity",
      "ec2RoleDelivery",
      "assumedRoot",
      "signInSessionArn",
    ],
  ],
  ["userIdentity.sessionContext.sessionIssuer", ["type", "principalId", "arn", "accountId", "userName"]],
  ["userIdentity.sessionContext.attributes", ["creationDate", "mfaAuthenticated"]],
  ["userIdentity.sessionContext.webIdFederationData", ["federatedProvider", "attributes"]],
  ["userIdentity.onBehalfOf", ["userId", "identityStoreArn"]],
  ["tlsDetails", ["tlsVersion", "cipherSuite", "clientProvidedHostHeader", "keyExchange"]],
]);

/** Checks the fields of a case's record, at `path`. */
export function checkRecord(report: Report, record: Readonly<Record<string, unknown>>, path: Path): void {
  for (const [field, value] of Object.entries(record)) {
    checkField(report, field, [...path, field], "key");
    checkBelow(report, field, value, [...path, field]);
  }
}

/** Checks one field that stands at the top of a record. */
export function checkField(report: Report, field: string, path: Path, part: "key" | "value"): void {
  if (RECORD_FIELDS.includes(field)) return;
  const [first = "", ...below] = field.split(".");
  const cure = RECORD_FIELDS.includes(first)
    ? nested(first, below)
    : didYouMean(field, RECORD_FIELDS, "Write the field as CloudTrail spells it, e.g. eventName.");
  report.add(path, `No CloudTrail record has a field ${quote(field)} at its top.`, cure, { part });
}

/** What CloudTrail adds next year must not break a test: only what is plainly a misspelling is an error. */
function checkBelow(report: Report, name: string, value: unknown, path: Path): void {
  const keys = KEYS_BELOW.get(name);
  if (keys === undefined || !isObject(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, key];
    if (keys.includes(key)) {
      checkBelow(report, `${name}.${key}`, inner, at);
      continue;
    }
    const [first = "", ...below] = key.split(".");
    const meant = nearest(key, keys);
    const message = `CloudTrail documents no ${quote(key)} in ${name}.`;
    if (keys.includes(first)) report.add(at, message, nested(first, below), { part: "key" });
    else if (meant !== undefined) report.add(at, message, `Did you mean "${meant}"?`, { part: "key" });
    else report.add(at, message, "Check it against a real record.", { part: "key", severity: "warning" });
  }
}

function nested(first: string, below: readonly string[]): string {
  return `Nest it: ${first}: { ${below.join(": { ")}: …${" }".repeat(below.length)}.`;
}
