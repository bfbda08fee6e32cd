/**
 * How far a grant to `*` reaches once the conditions of its statement are looked at. A condition narrows only when it is
 * certain to fail for strangers: an operator that demands the key (`StringNotEquals`, `…IfExists` and `ForAllValues` hold
 * without it), a key that a stranger cannot set (a tag, a user name or a private address can be had anywhere), and a value
 * that is not everything. It ends inside only when the value says so: the account's id, an ARN in it, what AWS fills in.
 * An organization, an address, a VPC endpoint or a bucket may as well be the intruder's.
 *
 *     reachOf({ StringEquals: { "aws:PrincipalAccount": "123456789012" } }, "123456789012")      // "inside"
 *     reachOf({ StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }, "123456789012")        // "outside"
 *     reachOf({ StringNotEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }, "123456789012")     // "anybody"
 *
 * After "The meaning of public", Amazon S3 user guide, and the global condition context keys of the IAM user guide.
 */
import { isObject, textsOf } from "./policy-document.ts";

/** Whom a statement lets in: anybody, somebody of whom it is not sure that they are of this account, or neither. */
type Reach = "anybody" | "outside" | "inside";

type Kind = "id" | "path" | "arn" | "user-id" | "address" | "service" | "true" | "claim";

const KEYS: ReadonlyMap<string, Kind> = new Map([
  ["aws:principalorgid", "id"],
  ["aws:principalorgpaths", "path"],
  ["aws:principalaccount", "id"],
  ["aws:principalarn", "arn"],
  ["aws:principalisawsservice", "true"],
  ["aws:principalservicename", "service"],
  ["aws:principalservicenameslist", "service"],
  ["aws:sourceaccount", "id"],
  ["aws:sourceowner", "id"],
  ["aws:sourcearn", "arn"],
  ["aws:sourceorgid", "id"],
  ["aws:sourceorgpaths", "path"],
  ["aws:sourceip", "address"],
  ["aws:sourcevpc", "id"],
  ["aws:sourcevpcarn", "arn"],
  ["aws:sourcevpce", "id"],
  ["aws:vpceaccount", "id"],
  ["aws:vpceorgid", "id"],
  ["aws:vpceorgpaths", "path"],
  ["aws:userid", "user-id"],
  ["kms:calleraccount", "id"],
  ["s3:dataaccesspointaccount", "id"],
  ["s3:dataaccesspointarn", "arn"],
  ["elasticfilesystem:accessedviamounttarget", "true"],
]);

const DEMANDING =
  /^(?:foranyvalue:)?(?:stringequals|stringequalsignorecase|stringlike|arnequals|arnlike|ipaddress|bool)$/;
/** With these a condition also holds when the key is absent, unless the statement demands the key elsewhere. */
const LENIENT = /^(?:forallvalues:(\w+?)|(?:foranyvalue:)?(\w+?)ifexists)$/;
/** What AWS fills in: these are the account and the organisation that the policy itself belongs to. */
const OWN_VARIABLES = /^\$\{aws:resource(?:account|orgid|orgpaths)\}\/?\*?$/i;

/**
 * Whom the `Condition` of a statement for `*` lets in.
 * @param accountId the account to which a condition may narrow it; "" when no account is one's own
 * @param claims the only keys that narrow, instead of AWS's: those of an identity provider's token, in small letters
 */
export function reachOf(condition: unknown, accountId: string, claims?: readonly string[]): Reach {
  if (!isObject(condition)) return "anybody";
  const demanded = demandedKeys(condition);
  let reach: Reach = "anybody";
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isObject(keys)) continue;
    const name = operator.toLowerCase();
    const lenient = LENIENT.exec(name);
    const exact = !/like|arn/.test(name);
    if (!DEMANDING.test(lenient?.[1] ?? lenient?.[2] ?? name)) continue;
    for (const [writtenKey, written] of Object.entries(keys)) {
      const key = writtenKey.toLowerCase();
      const kind = claims === undefined ? KEYS.get(key) : claims.includes(key) ? "claim" : undefined;
      const values = textsOf(written);
      if (kind === undefined || values.length === 0 || (lenient !== null && !demanded.has(key))) continue;
      if (!values.every((value) => narrows(kind, value, exact))) continue;
      if (values.every((value) => isOwn(kind, value, accountId, name))) return "inside";
      reach = "outside";
    }
  }
  return reach;
}

/** The account that an account id or an ARN names; a unique id (AIDA…), a service and CloudFront's name none. */
export function accountOf(principal: string): string | undefined {
  const account = principal.startsWith("arn:") ? principal.split(":", 5)[4] : principal;
  return account !== undefined && /^\d{12}$/.test(account) ? account : undefined;
}

/** AWS services, and what comes through the file system's own mount targets, are nobody's account. */
function isOwn(kind: Kind, value: string, accountId: string, operator: string): boolean {
  if (kind === "true" || kind === "service" || OWN_VARIABLES.test(value)) return true;
  if (accountOf(value) !== accountId) return false;
  // `*` of StringLike goes over colons, and a role's path may have the account in it.
  return !operator.includes("stringlike") || !/[*?]/.test(value.split(":", 5).join(":"));
}

/** Keys that must be there: `"Null": { "aws:PrincipalOrgID": "false" }`. */
function demandedKeys(condition: { readonly [key: string]: unknown }): ReadonlySet<string> {
  const demanded = new Set<string>();
  for (const [operator, keys] of Object.entries(condition)) {
    if (operator.toLowerCase() !== "null" || !isObject(keys)) continue;
    for (const [key, written] of Object.entries(keys)) {
      const values = textsOf(written);
      if (values.length > 0 && values.every((value) => value.toLowerCase() === "false"))
        demanded.add(key.toLowerCase());
    }
  }
  return demanded;
}

/** @param exact whether `*` and `?` inside the value stand for themselves; alone, `*` was meant as everything. */
function narrows(kind: Kind, value: string, exact: boolean): boolean {
  if (kind === "true") return value.toLowerCase() === "true";
  if (OWN_VARIABLES.test(value)) return true;
  if (value === "" || /^[*?]+$/.test(value) || value.includes("${")) return false;
  if (kind === "address") return isSmallRange(value);
  const [fixed = ""] = exact ? [value] : value.split(/[*?]/, 1);
  if (fixed === value) return true;
  switch (kind) {
    case "path":
      return /^o-[a-z0-9]+\//.test(fixed);
    case "user-id":
      return /^[A-Z0-9]{16,}/.test(fixed);
    case "claim":
      // repo:organization/… and organization:name:…, but not repo:organization*, which fits other names as well.
      return /^[^:/]+[:/][^:/]+[:/]/.test(fixed);
    case "arn":
      return isOfOneOwner(value);
    default:
      return false;
  }
}

/** An ARN with wildcards is one owner's when its account is fixed, or, for S3, whose bucket names are unique, its bucket. */
function isOfOneOwner(arn: string): boolean {
  const [, , service = "", , account = "", ...resource] = arn.split(":", 7);
  if (/^\d{12}$/.test(account)) return true;
  return service === "s3" && /^[a-z0-9][a-z0-9.-]{2,62}$/.test(resource.join(":").split("/", 1)[0] ?? "");
}

/** S3 takes a range for public when it is wider than /8, of IPv6 than /32. */
function isSmallRange(range: string): boolean {
  const [address = "", bits] = range.split("/", 2);
  const isIpv6 = address.includes(":");
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) >= (isIpv6 ? 32 : 8);
}
