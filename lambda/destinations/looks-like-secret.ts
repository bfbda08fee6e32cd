/**
 * Whether a text looks like a key, a token or the address of a webhook. Such a text is refused where the name of a secret
 * belongs, and no error repeats it, wherever it stood: what was pasted by mistake must not get into a log as well.
 *
 *     looksLikeSecret("hooks.slack.com/services/T0/B0/x")   // true
 *     looksLikeSecret("prod/datadog-api-key")               // false
 */

/** What services begin their keys with, addresses with and without scheme, and plain hex. */
const KNOWN =
  /(?:^|[^a-z0-9])(?:https?:\/\/\S|xox[a-z]-|xapp-|whsec_|gh[opsu]_|glpat-|eyJ[\w-]{10}|AKIA[A-Z0-9]{12}|dd(?:api|app)?_\w{16}|(?:pub)?[0-9a-f]{32,}(?![a-z0-9])|[0-9a-z]{32}(?![a-z0-9]))/i;
const ADDRESS = /^[\w-]+(?:\.[\w-]+)+\//;
/** Base64 as openssl and AWS write it. Names that people or CloudFormation give have hyphens, or words. */
const BASE64 = /^[A-Za-z0-9+/]{24,}={0,2}$/;
const RUN = /[A-Za-z0-9]{24,}/g;
/** Of the neighbours in random base64 about 0.6 are of different kinds; in names of words below 0.4. */
const RANDOM = 0.48;
const KINDS = [/[a-z]/, /[A-Z]/, /\d/] as const;
/** What the CDK ends its names with. */
const CDK_HASH = /[0-9A-F]{8}$/;

/** Whether a value, of any type, looks like a secret itself. */
export function looksLikeSecret(value: unknown): boolean {
  if (typeof value !== "string") return value !== undefined && holdsSecret(value);
  const text = value.trim();
  if (KNOWN.test(text) || ADDRESS.test(text) || (BASE64.test(text) && isRandom(text))) return true;
  return (text.match(RUN) ?? []).some((run) => isRandom(run));
}

/** Of a list or an object, each text in it. */
function holdsSecret(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && Object.values(value).some((one) => looksLikeSecret(one))
  );
}

function isRandom(whole: string): boolean {
  const text = whole.replace(CDK_HASH, "");
  const kinds = Array.from(text, (one) => KINDS.findIndex((kind) => kind.test(one)));
  const changes = kinds.filter(
    (kind, at) => kind >= 0 && (kinds[at - 1] ?? -1) >= 0 && kind !== kinds[at - 1],
  );
  return changes.length / (text.length - 1) > RANDOM;
}
