/**
 * What an IAM policy grants, as the operators `grantsPublic`, `grantsOutside`, `grantsFederated` and `grantsAction` ask
 * it. Each looks at one statement at a time, as AWS does: who, what, on which resources, under which conditions.
 *
 *     grantsPublic(bucketPolicy)                     // anybody, and no condition that says who
 *     grantsOutside(trustPolicy, "123456789012")     // another account, or anybody
 *     grantsFederated(trustPolicy)                   // tokens of GitHub, GitLab, Cognito …
 *     grantsAction(policyDocument, "iam:PassRole")   // on every resource
 *
 * Statements that deny are not weighed, and in doubt the answer is yes.
 */
import { accountOf, reachOf } from "./policy-conditions.ts";
import { isObject, type JsonObject, readPolicy, textsOf } from "./policy-document.ts";
import { coversAction, isEveryResource, serviceOf } from "./policy-patterns.ts";

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

/** Of a user or a role; IAM resolves those of other accounts too. */
const UNIQUE_ID = /^A[A-Z]{3}[A-Z0-9]{12,}$/;
const OWN_PROVIDER = /:saml-provider\/|:oidc-provider\/oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/id\//;

/** With one of these, on everything, one gets the rest. */
const MEANS: readonly string[] = [
  "iam:putuserpolicy",
  "iam:putgrouppolicy",
  "iam:putrolepolicy",
  "iam:attachuserpolicy",
  "iam:attachgrouppolicy",
  "iam:attachrolepolicy",
  "iam:createpolicyversion",
];

/** Whether a policy lets anybody in, with no condition that narrows who. */
export function grantsPublic(policy: unknown): boolean {
  return some(policy, (statement) => isForAnybody(statement) || isForAnybodysToken(statement));
}

/**
 * Whether a policy lets in anybody, or somebody who is not for certain of this account: another account, a canonical user
 * or an id such as AROA…, which do not tell whose they are, an organization, a network. AWS services do not count.
 */
export function grantsOutside(policy: unknown, accountId: string): boolean {
  return some(policy, (statement) => {
    if (isForAnybody(statement) || isForAnybodysToken(statement)) return true;
    if (hasAnyPrincipal(statement)) return reachOf(statement["Condition"], accountId) === "outside";
    return (
      principalsOf(statement, "CanonicalUser").length > 0 ||
      [...principalsOf(statement, "AWS"), ...principalsOf(statement, "Federated")].some((principal) => {
        const account = accountOf(principal);
        return account === undefined ? UNIQUE_ID.test(principal) : account !== accountId;
      })
    );
  });
}

/**
 * Whether a policy lets in whoever brings a token of an identity provider that others use as well, such as GitHub or
 * Cognito: which of its users, only a condition says. SAML providers and EKS clusters are somebody's own, and do not count.
 */
export function grantsFederated(policy: unknown): boolean {
  return some(policy, (statement) =>
    principalsOf(statement, "Federated").some((principal) => !OWN_PROVIDER.test(principal)),
  );
}

/**
 * Whether a policy permits an action on every resource, or on every one of a kind (`role/*`); conditions are not weighed.
 * `*` asks for all actions, `iam:*` for all of IAM's. All but some count as these as long as one is left by which to get
 * the rest, such as iam:AttachUserPolicy.
 */
export function grantsAction(policy: unknown, action: string): boolean {
  const wanted = action.toLowerCase();
  const isAll = wanted === "*" || wanted === "*:*";
  return some(policy, (statement) => {
    if (!isForEveryResource(statement, isAll ? undefined : serviceOf(wanted))) return false;
    const except = textsOf(statement["NotAction"]);
    if (except.length === 0) return textsOf(statement["Action"]).some((given) => coversAction(given, wanted));
    const means = isAll || wanted === "iam:*" ? MEANS : [wanted];
    return means.some(
      (one) => !except.some((given) => coversAction(given, one) || coversAction(one, given.toLowerCase())),
    );
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
  if (/^[*?]*\*[*?]*$/.test(principal)) return true;
  return principal.startsWith("arn:") && /[*?]/.test(principal.split(":", 5)[4] ?? "");
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

/** Rules ask for many actions of few services, and a hostile document can be long. */
const everyResource = new WeakMap<JsonObject, Map<string | undefined, boolean>>();

/** @param service that of the action; undefined when it asks for all actions. */
function isForEveryResource(statement: JsonObject, service: string | undefined): boolean {
  const known = everyResource.get(statement) ?? new Map<string | undefined, boolean>();
  everyResource.set(statement, known);
  const answer = known.get(service) ?? readResources(statement, service);
  known.set(service, answer);
  return answer;
}

function readResources(statement: JsonObject, service: string | undefined): boolean {
  const except = textsOf(statement["NotResource"]);
  if (except.length > 0) return !except.some((resource) => isEveryResource(resource, undefined));
  return textsOf(statement["Resource"]).some((resource) => isEveryResource(resource, service));
}
