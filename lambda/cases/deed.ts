/**
 * What one record says that somebody did, in the few words that the investigation compares: which call, from which
 * network, by which channel, in which Region, whether without a second factor, whether as root. Alerts, CloudTrail's
 * history and the profile of an actor are all read in these words, so that an answer never compares unlike things.
 *
 *     deedOf(alert)   // { at: 1795169730000, subject: "arn:aws:iam::123456789012:user/alice", eventID: "3f25…",
 *                     //   facets: { call: "ec2:RunInstances", network: "192.0.2.0/24", channel: "console", … } }
 *
 * A subject is who answers are about. It is the user or the role, except in sessions of IAM Identity Center, which names
 * them after the person: there it is the person in that role. A name that stands for nobody in particular is no subject.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { canonicalCidr } from "../engine/cidr.ts";
import { deriveActor } from "../record/actor.ts";
import { deriveChannel } from "../record/channel.ts";
import { cutText } from "../record/cut-text.ts";
import { deriveOutcome } from "../record/outcome.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import { textAt } from "../record/untrusted.ts";

/** What is remembered of deeds, each with the values that it can have. */
export const FACETS = [
  /** "ec2:RunInstances". */
  "call",
  /** The /24 or /64 of the address, or the name of the service that called. */
  "network",
  "channel",
  "region",
  /** The id that AWS gave the user or role: one made again under its old name has another. */
  "principal",
  /** How it was done without a second factor: "session", "sign-in" or "access-key". */
  "noMfa",
  /** A console sign-in without a second factor. */
  "signInNoMfa",
  /** Root used: "root", or "assume-root" by whoever asked for such a session. */
  "root",
] as const;
export type Facet = (typeof FACETS)[number];
export type Facets = { readonly [Name in Facet]?: string };

/** One thing done; `at` in milliseconds since 1970. */
export type Deed = {
  readonly at: number;
  readonly subject?: string;
  readonly facets: Facets;
  readonly eventID?: string;
  /** The IAM user that it made, by the id that AWS gave it, where CloudTrail tells that: its name may be another by now. */
  readonly made?: { readonly id?: string };
};

/** Who answers are about. */
export type Subject = {
  readonly key: string;
  readonly kind: "service" | "root" | "user" | "person" | "role" | "other";
  /** What CloudTrail's history calls it, where that name stands for all that it does. */
  readonly username?: string;
};

/** What deeds are read of: an alert has it. */
export type Doing = Pick<Alert, "actor" | "channel" | "source" | "outcome" | "record">;

const MAX_VALUE = 200;
const ANONYMOUS: ReadonlySet<string> = new Set(["ANONYMOUS_PRINCIPAL", "anonymous"]);
/** How long-term access keys begin; those of sessions begin with ASIA (IAM user guide, "unique identifiers"). */
const LONG_TERM_KEY = "AKIA";
const IPV4 = /^[\d.]+$/;

/** Who did it; undefined when the record names nobody in particular. */
export function subjectOf({ actor }: Pick<Alert, "actor">): Subject | undefined {
  const { type, name, arn, principalId, session } = actor;
  if (type === "AWSService") return { key: `service\n${name}`, kind: "service" };
  if (arn !== undefined) {
    if (type === "Root") return { key: arn, kind: "root", username: "root" };
    if (session !== undefined && actor.identityCenterUser === session && actor.role !== undefined)
      return { key: `${arn}\n${session}`, kind: "person", username: session };
    if (type === "IAMUser" && arn.includes(":user/"))
      return { key: arn, kind: "user", username: arn.slice(arn.lastIndexOf("/") + 1) };
    return { key: arn, kind: session === undefined ? "other" : "role" };
  }
  if (principalId === undefined || ANONYMOUS.has(principalId)) return undefined;
  return { key: principalId, kind: "other" };
}

/** The deed of an alert; undefined when its record has no time. */
export function deedOf(alert: Doing): Deed | undefined {
  const { actor, channel, source, record } = alert;
  const at = Date.parse(textAt(record, "eventTime") ?? "");
  if (!Number.isFinite(at)) return undefined;
  const subject = subjectOf(alert)?.key;
  const eventID = textAt(record, "eventID");
  const made = madeUser(alert);
  const facets = Object.entries({
    call: callOf(textAt(record, "eventSource"), textAt(record, "eventName")),
    network: networkOf(source.ip),
    channel: channel.name === "unknown" ? undefined : channel.name,
    region: textAt(record, "awsRegion"),
    principal: principalOf(actor),
    ...withoutMfa(alert),
    root: rootUse(alert),
  }).flatMap(([facet, value]) => (value === undefined ? [] : [[facet, cutText(value, MAX_VALUE)]]));
  return {
    at,
    ...(subject === undefined ? {} : { subject }),
    facets: Object.fromEntries(facets) as Facets,
    ...(eventID === undefined ? {} : { eventID: cutText(eventID, MAX_VALUE) }),
    ...(made === undefined ? {} : { made }),
  };
}

/** The deed of a record; undefined when it has no time. */
export function deedOfRecord(record: CloudTrailRecord): Deed | undefined {
  const ip = textAt(record, "sourceIPAddress");
  return deedOf({
    actor: deriveActor(record),
    channel: deriveChannel(record),
    outcome: deriveOutcome(record),
    source: ip === undefined ? {} : { ip },
    record,
  });
}

/** The call as it is compared: "ec2:RunInstances" of ec2.amazonaws.com and of ec2. */
export function callOf(source: string | undefined, eventName: string | undefined): string | undefined {
  if (source === undefined || eventName === undefined) return undefined;
  return cutText(`${source.replace(/\.amazonaws\.com$/, "")}:${eventName}`, MAX_VALUE);
}

/** The network of an address: its /24 or /64; of a service's name, the name. */
export function networkOf(ip: string | undefined): string | undefined {
  if (ip === undefined) return undefined;
  const range = IPV4.test(ip) ? `${ip}/24` : `${ip}/64`;
  return cutText(canonicalCidr(range) ?? ip, MAX_VALUE);
}

/** The id of the user or role, without the session behind it. */
function principalOf({ type, arn, principalId }: Alert["actor"]): string | undefined {
  // Root has no id of its own, and cannot be made again.
  if (type === "Root") return arn;
  const id = principalId?.split(":", 1)[0];
  return id !== undefined && /^(?:AIDA|AROA)[A-Z0-9]+$/.test(id) ? id : undefined;
}

function madeUser({ outcome, record }: Doing): Deed["made"] {
  const isMaking = record["eventSource"] === "iam.amazonaws.com" && record["eventName"] === "CreateUser";
  if (!isMaking || outcome.result !== "success") return undefined;
  const id = textAt(record, "responseElements", "user", "userId");
  return id === undefined ? {} : { id: cutText(id, MAX_VALUE) };
}

/** A sign-in that failed let nobody in. */
function withoutMfa({ actor, outcome, record }: Doing): Record<"noMfa" | "signInNoMfa", string | undefined> {
  const isSignIn = record["eventName"] === "ConsoleLogin";
  if (isSignIn) {
    const letIn = actor.mfa === false && outcome.result === "success" ? "sign-in" : undefined;
    return { noMfa: letIn, signInNoMfa: letIn };
  }
  const byKey = actor.accessKeyId?.startsWith(LONG_TERM_KEY) === true && actor.mfa !== true;
  return {
    noMfa: actor.mfa === false ? "session" : byKey ? "access-key" : undefined,
    signInNoMfa: undefined,
  };
}

/** What a service does in root's name is no use of root; a sign-in that failed is none either. */
function rootUse({ actor, outcome, record }: Doing): string | undefined {
  if (actor.root) {
    const isSignIn = record["eventType"] === "AwsConsoleSignIn";
    const byAws = actor.invokedBy !== undefined || record["eventType"] === "AwsServiceEvent";
    return byAws || (isSignIn && outcome.result !== "success") ? undefined : "root";
  }
  const asked = record["eventName"] === "AssumeRoot" && record["eventSource"] === "sts.amazonaws.com";
  return asked && outcome.result === "success" ? "assume-root" : undefined;
}
