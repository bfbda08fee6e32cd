/**
 * What derived facts are derived from: the fields of the record behind each, with values that make a difference. Records
 * for rules about derived facts get some of them, in all the ways in which the generator writes a field.
 */

/** Values that rules compare derived facts with, beside the pools of fields. */
export const DERIVED_FACTS: Readonly<Record<string, readonly unknown[]>> = {
  outcome: ["success", "denied", "failed"],
  "channel.name": [
    "cli",
    "console",
    "service",
    "unknown",
    "sdk",
    "cloudformation",
    "terraform",
    "cloudshell",
    "pulumi",
    "cdk",
  ],
  "channel.confidence": ["high", "medium", "low"],
  "actor.name": ["a", "b", "a/b", "root user"],
  "actor.type": ["IAMUser", "AssumedRole", "Root", "AWSService", "Unknown"],
  "actor.root": [true, false],
  "actor.mfa": [true, false],
  "actor.crossAccount": [true, false],
  "actor.invokedBy": ["a", "signin.amazonaws.com", "(not a text)", ""],
  "actor.accountId": ["123456789012", "210987654321", "12", "(not a text)"],
  "actor.arn": [
    "arn:aws:iam::1:role/a",
    "arn:aws:iam::1:user/a",
    "arn:aws:iam::1:role/p/a",
    "arn:aws:iam::1",
  ],
  "actor.role": ["a", "b", "AWSReservedSSO_a"],
  "actor.session": ["a", "b", "a/b"],
  "actor.sessionIssuer": ["arn:aws:iam::1:role/a", "arn:aws:iam::1:user/a"],
  "actor.sourceIdentity": ["a", "ab"],
  "actor.identityCenterUser": ["a", "b"],
  "actor.identityStoreArn": ["a", "b"],
};

const ARNS = [
  "arn:aws:iam::1:user/a",
  "arn:aws:iam::1:role/a",
  "arn:aws:sts::1:assumed-role/a/b",
  "arn:aws:sts::1:assumed-role/b/a",
  "arn:aws:sts::1:assumed-role/AWSReservedSSO_a/a",
];
const TYPES = [
  "IAMUser",
  "AssumedRole",
  "Role",
  "Root",
  "AWSService",
  "AWSAccount",
  "IdentityCenterUser",
  5,
  "",
];
const ISSUER = "userIdentity.sessionContext.sessionIssuer";
const FAILURES = ["Failure", "Success", "failed"];

type Pools = Readonly<Record<string, readonly unknown[]>>;

const CALLER: Pools = {
  "userIdentity.type": TYPES,
  "userIdentity.invokedBy": [
    "a",
    "signin.amazonaws.com",
    "cloudformation.amazonaws.com",
    "AWS Internal",
    "",
    5,
    true,
  ],
  [`${ISSUER}.userName`]: ["a", "b", "AWSReservedSSO_a", "AWSServiceRoleForX", "", 5],
  [`${ISSUER}.arn`]: [
    "arn:aws:iam::1:role/a",
    "arn:aws:iam::1:role/p/a",
    "arn:aws:iam::1:role/aws-service-role/x/AWSServiceRoleForX",
    "arn:aws:iam::1:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_a",
  ],
};

/** The fields behind each kind of derived fact. */
export const FIELDS_BEHIND: Readonly<Record<string, Pools>> = {
  outcome: {
    errorCode: ["AccessDenied", "Client.DryRunOperation", "ThrottlingException", ""],
    errorMessage: ["Failed authentication", "", 5],
    "responseElements.errorCode": ["AccessDenied", "X", 5],
    "responseElements.errorMessage": ["x", ""],
    "responseElements.ConsoleLogin": FAILURES,
    "serviceEventDetails.ConsoleLogin": FAILURES,
  },
  channel: {
    ...CALLER,
    eventName: ["UserAuthentication", "Federate", "ConsoleLogin"],
    eventType: ["AwsApiCall", "AwsServiceEvent", "AwsConsoleSignIn", "AwsConsoleAction"],
    sourceIPAddress: ["192.0.2.7", "cloudformation.amazonaws.com", "rds.amazonaws.com", "AWS Internal", 5],
    sessionCredentialFromConsole: ["true", true, "false", ""],
    userAgent: [
      "Mozilla/5.0",
      "[S3Console/0.4, aws-internal/3]",
      "[AWSCloudTrail, aws-internal/3 aws-sdk-java/1.12]",
      "AWS Internal",
      "console.ec2.amazonaws.com",
      "aws-cli/2.0 exec-env/CloudShell",
      "[aws-cli/2.0]",
      "Boto3/1.28",
      "APN/1.0 HashiCorp/1.0 Terraform/1.5",
      "aws-sdk-go/1.44 APN/1.0 Pulumi/1.0",
      "aws-sdk-js/3.400 aws-cdk/2.100",
      "lambda.amazonaws.com",
      "nobody knows",
    ],
    "userIdentity.sessionContext.webIdFederationData.federatedProvider": ["accounts.example.com"],
  },
  actor: {
    ...CALLER,
    "userIdentity.arn": ARNS,
    "userIdentity.accountId": ["123456789012", "210987654321", 12, ""],
    "userIdentity.principalId": ["AROA:a", "AROA:b", "a", 5],
    "userIdentity.userName": ["a", "b"],
    "userIdentity.onBehalfOf.userId": ["a", "b", 5],
    "userIdentity.onBehalfOf.identityStoreArn": ["a"],
    "userIdentity.identityStoreArn": ["b"],
    "userIdentity.sessionContext.sourceIdentity": ["a", "ab", 5],
    "userIdentity.sessionContext.assumedRoot": ["true", true, "false"],
    "userIdentity.sessionContext.attributes.mfaAuthenticated": ["true", "false", true, false],
    "additionalEventData.MFAUsed": ["Yes", "NO", "no"],
    [`${ISSUER}.type`]: ["Role", "IAMUser"],
    recipientAccountId: ["123456789012", "210987654321"],
  },
};
