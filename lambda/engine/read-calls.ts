/**
 * Which calls EventBridge must be asked for. A rule in state ENABLED gets write management events, data events and
 * network-activity events; reads come only in state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS ("Receiving
 * read-only management events from AWS services", EventBridge user guide). What CloudTrail calls a read is not what
 * its name suggests: `AssumeRole` and `Decrypt` are reads. So a call counts as a write only when its verb is one that
 * AWS uses for changes alone; for everything else reads are asked for.
 */
import type { CloudTrailRecord } from "../record/record.ts";
import type { Atom, Conjunct } from "./selector.ts";

/** States of an EventBridge rule. */
export type EventRuleState = "ENABLED" | "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

const WRITE_VERBS = [
  "Accept",
  "Add",
  "Allocate",
  "Associate",
  "Attach",
  "Authorize",
  "Cancel",
  "Change",
  "Close",
  "Copy",
  "Deactivate",
  "Decline",
  "Deregister",
  "Detach",
  "Disable",
  "Disassociate",
  "Enable",
  "Import",
  "Invite",
  "Leave",
  "Modify",
  "Move",
  "Provision",
  "Purchase",
  "Put",
  "Reboot",
  "Register",
  "Reject",
  "Release",
  "Remove",
  "Replace",
  "Reset",
  "Restore",
  "Revoke",
  "RunInstances",
  "Schedule",
  "SendCommand",
  "Set",
  "StartInstances",
  "StartLogging",
  "StopLogging",
  "StopInstances",
  "StopConfigurationRecorder",
  "Tag",
  "Terminate",
  "Transfer",
  "Unarchive",
  "Untag",
  "Update",
  "Upload",
  "Create",
  "Delete",
];
/** Verbs above that stand at the front of calls which are, or may be, reads. */
const NOT_CERTAIN = ["CreateSession", "CreateToken", "CreateQuery", "CreatePresigned", "SetContext"];
const SIGN_INS = new Set([
  "ConsoleLogin",
  "CheckMfa",
  "SwitchRole",
  "ExitRole",
  "RenewRole",
  "PasswordUpdated",
  "PasswordRecoveryRequested",
  "PasswordRecoveryCompleted",
  "EmailUpdated",
  "CredentialVerification",
  "CredentialChallenge",
  "UserAuthentication",
]);

/** Whether every call whose name begins with this text changes something, or is a sign-in. */
function isKnownWrite(nameOrPrefix: string): boolean {
  if (SIGN_INS.has(nameOrPrefix)) return true;
  return (
    WRITE_VERBS.some((verb) => nameOrPrefix.startsWith(verb)) &&
    !NOT_CERTAIN.some((name) => nameOrPrefix.startsWith(name) || name.startsWith(nameOrPrefix))
  );
}

/** Whether a selector's conjunct lets no read through that EventBridge would have to be asked for. */
export function excludesReads(conjunct: Conjunct): boolean {
  const readOnly = conjunct.find((atom) => atom.path === "readOnly");
  if (readOnly !== undefined && readOnly.matchers.every((matcher) => matcher === false)) return true;
  const eventName = conjunct.find((atom) => atom.path === "eventName");
  return eventName !== undefined && namesWritesOnly(eventName);
}

/** Whether EventBridge delivers a record to rules in this state. A record that does not say whether it is a read is none. */
export function isDeliveredIn(state: EventRuleState, record: CloudTrailRecord): boolean {
  if (state !== "ENABLED" || record.readOnly !== true) return true;
  const management =
    record.eventCategory === undefined
      ? record.managementEvent !== false
      : record.eventCategory === "Management";
  return !management || isKnownWrite(record.eventName);
}

function namesWritesOnly(atom: Atom): boolean {
  return atom.matchers.every((matcher) => {
    if (typeof matcher === "string") return isKnownWrite(matcher);
    if (typeof matcher !== "object" || matcher === null) return false;
    return typeof matcher.prefix === "string" && isKnownWrite(matcher.prefix);
  });
}
