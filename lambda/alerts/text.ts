/**
 * An alert in a few lines that a person reads in ten seconds: how bad, what, who, how, from where, when, why it
 * matters and what to do. For terminals and mails; nothing in it can hide text or forge a line.
 */
import type { Alert } from "./alert-schema.ts";
import { showText } from "./show-text.ts";

const MAX_LINE = 400;

/** The alert as plain lines, without a line break at the end. */
export function formatAlertForPeople(alert: Alert): string {
  const lines = [
    `${alert.severity.toUpperCase()}  ${showText(alert.title, MAX_LINE)}`,
    `  ${showText(alert.summary, 2 * MAX_LINE)}`,
    ...labelled([
      ["what", alert.annotation],
      ["who", describeActor(alert)],
      [
        "how",
        `${alert.channel.name} (${alert.channel.confidence} confidence: ${alert.channel.reasons.join("; ")})`,
      ],
      ["call", describeCall(alert)],
      ["from", joined([alert.source.ip, alert.source.userAgent])],
      ["where", joined([describeAccount(alert.cloud), alert.cloud.region])],
      ["when", describeTime(alert)],
      [
        "touched",
        alert.resources
          .slice(0, 3)
          .map(({ arn }) => arn)
          .join(", "),
      ],
      ["why", alert.rule.description],
      ["do", alert.rule.runbook],
      ["told", describeDisposition(alert)],
      ["record", alert.links.record],
      ...(alert.notes ?? []).map((note): [string, string] => ["note", note]),
      ["rule", `${alert.rule.id}  alert ${alert.id}`],
    ]),
  ];
  return lines.join("\n");
}

/**
 * The actor with what is known of it: "alice (IAMUser, without MFA, arn:aws:iam::123456789012:user/alice)", and of a
 * role's session the person first: "mira.okafor as role PlatformAdmin (AssumedRole, with MFA)". The role's ARN says
 * nothing more but its account, which is told when it is not the one that was changed.
 */
export function describeActor({ actor, cloud }: Alert): string {
  const isSession = actor.session !== undefined && actor.role !== undefined;
  const isForeign =
    actor.crossAccount ?? (actor.accountId !== undefined && actor.accountId !== cloud.accountId);
  const center = actor.identityCenterUser;
  const known = [
    actor.type,
    actor.root && actor.type !== "Root" ? "root session" : undefined,
    center === actor.session || center === actor.name
      ? undefined
      : center && `Identity Center user ${center}`,
    actor.sourceIdentity && `source identity ${actor.sourceIdentity}`,
    actor.mfa === undefined ? undefined : actor.mfa ? "with MFA" : "without MFA",
    isForeign ? `from account ${actor.accountId ?? "unknown"}` : undefined,
    isSession ? undefined : actor.arn,
    actor.invokedBy === actor.name ? undefined : actor.invokedBy && `through ${actor.invokedBy}`,
  ];
  return `${isSession ? `${actor.session} as role ${actor.role}` : actor.name} (${joined(known)})`;
}

/** The account: "account production (123456789012)", or its id alone; empty when it is not known. */
export function describeAccount({ accountId, accountName }: Alert["cloud"]): string {
  if (accountId === undefined || accountId === "") return "";
  return accountName === undefined ? `account ${accountId}` : `account ${accountName} (${accountId})`;
}

/** The call and what became of it: "ec2.amazonaws.com StopInstances: denied, Client.UnauthorizedOperation". */
export function describeCall({ record, outcome }: Alert): string {
  const call = [record.eventSource, record.eventName].filter((part) => typeof part === "string").join(" ");
  return `${call}: ${joined([outcome.result, outcome.errorCode, outcome.errorMessage])}`;
}

/** Why nobody is told of the alert: "nobody: suppressed by nightly-backup (owner platform, until 2027-03-31): …". */
function describeDisposition({ disposition, suppression }: Alert): string | undefined {
  if (disposition === "delivered") return undefined;
  if (disposition === "staged") return "nobody: the rule is staged";
  if (suppression === undefined) return `nobody: ${disposition}`;
  const { id, owner, expires, reason } = suppression;
  return `nobody: suppressed by ${id} (owner ${owner}, until ${expires}): ${reason}`;
}

function describeTime({ startTime, endTime, count }: Alert): string {
  return count === 1 ? startTime : `${startTime} to ${endTime}, ${count} times`;
}

function labelled(pairs: readonly (readonly [string, string | undefined])[]): string[] {
  return pairs
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([label, value]) => `  ${label.padEnd(8)}${showText(value ?? "", MAX_LINE)}`);
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(", ");
}
