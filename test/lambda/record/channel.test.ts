import { describe, expect, it } from "vitest";
import { deriveChannel } from "../../../lambda/record/channel.ts";

type Fields = Readonly<Record<string, unknown>>;
const channelOf = (fields: Fields) =>
  deriveChannel({
    eventSource: "ec2.amazonaws.com",
    eventName: "StopInstances",
    eventType: "AwsApiCall",
    sourceIPAddress: "192.0.2.10",
    ...fields,
  });

const flag = { sessionCredentialFromConsole: "true" };
const agent = (userAgent: string, more: Fields = {}): Fields => ({ userAgent, ...more });
const invoked = (invokedBy: string, more: Fields = {}): Fields => ({
  userIdentity: { type: "IAMUser", invokedBy },
  ...more,
});
const sso = {
  userIdentity: {
    type: "AssumedRole",
    arn: "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0a1b/alice",
  },
};
const FIREFOX = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:102.0) Gecko/20100101 Firefox/102.0";
const TERRAFORM =
  "APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io) terraform-provider-aws/4.9.0 aws-sdk-go/1.43.34";
const S3_CONSOLE =
  "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488 Linux/5.10.184-153 OpenJDK_64-Bit_Server_VM/25]";
const RDS_CONSOLE = "RDS Console, aws-internal/3 aws-sdk-java/1.11.975 Linux/5.10.184-153.7";
const BOTO = "Boto3/1.26.165 Python/3.10.6 Linux/5.19.0-46-generic Botocore/1.29.165";
const CLI = "aws-cli/2.13.0 Python/3.11.4 Linux/5.10 exe/x86_64.amzn.2 prompt/off command/ec2.stop-instances";
const SHELL = "aws-cli/2.13.0 Python/3.11.4 Linux/5.10 exec-env/CloudShell exe/x86_64.amzn.2 command/s3.cp";

describe("deriveChannel", () => {
  it.each<[string, string, string, Fields]>([
    // What AWS wrote: high confidence.
    [
      "console",
      "high",
      "a console call by a person shows AWS Internal and the flag",
      agent("AWS Internal", flag),
    ],
    ["console", "high", "a browser with the flag", agent(FIREFOX, flag)],
    ["console", "high", "the flag as a boolean", { sessionCredentialFromConsole: true }],
    ["console", "high", "the flag and no agent", flag],
    [
      "console",
      "high",
      "an Identity Center session in the console",
      agent("AWS Internal", { ...flag, ...sso }),
    ],
    ["console", "high", "S3Console with the flag", agent(S3_CONSOLE, flag)],
    ["console", "high", "an unknown agent with the flag", agent("stratus-red-team_01190e38", flag)],
    [
      "console",
      "high",
      "a sign-in",
      agent(FIREFOX, { eventType: "AwsConsoleSignIn", eventName: "ConsoleLogin" }),
    ],
    [
      "console",
      "high",
      "a sign-in by a script",
      agent("python-requests/2.31", { eventType: "AwsConsoleSignIn" }),
    ],
    [
      "console",
      "high",
      "a console action",
      { eventType: "AwsConsoleAction", eventSource: "billingconsole.amazonaws.com" },
    ],
    [
      "console",
      "high",
      "Identity Center's sign-in",
      {
        eventType: "AwsServiceEvent",
        eventSource: "signin.amazonaws.com",
        userIdentity: { type: "IdentityCenterUser" },
      },
    ],
    [
      "console",
      "high",
      "Identity Center's federation",
      { eventType: "AwsServiceEvent", eventSource: "sso.amazonaws.com", userIdentity: { type: "Unknown" } },
    ],
    ["console", "high", "the console's name in 2019", invoked("signin.amazonaws.com")],
    [
      "service",
      "high",
      "an AWS service",
      {
        userIdentity: { type: "AWSService", invokedBy: "rds.amazonaws.com" },
        sourceIPAddress: "rds.amazonaws.com",
        userAgent: "rds.amazonaws.com",
      },
    ],
    [
      "service",
      "high",
      "an AWS service that names itself nowhere else",
      { userIdentity: { type: "AWSService" } },
    ],
    [
      "service",
      "high",
      "a service for a user",
      invoked("secretsmanager.amazonaws.com", agent("secretsmanager.amazonaws.com")),
    ],
    [
      "service",
      "high",
      "AWS Internal as the invoker",
      invoked("AWS Internal", agent("AWS Internal", { sourceIPAddress: "AWS Internal" })),
    ],
    [
      "service",
      "high",
      "the flag on a call that AWS made",
      invoked("AWS Internal", { ...flag, sourceIPAddress: "AWS Internal" }),
    ],
    ["service", "high", "the flag on a call of the health service", invoked("health.amazonaws.com", flag)],
    [
      "service",
      "high",
      "a service's address without invokedBy",
      agent("autoscaling.amazonaws.com", { sourceIPAddress: "autoscaling.amazonaws.com" }),
    ],
    ["service", "high", "a service's address in China", { sourceIPAddress: "ec2.amazonaws.com.cn" }],
    ["service", "high", "AWS Internal as the address", { sourceIPAddress: "AWS Internal" }],
    [
      "service",
      "high",
      "a service event",
      { eventType: "AwsServiceEvent", eventSource: "kms.amazonaws.com", eventName: "RotateKey" },
    ],
    [
      "service",
      "high",
      "a service-linked role",
      {
        userIdentity: { type: "AssumedRole", invokedBy: "rds.amazonaws.com" },
        sourceIPAddress: "rds.amazonaws.com",
      },
    ],
    [
      "cloudformation",
      "high",
      "CloudFormation for a user",
      invoked("cloudformation.amazonaws.com", agent("cloudformation.amazonaws.com")),
    ],
    [
      "cloudformation",
      "high",
      "CloudFormation by its address",
      { sourceIPAddress: "cloudformation.amazonaws.com", userAgent: "cloudformation.amazonaws.com" },
    ],
    [
      "cloudformation",
      "high",
      "a stack started in the console",
      invoked("cloudformation.amazonaws.com", flag),
    ],
    // What the caller wrote: never more than medium.
    ["console", "medium", "a browser without the flag", agent(FIREFOX)],
    ["console", "medium", "a bracketed browser", agent(`[${FIREFOX}]`)],
    ["console", "medium", "S3Console without the flag", agent(S3_CONSOLE)],
    ["console", "medium", "RDS Console without the flag", agent(RDS_CONSOLE)],
    ["console", "medium", "the console by name", agent("console.amazonaws.com")],
    ["console", "medium", "a service's console by name", agent("console.ec2.amazonaws.com")],
    ["console", "medium", "sign-in by name", agent("signin.amazonaws.com")],
    ["console", "medium", "a Region's sign-in by name", agent("signin.eu-west-1.amazonaws.com")],
    ["console", "medium", "Coral/Netty4", agent("Coral/Netty4")],
    ["console", "medium", "Coral/Jakarta", agent("Coral/Jakarta")],
    ["console", "medium", "the CloudWatch console", agent("AWS CloudWatch Console")],
    ["console", "medium", "AWS Signin", agent("AWS Signin, aws-internal/3")],
    [
      "console",
      "low",
      "a backend of the CloudTrail console",
      agent("[AWSCloudTrail, aws-internal/3 aws-sdk-java/1.12.433 Linux/5.4]"),
    ],
    ["console", "low", "AWS Internal at a person's address without the flag", agent("AWS Internal")],
    ["cloudshell", "medium", "CloudShell", agent(SHELL)],
    ["cloudshell", "medium", "CloudShell with the flag", agent(SHELL, flag)],
    ["cloudshell", "medium", "an SDK in CloudShell", agent("Boto3/1.28 exec-env/CloudShell Botocore/1.31")],
    ["cli", "medium", "the CLI", agent(CLI)],
    ["cli", "medium", "the bracketed CLI", agent(`[${CLI}]`)],
    ["cli", "medium", "the CLI of an Identity Center session", agent(CLI, sso)],
    ["cli", "medium", "PowerShell", agent("AWSPowerShell.Common/4.1.0 .NET_Core/6.0")],
    ["sdk", "medium", "Boto3", agent(BOTO)],
    ["sdk", "medium", "bracketed Boto3", agent(`[${BOTO}]`)],
    ["sdk", "medium", "Boto 2", agent("Boto/2.49.0 Python/2.7")],
    ["sdk", "medium", "Java", agent("aws-sdk-java/2.20.0 Linux/5.10")],
    ["sdk", "medium", "Go", agent("aws-sdk-go-v2/1.17.0 os/linux lang/go/1.18.10")],
    [
      "sdk",
      "medium",
      "an agent of SSM",
      agent("aws-sdk-go/1.41.4 (go1.18.3; linux; amd64) amazon-ssm-agent/"),
    ],
    ["sdk", "medium", "JavaScript", agent("aws-sdk-js/3.400.0 ua/2.0 os/linux lang/js md/nodejs#20")],
    ["sdk", "medium", "Rust", agent("aws-sdk-rust/1.0.0 os/linux")],
    ["terraform", "medium", "Terraform", agent(TERRAFORM)],
    ["terraform", "medium", "bracketed Terraform", agent(`[${TERRAFORM}]`)],
    ["terraform", "medium", "OpenTofu", agent("APN/1.0 OpenTofu/1.6.0 aws-sdk-go-v2/1.24")],
    ["terraform", "medium", "a provider alone", agent("terraform-provider-aws/5.31.0 aws-sdk-go-v2/1.24")],
    ["pulumi", "medium", "Pulumi", agent("APN/1.0 Pulumi/1.0 PulumiAWS/6.0 aws-sdk-go-v2/1.24")],
    ["cdk", "medium", "the CDK", agent("aws-sdk-js/3.400.0 exec-env/x aws-cdk/2.100.0")],
    [
      "cloudformation",
      "low",
      "CloudFormation by an agent that anybody can write",
      agent("cloudformation.amazonaws.com"),
    ],
    ["service", "low", "a service by an agent that anybody can write", agent("lambda.amazonaws.com")],
    ["unknown", "low", "an attack tool", agent("stratus-red-team_6a7ec681")],
    ["unknown", "low", "no agent at all", {}],
    [
      "unknown",
      "low",
      "fields of the wrong type",
      {
        userAgent: ["Mozilla/5.0"],
        sessionCredentialFromConsole: {},
        userIdentity: "AWSService",
        sourceIPAddress: 7,
      },
    ],
    ["unknown", "low", "the flag said false", { sessionCredentialFromConsole: "false" }],
    [
      "unknown",
      "low",
      "a service's name inside a longer address",
      { sourceIPAddress: "rds.amazonaws.com.evil.example" },
    ],
  ])("says %s (%s) of %s", (name, confidence, _, fields) => {
    const channel = channelOf(fields);
    expect(channel).toMatchObject({ name, confidence });
    expect(channel.reasons.length).toBeGreaterThan(0);
  });

  it.each([TERRAFORM, CLI, BOTO, "Pulumi", "cloudformation.amazonaws.com", "lambda.amazonaws.com"])(
    "does not let the agent %s talk a console session out of the console",
    (userAgent) => {
      const channel = channelOf(agent(userAgent, flag));
      expect(channel).toMatchObject({ name: "console", confidence: "high" });
      expect(channel.reasons.join()).toContain("which the caller can choose");
    },
  );

  it("is never more than medium sure of what only the caller wrote", () => {
    for (const userAgent of [
      FIREFOX,
      TERRAFORM,
      CLI,
      BOTO,
      SHELL,
      S3_CONSOLE,
      "AWS Internal",
      "lambda.amazonaws.com",
    ]) {
      expect(channelOf({ userAgent }).confidence).not.toBe("high");
    }
  });

  it("takes a hostile agent of 256 KB in its stride", () => {
    const hostile = agent(`console.${"a.".repeat(131_072)}`, {
      sourceIPAddress: ".amazonaws.com".repeat(20_000),
    });
    expect(channelOf(hostile).name).toBe("service");
  });
});
