/**
 * What the patterns of a policy cover. The same reach has many spellings (`iam:*`, `iam:?*`, `I?M:**`; `*`,
 * `arn:aws:*:*:*:?*`), so nothing here goes by how a pattern is written: it is tried on the name of something that nobody
 * has, and what fits that fits everything.
 *
 *     coversAction("iam:?*", "iam:*")                                         // true
 *     isEveryResource("arn:aws:*:*:*:?*", undefined)                          // true: all there is
 *     isEveryResource("arn:aws:iam::123456789012:role/*", "iam")              // true: all that IAM has of a kind
 */

/** Stand where a name may be anything: no pattern spells this character, so only a wildcard fits it. */
const ODD = "\u0001";
const ODD_ACCOUNT = ODD.repeat(12);
const PARTITIONS = ["aws", "aws-cn", "aws-us-gov"];
const IAM_KINDS = ["role/", "user/", "group/", "policy/", "instance-profile/"];
const ANY_ARNS = PARTITIONS.map((name) => `arn:${name}:${ODD}${ODD}:${ODD}${ODD}:${ODD_ACCOUNT}:${ODD}`);

/** Whether a pattern of a policy (`iam:*`, `s3:Get*`, `*`) covers an action in small letters; case does not matter there. */
export function coversAction(pattern: string, wanted: string): boolean {
  const given = withoutRuns(pattern.toLowerCase());
  if (given === "*" || given === "*:*") return true;
  return wanted !== "*" && fits(given, wanted);
}

/**
 * Whether a resource is everything, or everything of a kind that an action is for: `arn:aws:iam::123456789012:role/*`.
 * @param service whose resources the action is for; undefined when it asks for all actions
 */
export function isEveryResource(resource: string, service: string | undefined): boolean {
  const given = withoutRuns(resource);
  if (!given.endsWith("*")) return false;
  if (ANY_ARNS.some((arn) => fits(given, arn))) return true;
  if (service === undefined) return false;
  const kinds = service === "iam" ? IAM_KINDS : [""];
  if (kinds.some((kind) => fits(given, `arn:aws:${service}::${ODD_ACCOUNT}:${kind}${ODD}`))) return true;
  const [scheme = "", , owner = "", , , ...rest] = given.split(":");
  if (rest.length === 0 || !fits(scheme, "arn") || !fits(owner, service)) return false;
  const name = rest.join(":");
  return /^(?:[A-Za-z0-9-]+[:/])?\*$/.test(name) || kinds.some((kind) => fits(name, kind + ODD));
}

/** The service whose resources an action in small letters is for: one assumes roles, which are IAM's. */
export function serviceOf(action: string): string {
  const service = action.split(":", 1)[0] ?? "";
  return service === "sts" ? "iam" : service;
}

/** `*?` asks for at least one character, and every name has some. */
function withoutRuns(pattern: string): string {
  return pattern.replaceAll(/[*?]*\*[*?]*/g, "*");
}

function fits(pattern: string, text: string): boolean {
  // Without this a long pattern would be tried at every place of the text.
  if (pattern.length > 2 * text.length + 1) return false;
  let [at, to, star, resumeAt] = [0, 0, -1, 0];
  while (to < text.length) {
    if (pattern[at] === "*") [star, resumeAt, at] = [at, to, at + 1];
    else if (pattern[at] === text[to] || (pattern[at] === "?" && text[to] !== "*"))
      [at, to] = [at + 1, to + 1];
    else if (star === -1) return false;
    else [at, to, resumeAt] = [star + 1, resumeAt + 1, resumeAt + 1];
  }
  return pattern[at] === "*" ? at + 1 === pattern.length : at === pattern.length;
}
