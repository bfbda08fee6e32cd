/**
 * Keeps the engine from feeding itself. A call that the detector makes and that is denied (to publish an alert, to read
 * a secret) becomes a CloudTrail record; were it delivered, the detector would alert on it, call again, be denied again.
 * So its own role's failed calls are left out: of what asks for an error by name, everywhere; of what asks for no outcome
 * at all, for the services that the detector calls. What the role does successfully is delivered as everybody else's,
 * and its denied calls are counted by a metric under an alarm: then something is broken, or somebody else is using it.
 */
import { cutByOutcome, exactValues, isAbsence, NO_ERROR, replaceAtom } from "./domains.ts";
import type { Conjunct, Matcher } from "./selector.ts";

/** The services that the detector, or Lambda and SNS on its behalf, calls with its role. */
export const OWN_CALLS: readonly string[] = ["kms", "logs", "secretsmanager", "sns", "sqs"].map(
  (name) => `${name}.amazonaws.com`,
);

const ROLE_NAME = "userIdentity.sessionContext.sessionIssuer.userName";

/** Splits a conjunct so that it accepts no denied call by the role of this name. */
export function excludeOwnDenials(conjunct: Conjunct, roleName: string): readonly Conjunct[] {
  if (isNoRole(conjunct)) return [conjunct];
  const byOthers = replaceAtom(conjunct, {
    path: ROLE_NAME,
    matchers: [{ "anything-but": [roleName] }, { exists: false }, null],
    lists: [],
  });
  const errorCode = conjunct.find((atom) => atom.path === "errorCode")?.matchers;
  if (errorCode?.every(isAbsence)) return [conjunct];
  if (errorCode?.some((matcher) => !isExistence(matcher))) {
    const { succeeded } = cutByOutcome(conjunct);
    return succeeded === undefined ? [byOthers] : [succeeded, byOthers];
  }
  if (leavesOutOwnCalls(conjunct)) return [conjunct];
  const sources = exactValues(conjunct, "eventSource") ?? [];
  const foreign = sources.filter((source) => !OWN_CALLS.includes(source));
  if (foreign.length > 0) {
    const own = sources.filter((source) => OWN_CALLS.includes(source));
    const ofSources = (matchers: readonly string[]): Conjunct =>
      replaceAtom(conjunct, { path: "eventSource", matchers, lists: [] });
    return [ofSources(foreign), ...excludeOwnDenials(ofSources(own), roleName)];
  }
  return errorCode === undefined
    ? [replaceAtom(conjunct, { path: "errorCode", matchers: NO_ERROR, lists: [] }), byOthers]
    : [byOthers];
}

function isExistence(matcher: Matcher): boolean {
  return typeof matcher === "object" && matcher !== null && matcher.exists === true;
}

/** Whether the conjunct is about callers that are no role: users, root, services. */
function isNoRole(conjunct: Conjunct): boolean {
  return exactValues(conjunct, "userIdentity.type")?.every((type) => type !== "AssumedRole") ?? false;
}

function leavesOutOwnCalls(conjunct: Conjunct): boolean {
  const sources = exactValues(conjunct, "eventSource");
  if (sources !== undefined) return sources.every((source) => !OWN_CALLS.includes(source));
  const matchers = conjunct.find((atom) => atom.path === "eventSource")?.matchers ?? [];
  return (
    matchers.length > 0 &&
    matchers.every((matcher) => {
      const others = typeof matcher === "object" && matcher !== null ? matcher["anything-but"] : undefined;
      return Array.isArray(others) && OWN_CALLS.every((source) => others.includes(source));
    })
  );
}
