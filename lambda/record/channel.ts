/**
 * How a call was made. No single field tells (FACTS § 4): many console calls lack `sessionCredentialFromConsole`, many
 * that carry it were made by a service, and the user agent is whatever the caller writes. So the evidence is weighed
 * in order: what AWS wrote about the call first, the user agent last.
 *
 * What the caller chose never raises the confidence above medium, and never moves a call out of the console once AWS
 * itself has said "console": an attacker can write `Terraform/` too.
 *
 *     deriveChannel({ sessionCredentialFromConsole: "true", userAgent: "AWS Internal", … })
 *     // { name: "console", confidence: "high", reasons: ["sessionCredentialFromConsole is true"] }
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { cutText } from "./cut-text.ts";
import type { CloudTrailRecord } from "./record.ts";
import { textAt, valueAt } from "./untrusted.ts";

type Channel = Alert["channel"];
type ChannelName = Channel["name"];

type AgentSign = {
  readonly name: ChannelName;
  readonly sign: RegExp;
  readonly confidence: "low" | "medium";
  readonly says: string;
};

/** What user agents say, the first that applies. Console clients name themselves first, their SDK after. */
const AGENT_SIGNS: readonly AgentSign[] = [
  { name: "cloudshell", sign: /exec-env\/CloudShell/i, confidence: "medium", says: "a CloudShell session" },
  {
    name: "console",
    sign: /^\[?(?:Mozilla\/|S3Console\/|RDS Console|AWS CloudWatch Console|AWS Signin|Coral\/(?:Netty4|Jakarta))/i,
    confidence: "medium",
    says: "a browser or a client of the console",
  },
  {
    name: "console",
    sign: /^\[?(?:console|signin)\.(?:[\w-]+\.)*amazonaws\.com\b/i,
    confidence: "medium",
    says: "the console",
  },
  {
    name: "terraform",
    sign: /\b(?:Terraform|OpenTofu)\/|terraform-provider-/i,
    confidence: "medium",
    says: "Terraform",
  },
  { name: "pulumi", sign: /\bpulumi\b/i, confidence: "medium", says: "Pulumi" },
  {
    name: "cdk",
    sign: /\b(?:aws-cdk|cdk-assets|cdk-cli|aws-cdk-cli)\//i,
    confidence: "medium",
    says: "the AWS CDK",
  },
  { name: "cli", sign: /\baws-cli\/|\bAWSPowerShell/i, confidence: "medium", says: "the AWS command line" },
  {
    name: "console",
    sign: /\baws-internal\//i,
    confidence: "low",
    says: "a client inside AWS that acts for a caller's own address, as the console's backends do",
  },
  {
    name: "sdk",
    sign: /\baws-sdk-|\bBoto3?\/|\bBotocore\/|\baws-chalice\/|\bAmplify\b/i,
    confidence: "medium",
    says: "an AWS SDK",
  },
  {
    name: "console",
    sign: /^AWS Internal$/i,
    confidence: "low",
    says: "AWS itself, at a caller's own address",
  },
  {
    name: "cloudformation",
    sign: /^cloudformation\.amazonaws\.com$/i,
    confidence: "low",
    says: "CloudFormation",
  },
  { name: "service", sign: /^[\w.-]+\.amazonaws\.com(?:\.cn)?$/i, confidence: "low", says: "an AWS service" },
];

const SERVICE_ADDRESS = /\.amazonaws\.com(?:\.cn)?$|^AWS Internal$/i;
const SIGN_IN_SOURCES: ReadonlySet<string> = new Set(["signin.amazonaws.com", "sso.amazonaws.com"]);

/** Derives the channel of a record with its reasons; never throws, whatever types the fields have. */
export function deriveChannel(record: CloudTrailRecord): Channel {
  const stated = fromAws(record);
  const agent = fromAgent(record);
  if (stated === undefined)
    return agent ?? { name: "unknown", confidence: "low", reasons: ["nothing in the record tells"] };
  if (stated.name !== "console" || agent === undefined || ["console", "unknown"].includes(agent.name))
    return stated;
  if (agent.name === "cloudshell") {
    return { name: "cloudshell", confidence: "medium", reasons: [...stated.reasons, ...agent.reasons] };
  }
  return { ...stated, reasons: [...stated.reasons, `${agent.reasons.join()}, which the caller can choose`] };
}

/** Evidence that the caller cannot write: fields that AWS fills. */
function fromAws(record: CloudTrailRecord): Channel | undefined {
  const eventType = textAt(record, "eventType");
  if (eventType === "AwsConsoleSignIn" || eventType === "AwsConsoleAction")
    return high("console", `eventType is ${eventType}`);
  const identityType = textAt(record, "userIdentity", "type");
  const service = invokingService(record);
  if (service !== undefined) return high(serviceChannel(service.name), service.reason);
  if (eventType === "AwsServiceEvent") {
    // Identity Center writes a person's sign-in as a service event.
    if (
      SIGN_IN_SOURCES.has(record.eventSource) &&
      (identityType === "IdentityCenterUser" || identityType === "Unknown")
    ) {
      return high("console", `a sign-in of IAM Identity Center (${record.eventSource})`);
    }
    return high("service", "eventType is AwsServiceEvent");
  }
  if (identityType === "AWSService") return high("service", "userIdentity.type is AWSService");
  const flag = valueAt(record, "sessionCredentialFromConsole");
  if (flag === true || (typeof flag === "string" && flag.toLowerCase() === "true")) {
    return high("console", "sessionCredentialFromConsole is true");
  }
  return undefined;
}

function invokingService(record: CloudTrailRecord): { name: string; reason: string } | undefined {
  const invokedBy = textAt(record, "userIdentity", "invokedBy");
  if (invokedBy !== undefined) {
    return { name: invokedBy, reason: `userIdentity.invokedBy is ${cutText(invokedBy, 100)}` };
  }
  const address = textAt(record, "sourceIPAddress");
  if (address === undefined || !SERVICE_ADDRESS.test(address)) return undefined;
  return { name: address, reason: `sourceIPAddress is ${cutText(address, 100)}` };
}

function serviceChannel(service: string): ChannelName {
  if (service === "cloudformation.amazonaws.com") return "cloudformation";
  // Records up to 2019 name the console so (FACTS § 4).
  return service === "signin.amazonaws.com" ? "console" : "service";
}

function high(name: ChannelName, reason: string): Channel {
  return { name, confidence: "high", reasons: [reason] };
}

/** Evidence that the caller writes: never more than medium. */
function fromAgent(record: CloudTrailRecord): Channel | undefined {
  const agent = textAt(record, "userAgent")?.slice(0, 1024);
  if (agent === undefined) return undefined;
  for (const { name, sign, confidence, says } of AGENT_SIGNS) {
    if (sign.test(agent)) return { name, confidence, reasons: [`the user agent names ${says}`] };
  }
  return { name: "unknown", confidence: "low", reasons: ["the user agent is of no known kind"] };
}
