/**
 * The records that the bench reads: made here, the same in every run, and dull as an account's records are. What makes
 * them cost what real ones do was taken from real ones: 1.2 to 1.3 KB each, the fields and their order, their nesting,
 * four of five a read, most from Terraform and services, a few from a console.
 *
 *     generateRecords(2)   // ['{"eventVersion":"1.11","userIdentity":{…', …]
 */
import { SERVICES, type Service } from "./calls.ts";
import { createDice, type Dice } from "./random.ts";

export const ACCOUNT = "123456789012";
/** Who calls; the generated rules name some of them. */
export const USERS: readonly string[] = [
  "ada",
  "grace",
  "edsger",
  "barbara",
  "donald",
  "margaret",
  "ken",
  "radia",
];
export const ROLES: readonly string[] = [
  "deployer",
  "ci-runner",
  "app-server",
  "backup",
  "auditor",
  "node-group",
];

const AGENTS = [
  "APN/1.0 HashiCorp/1.0 Terraform/1.9.2 (+https://www.terraform.io) terraform-provider-aws/5.76.1 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.32.4 ua/2.1 os/linux lang/go#1.23.3 md/GOOS#linux md/GOARCH#amd64",
  "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython cfg/retry-mode#standard md/command#ec2.describe-instances",
  "Boto3/1.40.12 md/Botocore#1.40.12 ua/2.1 os/linux#5.19.0-46-generic md/arch#x86_64 lang/python#3.12.4 cfg/retry-mode#legacy",
];
const FAILURES = [
  ["ThrottlingException", "Rate exceeded"],
  [
    "Client.UnauthorizedOperation",
    "You are not authorized to perform this operation. Encoded authorization failure message: ",
  ],
  [
    "AccessDenied",
    "User is not authorized to perform this operation because no identity-based policy allows it",
  ],
  ["NoSuchEntityException", "The role with the given name cannot be found."],
  ["Client.InvalidParameterValue", "Value for a parameter is invalid."],
] as const;

type JsonObject = { [key: string]: unknown };

/** So many records as texts of JSON. */
export function generateRecords(count: number, seed = 20_261_120): string[] {
  const dice = createDice(seed);
  return Array.from({ length: count }, (_, at) => JSON.stringify(makeRecord(dice, at)));
}

function makeRecord(dice: Dice, at: number): JsonObject {
  const service = pickService(dice);
  const write = service.reads.length === 0 || dice.percent(20);
  const names = write ? service.writes : service.reads;
  // Squared, so that the first calls of a list come far more often than the last ones.
  const eventName = names[Math.floor(dice.next() ** 2 * names.length)] ?? "DescribeInstances";
  const console = dice.percent(8);
  const byService = !console && dice.percent(10);
  const failure = dice.percent(9) ? dice.pick(FAILURES) : undefined;
  const eventSource = `${service.name}.amazonaws.com`;
  const time = new Date(Date.UTC(2026, 10, 20) + at * 431).toISOString().replace(/\.\d+Z$/, "Z");
  return {
    eventVersion: "1.11",
    userIdentity: identity(dice, byService, console, time),
    eventTime: time,
    eventSource,
    eventName,
    awsRegion: dice.percent(80) ? "us-east-1" : "eu-west-1",
    sourceIPAddress: byService ? eventSource : `192.0.2.${dice.below(256)}`,
    userAgent: byService || console ? "AWS Internal" : dice.pick(AGENTS),
    ...(failure === undefined
      ? {}
      : {
          errorCode: failure[0],
          errorMessage: failure[1] + (failure[0].startsWith("Client.U") ? dice.hex(180) : ""),
        }),
    requestParameters: dice.percent(8) ? null : request(dice, service, eventName),
    responseElements: write && failure === undefined ? response(dice, service, eventName) : null,
    ...(service.name === "s3" || service.name === "signin" ? { additionalEventData: additional(dice) } : {}),
    requestID: uuid(dice),
    eventID: uuid(dice),
    readOnly: !write,
    ...(dice.percent(20) ? { resources: resources(dice, service) } : {}),
    eventType: service.name === "signin" ? "AwsConsoleSignIn" : "AwsApiCall",
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: "Management",
    ...(byService || console
      ? {}
      : {
          tlsDetails: {
            tlsVersion: "TLSv1.3",
            cipherSuite: "TLS_AES_128_GCM_SHA256",
            clientProvidedHostHeader: `${service.name}.us-east-1.amazonaws.com`,
          },
        }),
    ...(console ? { sessionCredentialFromConsole: "true" } : {}),
  };
}

function pickService(dice: Dice): Service {
  let at = dice.next() * SERVICES.reduce((sum, { weight }) => sum + weight, 0);
  for (const service of SERVICES) {
    at -= service.weight;
    if (at < 0) return service;
  }
  return dice.pick(SERVICES);
}

function identity(dice: Dice, byService: boolean, console: boolean, time: string): JsonObject {
  if (byService && dice.percent(30)) return { type: "AWSService", invokedBy: "secretsmanager.amazonaws.com" };
  const key = `ASIAEXAMPLE${dice.hex(9).toUpperCase()}`;
  const attributes = { creationDate: time, mfaAuthenticated: String(console) };
  if (console || dice.percent(45)) {
    const user = dice.pick(USERS);
    const arn = `arn:aws:iam::${ACCOUNT}:user/${user}`;
    return {
      type: "IAMUser",
      principalId: `AIDAEXAMPLE${user.toUpperCase()}`,
      arn,
      accountId: ACCOUNT,
      accessKeyId: key,
      userName: user,
      ...(console || dice.percent(50)
        ? { sessionContext: { sessionIssuer: {}, webIdFederationData: {}, attributes } }
        : {}),
      ...(byService ? { invokedBy: "cloudformation.amazonaws.com" } : {}),
    };
  }
  const role = dice.pick(ROLES);
  const session = `session-${dice.hex(12)}`;
  return {
    type: "AssumedRole",
    principalId: `AROAEXAMPLE${role.toUpperCase()}:${session}`,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`,
    accountId: ACCOUNT,
    accessKeyId: key,
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: `AROAEXAMPLE${role.toUpperCase()}`,
        arn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
        accountId: ACCOUNT,
        userName: role,
      },
      webIdFederationData: {},
      attributes,
    },
    ...(byService ? { invokedBy: "cloudformation.amazonaws.com" } : {}),
  };
}

function request(dice: Dice, service: Service, eventName: string): JsonObject {
  const id = dice.hex(17);
  switch (service.name) {
    case "ec2":
      if (eventName.includes("SecurityGroup") && !eventName.startsWith("Describe")) {
        const cidrIp = dice.percent(30) ? "0.0.0.0/0" : `192.0.2.${dice.below(256)}/32`;
        const range = { groups: {}, ipRanges: { items: [{ cidrIp }] }, ipv6Ranges: {}, prefixListIds: {} };
        const port = dice.pick([22, 80, 443, 3389, 5432]);
        return {
          groupId: `sg-${id}`,
          ipPermissions: { items: [{ ipProtocol: "tcp", fromPort: port, toPort: port, ...range }] },
        };
      }
      return {
        [`${dice.pick(["vpc", "routeTable", "subnet", "instances"])}Set`]: {
          items: [{ resourceId: `vpc-${id}` }],
        },
        filterSet: dice.percent(50)
          ? {}
          : {
              items: [
                {
                  name: "association.route-table-association-id",
                  valueSet: { items: [{ value: `assoc-${id}` }] },
                },
              ],
            },
      };
    case "s3":
      return {
        bucketName: `bucket-${dice.hex(8)}`,
        Host: `bucket-${dice.hex(8)}.s3.us-east-1.amazonaws.com`,
        acl: "",
      };
    case "iam":
      return {
        roleName: `${dice.pick(ROLES)}-${dice.hex(6)}`,
        policyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess",
      };
    case "kms":
      return {
        keyId: `arn:aws:kms:us-east-1:${ACCOUNT}:key/${uuid(dice)}`,
        encryptionContext: { "aws:secretsmanager:arn": `secret-${dice.hex(8)}` },
        encryptionAlgorithm: "SYMMETRIC_DEFAULT",
      };
    case "rds":
      return { vpc: true, marker: dice.hex(60), engineVersion: "16.4", engine: "postgres" };
    default:
      return { name: `/service/${dice.pick(ROLES)}/${dice.hex(8)}`, maxResults: 50, withDecryption: true };
  }
}

function response(dice: Dice, service: Service, eventName: string): JsonObject | null {
  if (service.name === "signin") return { ConsoleLogin: dice.percent(80) ? "Success" : "Failure" };
  if (service.name !== "ec2")
    return dice.percent(50) ? null : { version: 1, aRN: `arn:aws:x:::${dice.hex(16)}` };
  if (eventName !== "RunInstances") return { requestId: uuid(dice), _return: true };
  const state = { code: 0, name: "pending" };
  const item = {
    instanceId: `i-${dice.hex(17)}`,
    imageId: `ami-${dice.hex(17)}`,
    instanceState: state,
    privateDnsName: "ip-192-0-2-10.ec2.internal",
    instanceType: "t3.micro",
    placement: { availabilityZone: "us-east-1a", tenancy: "default" },
    monitoring: { state: "disabled" },
    subnetId: `subnet-${dice.hex(17)}`,
    groupSet: { items: [{ groupId: `sg-${dice.hex(17)}`, groupName: "default" }] },
  };
  return {
    requestId: uuid(dice),
    reservationId: `r-${dice.hex(17)}`,
    ownerId: ACCOUNT,
    instancesSet: { items: [item] },
  };
}

function additional(dice: Dice): JsonObject {
  return {
    SignatureVersion: "SigV4",
    CipherSuite: "ECDHE-RSA-AES128-GCM-SHA256",
    bytesTransferredIn: 0,
    AuthenticationMethod: "AuthHeader",
    MFAUsed: dice.pick(["Yes", "No"]),
    "x-amz-id-2": dice.hex(76),
    bytesTransferredOut: dice.below(900),
  };
}

function resources(dice: Dice, service: Service): JsonObject[] {
  return [
    {
      accountId: ACCOUNT,
      type: "AWS::S3::Bucket",
      ARN: `arn:aws:${service.name}:us-east-1:${ACCOUNT}:thing/${dice.hex(12)}`,
    },
  ];
}

function uuid(dice: Dice): string {
  return `${dice.hex(8)}-${dice.hex(4)}-4${dice.hex(3)}-8${dice.hex(3)}-${dice.hex(12)}`;
}
