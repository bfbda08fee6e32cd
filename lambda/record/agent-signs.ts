/**
 * What user agents say about how a call was made. The caller writes the user agent, so this is never certain: it adds
 * to what AWS wrote, and never speaks against it.
 *
 * Each sign says how the agents that it knows begin, because that is all of a user agent that an event pattern can see
 * at no cost (a bus has 30 rules with wildcards for the whole account). S3 puts agents in brackets, so each beginning
 * may have one in front.
 *
 *     signOf("[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488 …]")   // console, medium
 *     signOf("stratus-red-team_6a7ec681")                                 // undefined
 */
import type { Alert } from "../alerts/alert-schema.ts";

type Channel = Alert["channel"];

/** What one kind of user agent says. */
export type AgentSign = {
  readonly name: Channel["name"];
  /** How such an agent begins, a bracket aside; undefined when it can begin with anything. */
  readonly begins?: readonly string[];
  /** What else must be in it. */
  readonly has?: RegExp;
  /** What must not be in it. */
  readonly lacks?: RegExp;
  readonly confidence: "low" | "medium";
  readonly says: string;
};

/** What comes first in the agents of programs that are written with an SDK of AWS. */
const SDK_BEGINNINGS = ["aws-sdk-", "Boto", "aws-cli/", "AWSPowerShell"];
/** Agents of AWS's partners begin with APN/1.0; an older SDK for Go puts itself in front. */
const GO_BEGINNINGS = ["APN/1.", "aws-sdk-go"];
/** The SDK inside AWS; with an exec-env it runs in a function or container, not behind the console. */
const INSIDE_AWS = /\baws-internal\//;
const RUNS_SOMEWHERE = /\bexec-env\//;

/** The first sign that applies counts: who names a product names it before, or around, the SDK it is made with. */
const AGENT_SIGNS: readonly AgentSign[] = [
  {
    name: "cloudshell",
    begins: SDK_BEGINNINGS,
    has: /\bexec-env\/CloudShell\b/,
    confidence: "medium",
    says: "a CloudShell session",
  },
  {
    name: "console",
    begins: ["Mozilla/"],
    confidence: "medium",
    says: "a browser",
  },
  {
    name: "console",
    begins: [
      "S3Console/",
      "RDS Console",
      "EC2Console",
      "AWS Console",
      "AWS CloudWatch Console",
      "AWS Signin",
      "Coral/",
    ],
    confidence: "medium",
    says: "a part of the console",
  },
  {
    name: "console",
    begins: ["console.", "signin."],
    has: /^\[?(?:console|signin)\.(?:[\w-]{1,63}\.){0,4}amazonaws\.com\b/,
    confidence: "medium",
    says: "the console",
  },
  {
    name: "pulumi",
    begins: [...GO_BEGINNINGS, "Pulumi", "pulumi"],
    has: /\bpulumi/i,
    confidence: "medium",
    says: "Pulumi",
  },
  {
    name: "terraform",
    begins: [...GO_BEGINNINGS, "HashiCorp", "Terraform", "terraform", "OpenTofu"],
    has: /\b(?:Terraform|OpenTofu)\/|\bterraform-provider-/,
    confidence: "medium",
    says: "Terraform or OpenTofu",
  },
  {
    name: "cdk",
    begins: ["aws-sdk-js", "aws-sdk-nodejs", "aws-cdk", "cdk-"],
    has: /\b(?:aws-cdk|cdk-assets|cdk-cli|aws-cdk-cli)\//,
    confidence: "medium",
    says: "the AWS CDK",
  },
  {
    name: "cli",
    begins: ["aws-cli/", "AWSPowerShell", "eksctl/", "ec2-api-tools"],
    confidence: "medium",
    says: "a command line",
  },
  {
    name: "console",
    begins: ["aws-internal/", "AWS"],
    has: INSIDE_AWS,
    lacks: RUNS_SOMEWHERE,
    confidence: "low",
    says: "a client inside AWS that acts for a caller's own address, as the console's backends do",
  },
  {
    name: "console",
    begins: ["AWS Internal"],
    has: /^\[?AWS Internal\]?$/,
    confidence: "low",
    says: "AWS itself, at a caller's own address",
  },
  {
    name: "sdk",
    has: /\baws-sdk-|\b[Bb]oto(?:3|core)?\/|\baws-chalice\/|\baws-amplify\/|\bamazon-ssm-agent\b|\baws-internal\//,
    confidence: "medium",
    says: "an AWS SDK",
  },
];

/** The sign that applies to a user agent; undefined when it is of no known kind. Looks at the first 1,024 characters. */
export function signOf(userAgent: string): AgentSign | undefined {
  const agent = userAgent.slice(0, 1024);
  const bare = agent.startsWith("[") ? agent.slice(1) : agent;
  return AGENT_SIGNS.find(
    ({ begins, has, lacks }) =>
      (begins === undefined || begins.some((beginning) => bare.startsWith(beginning))) &&
      has?.test(agent) !== false &&
      lacks?.test(agent) !== true,
  );
}

/**
 * How the user agents begin that may give a channel one of these names; undefined when one of them can begin with
 * anything.
 */
export function beginningsOf(names: ReadonlySet<string>): readonly string[] | undefined {
  const signs = AGENT_SIGNS.filter(({ name }) => names.has(name));
  if (signs.some(({ begins }) => begins === undefined)) return undefined;
  const all = signs.flatMap(({ begins }) => begins ?? []).flatMap((text) => [text, `[${text}`]);
  const distinct = [...new Set(all)];
  return distinct.filter((text) => !distinct.some((other) => other !== text && text.startsWith(other)));
}
