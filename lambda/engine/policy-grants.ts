/**
 * What an IAM policy grants, as the operators `grantsPublic`, `grantsOutside` and `grantsAction` ask it. Each looks at one
 * statement at a time, as AWS does: who, what, on which resources, under which conditions.
 *
 *     grantsPublic(bucketPolicy)                     // anybody, and no condition that says who
 *     grantsOutside(trustPolicy, "123456789012")     // another account, or anybody
 *     grantsAction(policyDocument, "iam:PassRole")   // on every resource
 *
 * Statements that deny are not weighed, and in doubt the answer is yes.
 */
import { accountOf, reachOf } from "./policy-conditions.ts";
import { isObject, type JsonObject, readPolicy, textsOf } from "./policy-document.ts";

/**
 * Identity providers at which anybody can get an account, with the claims that say whose token is let in. For the
 * others, such as GitHub, the audience is chosen by whoever asks for the token.
 */
const OPEN_PROVIDERS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "token.actions.githubusercontent.com",
    ["sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref"],
  ],
  ["gitlab.com", ["sub", "project_path", "namespace_path", "project_id", "namespace_id"]],
  ["app.terraform.io", ["sub"]],
  ["accounts.google.com", ["sub", "aud", "oaud"]],
  ["www.amazon.com", ["user_id", "app_id"]],
  ["graph.facebook.com", ["id", "app_id"]],
  ["cognito-identity.amazonaws.com", ["sub", "aud"]],
]);

/** Whether a policy lets anybody in, with no condition that narrows who. */
export function grantsPublic(policy: unknown): boolean {
  return some(policy, (statement) => isForAnybody(statement) || isForAnybodysToken(statement));
}

/**
 * Whether a policy lets in anybody, or an account other than this one. AWS services do not count, nor does what is
 * narrowed to an organisation, a network or this account; a canonical user id does, because it does not tell whose it is.
 */
export function grantsOutside(policy: unknown, accountId: string): boolean {
  return some(policy, (statement) => {
    if (isForAnybody(statement) || isForAnybodysToken(statement)) return true;
    if (hasAnyPrincipal(statement)) return reachOf(statement["Condition"], accountId) === "outside";
    return (
      principalsOf(statement, "CanonicalUser").length > 0 ||
      [...principalsOf(statement, "AWS"), ...principalsOf(statement, "Federated")].some((principal) => {
        const account = accountOf(principal);
        return account !== undefined && account !== accountId;
      })
    );
  });
}

/**
 * Whether a policy permits an action on every resource, or on every one of a kind (`role/*`); conditions are not weighed.
 * `*` asks for all actions; all but some count as all unless IAM's are among those left out: with IAM, one gets the rest.
 */
export function grantsAction(policy: unknown, action: string): boolean {
  const wanted = action.toLowerCase();
  const service = wanted === "*" ? undefined : wanted.split(":", 1)[0];
  return some(policy, (statement) => {
    if (!isForEveryResource(statement, service)) return false;
    const except = textsOf(statement["NotAction"]);
    if (except.length === 0) return textsOf(statement["Action"]).some((given) => covers(given, wanted));
    const needed = wanted === "*" ? "iam:putrolepolicy" : wanted;
    return !except.some((given) => covers(given, needed) || covers(needed, given.toLowerCase()));
  });
}

function some(policy: unknown, test: (statement: JsonObject) => boolean): boolean {
  return readPolicy(policy)?.some(test) ?? true;
}

function isForAnybody(statement: JsonObject): boolean {
  return hasAnyPrincipal(statement) && reachOf(statement["Condition"], "") === "anybody";
}

/** `Allow` with `NotPrincipal` lets in all but a few. */
function hasAnyPrincipal(statement: JsonObject): boolean {
  if (statement["NotPrincipal"] !== undefined) return true;
  const principal = statement["Principal"];
  if (!isObject(principal)) return textsOf(principal).some(isAnyone);
  return Object.values(principal).some((names) => textsOf(names).some(isAnyone));
}

function isAnyone(principal: string): boolean {
  return /^\*+$/.test(principal) || (principal.startsWith("arn:") && principal.split(":", 5)[4] === "*");
}

/** Whether a role trusts a public identity provider and does not say whose tokens. */
function isForAnybodysToken(statement: JsonObject): boolean {
  return principalsOf(statement, "Federated").some((principal) => {
    const provider = principal.slice(principal.indexOf(":oidc-provider/") + 1).replace("oidc-provider/", "");
    const claims = OPEN_PROVIDERS.get(provider.toLowerCase());
    if (claims === undefined) return false;
    const keys = claims.map((claim) => `${provider.toLowerCase()}:${claim}`);
    return reachOf(statement["Condition"], "", keys) === "anybody";
  });
}

function principalsOf(statement: JsonObject, kind: string): readonly string[] {
  const principal = statement["Principal"];
  return isObject(principal) && Object.hasOwn(principal, kind) ? textsOf(principal[kind]) : [];
}

/** @param service that of the action; undefined when it asks for all actions. */
function isForEveryResource(statement: JsonObject, service: string | undefined): boolean {
  const except = textsOf(statement["NotResource"]);
  if (except.length > 0) return !except.some((resource) => isEveryResource(resource, undefined));
  return textsOf(statement["Resource"]).some((resource) => isEveryResource(resource, service));
}

/** `*`, `arn:aws:*` and the like; for an action of IAM also `arn:aws:iam::123456789012:role/*`. */
function isEveryResource(resource: string, service: string | undefined): boolean {
  if (resource.endsWith("*") && /^(?:\*|arn)?(?::[^:*]*)?[*:]+$/.test(resource)) return true;
  if (service === undefined) return false;
  const kind = /^arn:[^:]*:([^:]*):[^:]*:[^:]*:(?:[A-Za-z0-9-]+[:/])?\*+$/.exec(resource)?.[1];
  return kind === "*" || kind === service;
}

/** Whether a pattern of a policy (`iam:*`, `s3:Get*`, `*`) covers an action in small letters; case does not matter there. */
function covers(pattern: string, wanted: string): boolean {
  const given = pattern.toLowerCase().replaceAll(/\*+/g, "*");
  if (given === "*" || given === "*:*") return true;
  // Without this a long pattern would be tried at every place of the action.
  if (wanted === "*" || given.length > 2 * wanted.length + 1) return false;
  let [at, to, star, resumeAt] = [0, 0, -1, 0];
  while (to < wanted.length) {
    if (given[at] === "*") [star, resumeAt, at] = [at, to, at + 1];
    else if (given[at] === wanted[to] || (given[at] === "?" && wanted[to] !== "*"))
      [at, to] = [at + 1, to + 1];
    else if (star === -1) return false;
    else [at, to, resumeAt] = [star + 1, resumeAt + 1, resumeAt + 1];
  }
  return given[at] === "*" ? at + 1 === given.length : at === given.length;
}
