/**
 * What kind of event an alert is in ECS: categories, types and the numbers of severity. ECS says which types go with which
 * category, and dashboards rely on it: "denied" goes with "api" and not with "authentication", where the outcome tells it.
 *
 *     kindOfEvent(alert)   // { category: ["iam", "api"], type: ["creation", "user"] }
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { textAt, valueAt } from "../record/untrusted.ts";
import { actedUpon } from "./ecs-user.ts";

/** ECS has a number for severity; these are Elastic's own for its detection rules. */
export const RISK: Readonly<Record<Alert["severity"], number>> = {
  info: 1,
  low: 21,
  medium: 47,
  high: 73,
  critical: 99,
};

const IDENTITY_SERVICES: ReadonlySet<string> = new Set([
  "iam.amazonaws.com",
  "identitystore.amazonaws.com",
  "sso-directory.amazonaws.com",
  "sso.amazonaws.com",
  "sts.amazonaws.com",
]);
const CENTER_SIGN_IN = /^(?:Authenticate|Federate|Logout|UserAuthentication|Credential\w*|CreateToken)$/;
const SESSION_START = /^(?:AssumeRole\w*|AssumeRoot|GetSessionToken|GetFederationToken)$/;
const SESSION_END = /^(?:Logout|SignOut|ExitRole)$/;

/** Categories, each with at least one of the types, and types, each expected of at least one of the categories. */
export function kindOfEvent(alert: Alert): { readonly category: string[]; readonly type: string[] } {
  const service = textAt(alert.record, "eventSource") ?? "";
  const call = textAt(alert.record, "eventName") ?? "";
  if (isSignIn(service, call)) return { category: ["authentication"], type: [beginning(alert, call)] };
  const denied = alert.outcome.result === "denied" ? ["denied"] : [];
  if (service === "sts.amazonaws.com" && SESSION_START.test(call)) {
    return { category: ["session", "api"], type: [beginning(alert, call), ...denied] };
  }
  if (!IDENTITY_SERVICES.has(service)) {
    return { category: ["configuration", "api"], type: [doing(alert, call), ...denied] };
  }
  const done = doing(alert, call);
  // "access" is no type of "iam".
  const what = done === "access" ? ["info", "access"] : [done];
  return { category: ["iam", "api"], type: [...what, ...subjects(alert), ...denied] };
}

function isSignIn(service: string, call: string): boolean {
  if (service === "signin.amazonaws.com") return true;
  return service === "sso.amazonaws.com" && CENTER_SIGN_IN.test(call);
}

function beginning({ outcome }: Alert, call: string): string {
  if (outcome.result !== "success") return "info";
  return SESSION_END.test(call) ? "end" : "start";
}

function doing({ record }: Alert, call: string): string {
  if (valueAt(record, "readOnly") === true) return "access";
  if (/^(?:Create|Run|Put|Add|Allocate|Import|Register)/.test(call)) return "creation";
  return /^(?:Delete|Remove|Terminate|Release|Deregister)/.test(call) ? "deletion" : "change";
}

/** Who was acted upon; neither a user nor a group is what ECS calls administrative. */
function subjects(alert: Alert): string[] {
  const { target, group } = actedUpon(alert.record);
  const kinds = [...(target === undefined ? [] : ["user"]), ...(group === undefined ? [] : ["group"])];
  return kinds.length === 0 ? ["admin"] : kinds;
}
