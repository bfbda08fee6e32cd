/**
 * The cast of the shipped day: the people, pipelines and services of a small company that sells garden tools. All
 * names are made up; the addresses are of the ranges that are reserved for documentation.
 */
import { ACCOUNT, DATE, digits, iamId } from "./shape.ts";
import type { Caller } from "./shape.ts";

/** The office's address. */
const OFFICE = "198.51.100.24";
const CHROME =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

/** userIdentity of a session of a role. */
function roleSession(role: string, session: string, options: { path?: string; mfa?: "true" | "false" } = {}) {
  const principalId = iamId("AROA", role);
  return {
    type: "AssumedRole",
    principalId: `${principalId}:${session}`,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`,
    accountId: ACCOUNT,
    accessKeyId: iamId("ASIA", `${role} ${session}`),
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId,
        arn: `arn:aws:iam::${ACCOUNT}:role/${options.path ?? ""}${role}`,
        accountId: ACCOUNT,
        userName: role,
      },
      attributes: { creationDate: `${DATE}T06:58:11Z`, mfaAuthenticated: options.mfa ?? "false" },
    },
  };
}

/** A person signed in through IAM Identity Center, at work in the console. */
function inConsole(permissionSet: string, person: string, ip: string): Caller {
  const role = `AWSReservedSSO_${permissionSet}_${digits(permissionSet, 16)}`;
  return {
    identity: roleSession(role, person, { path: "aws-reserved/sso.amazonaws.com/" }),
    ip,
    userAgent: "AWS Internal",
    fromConsole: true,
  };
}

/** The same person with the AWS command line: same role, another session's key, no mark of the console. */
export function atTerminal(person: Caller): Caller {
  const { fromConsole: _, ...rest } = person;
  return {
    ...rest,
    userAgent:
      "aws-cli/2.31.14 md/awscrt#0.28.2 ua/2.1 os/linux#6.14 md/arch#x86_64 lang/python#3.13.7 md/prompt#off",
  };
}

/** The same caller where a service calls on their behalf. */
export function through(name: string, caller: Caller): Caller {
  const principal = `${name}.amazonaws.com`;
  return {
    ...caller,
    identity: { ...caller.identity, invokedBy: principal },
    ip: principal,
    userAgent: principal,
  };
}

/** A service that calls in its own name (`userIdentity.type` AWSService). */
export function service(name: string): Caller {
  const principal = `${name}.amazonaws.com`;
  return { identity: { type: "AWSService", invokedBy: principal }, ip: principal, userAgent: principal };
}

/** A service that acts through its service-linked role. */
export function serviceRole(name: string, role: string): Caller {
  const caller = {
    identity: roleSession(role, name, { path: `aws-service-role/${name}.amazonaws.com/` }),
    ip: "",
    userAgent: "",
  };
  return through(name, caller);
}

/** An IAM user with an access key. */
export function iamUser(userName: string, ip: string, userAgent: string): Caller {
  return {
    identity: {
      type: "IAMUser",
      principalId: iamId("AIDA", userName),
      arn: `arn:aws:iam::${ACCOUNT}:user/${userName}`,
      accountId: ACCOUNT,
      accessKeyId: iamId("AKIA", userName),
      userName,
    },
    ip,
    userAgent,
  };
}

/** Platform engineer; may change nearly everything. */
export const mira = inConsole("PlatformAdmin", "mira.okafor", OFFICE);
/** Developer of the order service. */
export const tomas = inConsole("Developer", "tomas.lind", "198.51.100.87");
/** Analyst: reads. */
export const ines = inConsole("Analyst", "ines.duarte", OFFICE);

/** The deployment pipeline: GitHub's runners with a role by web identity. */
export const pipeline: Caller = {
  identity: roleSession("github-actions-deploy", "GitHubActions"),
  ip: "192.0.2.140",
  userAgent:
    "aws-cli/2.31.9 md/awscrt#0.28.2 ua/2.1 os/linux#6.11.0-1018-azure md/arch#x86_64 lang/python#3.13.7 exec-env/GitHubActions",
};

/** Terraform, run by the platform team's own runner. */
export const terraform: Caller = {
  identity: roleSession("terraform-apply", "network-main"),
  ip: "192.0.2.53",
  userAgent:
    "APN/1.0 HashiCorp/1.0 Terraform/1.13.5 (+https://www.terraform.io) terraform-provider-aws/6.21.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.39.6 ua/2.1 os/linux lang/go#1.24.9",
};

/** The CDK toolkit with its deployment role. */
export const cdk: Caller = {
  identity: roleSession(`cdk-hnb659fds-deploy-role-${ACCOUNT}-us-east-1`, "aws-cdk-tomas.lind"),
  ip: "198.51.100.87",
  userAgent:
    "aws-sdk-js/3.929.0 ua/2.1 os/linux#6.14 lang/js md/nodejs#24.11.0 api/cloudformation#3.929.0 aws-cdk/2.1031.2",
};

/** What CloudFormation does for the CDK's stacks. */
export const cloudformation = through("cloudformation", {
  identity: roleSession(`cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-us-east-1`, "AWSCloudFormation"),
  ip: "",
  userAgent: "",
});

/** An application's role, of a Lambda function or an ECS task, calling from its own network address. */
export function application(role: string, session: string): Caller {
  return {
    identity: roleSession(role, session),
    ip: "192.0.2.201",
    userAgent:
      "aws-sdk-nodejs/3.929.0 ua/2.1 os/linux#5.10 lang/js md/nodejs#24.11.0 exec-env/AWS_Lambda_nodejs24.x",
  };
}

/** The monitoring product that reads the account from outside. */
export const monitoring: Caller = {
  identity: roleSession("MonitoringIntegration", "metrics-crawler"),
  ip: "192.0.2.19",
  userAgent: "Boto3/1.40.72 md/Botocore#1.40.72 ua/2.1 os/linux lang/python#3.12.12 Botocore/1.40.72",
};

/** The account's root user, in the console. */
export const root: Caller = {
  identity: {
    type: "Root",
    principalId: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:root`,
    accountId: ACCOUNT,
    accessKeyId: iamId("ASIA", "root"),
    sessionContext: { attributes: { creationDate: `${DATE}T10:02:44Z`, mfaAuthenticated: "true" } },
  },
  ip: "198.51.100.31",
  userAgent: CHROME,
  fromConsole: true,
};

/** Where the attacker comes from. */
export const ATTACKER_IP = "203.0.113.66";
/** The user whose access key leaked: a deployer from before the pipeline had a role. */
export const leakedKey = iamUser(
  "legacy-deployer",
  ATTACKER_IP,
  "aws-cli/2.15.30 Python/3.11.8 Linux/6.6.9-amd64 exe/x86_64.kali.2024 prompt/off",
);

/** The browser that people sign in with. */
export const BROWSER = CHROME;
