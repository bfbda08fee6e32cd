/**
 * How a call was made. No single field tells (FACTS § 4): many console calls lack `sessionCredentialFromConsole`, many
 * that carry it were made by a service, and the user agent is whatever the caller writes. So the evidence is weighed
 * in order: what AWS wrote about the call first, the user agent last.
 *
 * What the caller chose never raises the confidence above medium, and never makes a call look like one of AWS's own: an
 * attacker can write `Terraform/` or `lambda.amazonaws.com` too. Nor does it move a call away from what AWS itself says,
 * but for one step: within a console session, an agent of CloudShell makes the call `cloudshell`, since CloudShell runs on
 * that session and nothing else tells. So "by a person in the console" is `channel.name in [console, cloudshell]`.
 *
 *     deriveChannel({ sessionCredentialFromConsole: "true", userAgent: "AWS Internal", … })
 *     // { name: "console", confidence: "high", reasons: ["sessionCredentialFromConsole is true"] }
 *
 * `lambda/engine/derived-evidence.ts` says of each step below what an event pattern can see of it: a new step, or a
 * changed one, changes there too, and the soundness property finds out when it does not.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { type AgentSign, signOf } from "./agent-signs.ts";
import { cutText } from "./cut-text.ts";
import type { CloudTrailRecord } from "./record.ts";
import { fieldReader, textReader } from "./record-reader.ts";

type Channel = Alert["channel"];

/** Event types of the console itself: sign-ins, and what exists only there. */
export const CONSOLE_EVENT_TYPES: readonly string[] = ["AwsConsoleAction", "AwsConsoleSignIn"];
/** eventSources of sign-ins; those of Identity Center come as service events. */
export const SIGN_IN_SOURCES: readonly string[] = ["signin.amazonaws.com", "sso.amazonaws.com"];
/** How the names of services end where CloudTrail puts them in place of an address ("AWS Internal", "SES Internal"). */
export const SERVICE_ENDINGS: readonly string[] = [".amazonaws.com", ".amazonaws.com.cn", " Internal"];
/** How CloudFormation's names end: stack sets have one of their own. */
export const CLOUDFORMATION_ENDINGS: readonly string[] = [
  "cloudformation.amazonaws.com",
  "cloudformation.amazonaws.com.cn",
];
/** What the console was called in `invokedBy` up to 2019 (FACTS § 4). */
export const CONSOLE_INVOKER = "signin.amazonaws.com";
/** How the names of service-linked roles begin; only AWS can make or assume them. */
export const SERVICE_LINKED = "AWSServiceRoleFor";

/** What a person does on Identity Center's sign-in pages and in its portal, by eventName. */
const PORTAL_EVENTS: ReadonlySet<string> = new Set([
  "Authenticate",
  "CredentialChallenge",
  "CredentialVerification",
  "Federate",
  "Logout",
  "UserAuthentication",
]);

const eventType = textReader("eventType");
const sourceAddress = textReader("sourceIPAddress");
const userAgent = textReader("userAgent");
const fromConsole = fieldReader("sessionCredentialFromConsole");
const identityType = textReader("userIdentity.type");
const invokedBy = fieldReader("userIdentity.invokedBy");
const issuerArn = textReader("userIdentity.sessionContext.sessionIssuer.arn");
const issuerName = textReader("userIdentity.sessionContext.sessionIssuer.userName");
const webIdentity = textReader("userIdentity.sessionContext.webIdFederationData.federatedProvider");

/** Derives the channel of a record with its reasons; never throws, whatever types the fields have. */
export function deriveChannel(record: CloudTrailRecord): Channel {
  const stated = fromEventType(record) ?? fromCaller(record);
  if (stated !== undefined) return stated;
  const agent = fromAgent(record);
  if (eventType(record) === "AwsServiceEvent") {
    // Programs, too, ask Identity Center for credentials, and that comes as a service event.
    return agent.name === "unknown" ? high("service", "eventType is AwsServiceEvent") : agent;
  }
  const flag = fromConsole(record);
  if (flag !== "true" && flag !== true) return agent;
  const reason = "sessionCredentialFromConsole is true";
  // CloudShell runs on the credentials of the console session: its agent says more, and nothing else does. Whoever writes
  // that agent with such credentials gets here too, which is why rules ask for console and cloudshell together.
  if (agent.name === "cloudshell") return { ...agent, reasons: [reason, ...agent.reasons] };
  const console = high("console", reason);
  if (agent.name === "console" || agent.name === "unknown") return console;
  return { ...console, reasons: [reason, `${agent.reasons.join("; ")}, which the caller can choose`] };
}

/** What the kind of the record says by itself. */
function fromEventType(record: CloudTrailRecord): Channel | undefined {
  const type = eventType(record);
  if (type === undefined) return undefined;
  if (CONSOLE_EVENT_TYPES.includes(type)) return high("console", `eventType is ${type}`);
  if (type !== "AwsServiceEvent" || hasInvoker(record)) return undefined;
  const { eventSource, eventName } = record;
  if (!SIGN_IN_SOURCES.includes(eventSource)) return high("service", "eventType is AwsServiceEvent");
  return PORTAL_EVENTS.has(eventName)
    ? high("console", `a sign-in of IAM Identity Center (${eventName})`)
    : undefined;
}

/** What AWS wrote about a service that stood between, or called by itself. */
function fromCaller(record: CloudTrailRecord): Channel | undefined {
  if (hasInvoker(record)) {
    const invoker = invokedBy(record);
    if (typeof invoker !== "string") return high("service", "userIdentity.invokedBy is there");
    return high(invokedChannel(invoker), `userIdentity.invokedBy is ${cutText(invoker, 100)}`);
  }
  const address = sourceAddress(record);
  if (address !== undefined && endsWithOneOf(address, SERVICE_ENDINGS)) {
    return high(serviceChannel(address), `sourceIPAddress is ${cutText(address, 100)}`);
  }
  if (identityType(record) === "AWSService") return high("service", "userIdentity.type is AWSService");
  const linked =
    issuerName(record)?.startsWith(SERVICE_LINKED) === true &&
    issuerArn(record)?.includes(":role/aws-service-role/") === true;
  return linked
    ? high("service", "the role is service-linked, which only AWS services can assume")
    : undefined;
}

function hasInvoker(record: CloudTrailRecord): boolean {
  const invoker = invokedBy(record);
  return invoker !== undefined && invoker !== "";
}

function invokedChannel(invoker: string): Channel["name"] {
  return invoker === CONSOLE_INVOKER ? "console" : serviceChannel(invoker);
}

function serviceChannel(service: string): Channel["name"] {
  return endsWithOneOf(service, CLOUDFORMATION_ENDINGS) ? "cloudformation" : "service";
}

function endsWithOneOf(text: string, endings: readonly string[]): boolean {
  return endings.some((ending) => text.endsWith(ending));
}

function high(name: Channel["name"], reason: string): Channel {
  return { name, confidence: "high", reasons: [reason] };
}

/** What the caller wrote: never more than medium. */
function fromAgent(record: CloudTrailRecord): Channel {
  const agent = userAgent(record);
  if (agent === undefined)
    return { name: "unknown", confidence: "low", reasons: ["nothing in the record tells"] };
  const sign = signOf(agent);
  if (sign !== undefined) return weighed(sign, record);
  const reason = endsWithOneOf(agent, SERVICE_ENDINGS)
    ? "only the user agent names an AWS service, and anybody can write that"
    : "the user agent is of no known kind";
  return { name: "unknown", confidence: "low", reasons: [reason] };
}

function weighed({ name, confidence, says }: AgentSign, record: CloudTrailRecord): Channel {
  // Apps that sign their users in through a web identity provider run in browsers; nobody opens the console so.
  if (name === "console" && webIdentity(record) !== undefined) {
    const reason = `the user agent names ${says}, and the credentials come from a web identity provider: an app`;
    return { name: "sdk", confidence: "low", reasons: [reason] };
  }
  return { name, confidence, reasons: [`the user agent names ${says}`] };
}
