/**
 * What people do on the shipped day: they sign in, click through the console (which makes far more calls than
 * clicks), and change a few things by hand. The changes are what the engine is for; the reading around them must
 * stay quiet.
 */
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { BROWSER, atTerminal, ines, mira, root, through, tomas } from "./callers.ts";
import type { Caller } from "./shape.ts";
import { ACCOUNT, REGION, after, call, digits } from "./shape.ts";

const OFFICE_GROUP = "sg-04d7e19c2ab85f360";

/** All records of people at work, in no order. */
export function people(): CloudTrailRecord[] {
  return [
    ...signIn("07:58:31", mira),
    ...signIn("08:41:10", tomas),
    ...signIn("09:03:27", ines),
    ...home("07:58:40", mira),
    ...home("08:41:22", tomas),
    ...home("09:03:35", ines),
    ...securityGroups(),
    ...lambdaFunction(),
    ...analysis(),
    ...terminals(),
    ...rootUser(),
  ];
}

/** IAM Identity Center signs a person in: the portal's own records, then the federated session. */
function signIn(at: string, person: Caller): CloudTrailRecord[] {
  const session = sessionOf(person);
  const browser: Caller = {
    identity: {
      type: "IdentityCenterUser",
      accountId: ACCOUNT,
      onBehalfOf: {
        userId: digits(session, 32),
        identityStoreArn: `arn:aws:identitystore::${ACCOUNT}:identitystore/d-9067f1c2ab`,
      },
      credentialId: digits(`credential ${session}`, 32),
    },
    ip: person.ip,
    userAgent: BROWSER,
  };
  const { accessKeyId: _, ...identity } = person.identity;
  return [
    call(at, browser, "sso:Authenticate", {
      readOnly: false,
      fields: { eventType: "AwsServiceEvent", serviceEventDetails: { CredentialType: "PASSWORD" } },
    }),
    call(after(at, 5), browser, "sso:Federate", {
      readOnly: false,
      fields: {
        eventType: "AwsServiceEvent",
        serviceEventDetails: { relayId: digits(`relay ${session}`, 16), account_id: ACCOUNT },
      },
    }),
    call(after(at, 6), { ...person, identity, userAgent: BROWSER }, "signin:ConsoleLogin", {
      readOnly: false,
      response: { ConsoleLogin: "Success" },
      additional: {
        MobileVersion: "No",
        MFAUsed: "No",
        LoginTo: "https://console.aws.amazon.com/console/home",
      },
      fields: { eventType: "AwsConsoleSignIn", sessionCredentialFromConsole: undefined },
    }),
  ];
}

/** What the console asks when its home page opens, in part through other services. */
function home(at: string, person: Caller): CloudTrailRecord[] {
  return [
    call(at, person, "ec2:DescribeRegions", { request: { regionSet: {}, allRegions: true } }),
    call(after(at, 1), person, "notifications:ListNotificationHubs"),
    call(after(at, 1), person, "ce:GetCostAndUsage", {
      request: {
        Granularity: "MONTHLY",
        Metrics: ["UnblendedCost"],
        TimePeriod: { Start: "2026-11-01", End: "2026-12-01" },
      },
    }),
    call(after(at, 2), through("health", person), "health:DescribeEventAggregates", {
      request: { aggregateField: "eventTypeCategory", filter: { eventStatusCodes: ["open", "upcoming"] } },
    }),
    call(after(at, 2), person, "iam:ListAccountAliases"),
    call(after(at, 3), person, "resource-explorer-2:ListIndexes", { request: { Type: "AGGREGATOR" } }),
  ];
}

/** Mira looks through the network and lets the new office's range into the staging group, by hand. */
function securityGroups(): CloudTrailRecord[] {
  const reads = [
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeTags",
    "ec2:DescribeRouteTables",
    "ec2:DescribeNetworkAcls",
  ];
  const browse = (at: string) =>
    reads.map((name, index) =>
      call(after(at, index * 4), mira, name, { request: { filterSet: {}, maxResults: "1000" } }),
    );
  const permission = {
    ipProtocol: "tcp",
    fromPort: 443,
    toPort: 443,
    groups: {},
    ipv6Ranges: {},
    prefixListIds: {},
    ipRanges: { items: [{ cidrIp: "198.51.100.0/24", description: "new office" }] },
  };
  return [
    ...browse("09:20:04"),
    call("09:22:47", mira, "ec2:AuthorizeSecurityGroupIngress", {
      request: { groupId: OFFICE_GROUP, ipPermissions: { items: [permission] } },
      response: {
        _return: true,
        securityGroupRuleSet: {
          items: [
            {
              groupOwnerId: ACCOUNT,
              groupId: OFFICE_GROUP,
              securityGroupRuleId: "sgr-0f61a8d34be972c05",
              isEgress: false,
              ipProtocol: "tcp",
              fromPort: 443,
              toPort: 443,
              cidrIpv4: "198.51.100.0/24",
            },
          ],
        },
      },
    }),
    ...browse("09:23:01"),
    ...browse("15:10:33"),
    call("15:12:20", mira, "ec2:ModifyInstanceAttribute", {
      request: { instanceId: "i-04be7720c19d3fa85", disableApiTermination: { value: true } },
      response: { _return: true },
    }),
  ];
}

/** Tomas follows an error to a function and raises its timeout by hand. */
function lambdaFunction(): CloudTrailRecord[] {
  const name = "stock-sync";
  const reads = [
    "monitoring:DescribeAlarms",
    "logs:DescribeLogGroups",
    "logs:FilterLogEvents",
    "lambda:ListFunctions20150331",
    "lambda:GetFunction20150331v2",
    "lambda:GetPolicy20150331v2",
    "iam:GetRole",
    "iam:ListAttachedRolePolicies",
  ];
  return [
    ...reads.map((read, index) => call(after("10:05:12", index * 9), tomas, read)),
    call("10:08:31", tomas, "lambda:UpdateFunctionConfiguration20150331v2", {
      request: { functionName: name, timeout: 60 },
      response: {
        functionName: name,
        functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
        timeout: 60,
        runtime: "nodejs24.x",
      },
    }),
    call("10:08:40", tomas, "lambda:GetFunction20150331v2", { request: { functionName: name } }),
    call("10:20:02", tomas, "iam:CreateRole", {
      request: { roleName: "try-out" },
      error: {
        code: "AccessDenied",
        message: `User: ${String(tomas.identity["arn"])} is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::${ACCOUNT}:role/try-out because no identity-based policy allows the iam:CreateRole action`,
      },
    }),
  ];
}

/** Ines reads buckets, tables and costs in the console, and saves a query. */
function analysis(): CloudTrailRecord[] {
  const consoleOfS3: Caller = {
    ...ines,
    userAgent:
      "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.797 Linux/5.10.245 OpenJDK_64-Bit_Server_VM/25.472 java/1.8.0_472]",
  };
  const bucket = `shop-reports-${ACCOUNT}`;
  const aboutBucket = [
    "s3:GetBucketLocation",
    "s3:GetBucketVersioning",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketTagging",
    "s3:GetBucketAcl",
  ];
  const reads = [
    "athena:ListWorkGroups",
    "athena:GetWorkGroup",
    "glue:GetDatabases",
    "glue:GetTables",
    "athena:ListNamedQueries",
    "athena:GetQueryExecution",
  ];
  return [
    call("11:02:15", consoleOfS3, "s3:ListBuckets", { request: { Host: `s3.${REGION}.amazonaws.com` } }),
    ...aboutBucket.map((read, index) =>
      call(after("11:02:31", index), consoleOfS3, read, {
        request: { bucketName: bucket, Host: `${bucket}.s3.${REGION}.amazonaws.com` },
        resources: [{ type: "AWS::S3::Bucket", arn: `arn:aws:s3:::${bucket}` }],
      }),
    ),
    ...["11:10:05", "14:40:12"].flatMap((at) =>
      reads.map((read, index) => call(after(at, index * 7), ines, read, { request: { maxResults: "50" } })),
    ),
    call("14:43:50", ines, "athena:CreateNamedQuery", {
      request: {
        name: "orders per shed",
        database: "shop",
        queryString: "HIDDEN_DUE_TO_SECURITY_REASONS",
        workGroup: "primary",
      },
      response: { namedQueryId: "5b0f3c9e-77d1-4d42-a8c6-13d9eb20f5aa" },
    }),
  ];
}

/** The same people with the command line: a session on an instance, some listing. */
function terminals(): CloudTrailRecord[] {
  const cli = atTerminal(mira);
  return [
    call("11:40:09", cli, "sts:GetCallerIdentity"),
    call("11:40:22", cli, "ec2:DescribeInstances", {
      request: {
        instancesSet: {},
        filterSet: { items: [{ name: "tag:Name", valueSet: { items: [{ value: "shop-*" }] } }] },
      },
    }),
    call("11:41:03", cli, "ssm:StartSession", {
      request: { target: "i-04be7720c19d3fa85" },
      response: { sessionId: "mira.okafor-0b1d6a3f8e2c4975a" },
    }),
    call("11:58:47", cli, "ssm:TerminateSession", {
      request: { sessionId: "mira.okafor-0b1d6a3f8e2c4975a" },
    }),
    call("16:02:18", atTerminal(tomas), "ecs:ListTasks", { request: { cluster: "shop" } }),
    call("16:02:44", atTerminal(tomas), "ecs:StopTask", {
      request: { cluster: "shop", task: digits("stuck task", 32), reason: "stuck" },
    }),
    call("16:03:02", atTerminal(tomas), "logs:GetLogEvents", {
      request: { logGroupName: "/ecs/orders", limit: 200 },
    }),
  ];
}

/** Finance signs in as root, with its key fob, to change how the bill is paid. */
function rootUser(): CloudTrailRecord[] {
  const { accessKeyId: _, sessionContext: __, ...identity } = root.identity;
  return [
    call("10:02:44", { ...root, identity }, "signin:ConsoleLogin", {
      readOnly: false,
      response: { ConsoleLogin: "Success" },
      additional: {
        LoginTo: "https://console.aws.amazon.com/billing/home",
        MobileVersion: "No",
        MFAUsed: "Yes",
      },
      fields: { eventType: "AwsConsoleSignIn", sessionCredentialFromConsole: undefined },
    }),
    call("10:03:30", root, "billingconsole:AWSPaymentPortalService.GetPaymentInstruments", {
      readOnly: true,
      fields: { eventType: "AwsConsoleAction" },
    }),
    call("10:04:52", root, "billingconsole:AWSPaymentPreferenceGateway.Update", {
      readOnly: false,
      fields: { eventType: "AwsConsoleAction" },
    }),
  ];
}

function sessionOf(person: Caller): string {
  return String(person.identity["principalId"]).split(":")[1] ?? "";
}
