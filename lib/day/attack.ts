/**
 * The one small attack of the shipped day, and how it is cleaned up. A key of a user that nobody needed any more has
 * leaked. Whoever found it looks around, is refused most things, finds that the user may still manage users, makes
 * itself a way in through the console, opens a port, takes data and turns the light out. Mira sees the alerts.
 */
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { ATTACKER_IP, BROWSER, iamUser, leakedKey, mira } from "./callers.ts";
import { ACCOUNT, DATE, REGION, after, call, iamId } from "./shape.ts";
import type { Caller } from "./shape.ts";

const GROUP = "sg-0c83f2b6e15d9a740";
const TRAIL = `arn:aws:cloudtrail:${REGION}:${ACCOUNT}:trail/main`;
const DETECTOR = "a4c1f7d2e9b8430fa6150c3d7e82b914";
const ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess";
const NEW_USER = "svc-support";

/** The same new user, by its own access key and in the console. */
const newKey = iamUser(NEW_USER, ATTACKER_IP, leakedKey.userAgent);
const newInConsole: Caller = {
  identity: {
    ...newKey.identity,
    accessKeyId: iamId("ASIA", NEW_USER),
    sessionContext: { attributes: { creationDate: `${DATE}T13:58:10Z`, mfaAuthenticated: "false" } },
  },
  ip: ATTACKER_IP,
  userAgent: "AWS Internal",
  fromConsole: true,
};

/** All records of the attack and of the answer to it, in no order. */
export function attack(): CloudTrailRecord[] {
  return [...lookAround(), ...wayIn(), ...signIns(), ...damage(), ...answer()];
}

function lookAround(): CloudTrailRecord[] {
  return [
    call("13:41:07", leakedKey, "sts:GetCallerIdentity"),
    denied("13:41:30", leakedKey, "s3:ListBuckets", "AccessDenied"),
    denied("13:41:38", leakedKey, "ec2:DescribeInstances", "Client.UnauthorizedOperation"),
    denied("13:41:45", leakedKey, "secretsmanager:ListSecrets", "AccessDenied"),
    denied("13:42:02", leakedKey, "iam:GetAccountAuthorizationDetails", "AccessDenied"),
    denied("13:42:20", leakedKey, "ec2:RunInstances", "Client.UnauthorizedOperation"),
    call("13:43:11", leakedKey, "iam:ListUsers"),
    call("13:43:40", leakedKey, "iam:ListAttachedUserPolicies", { request: { userName: "legacy-deployer" } }),
  ];
}

/** The user that leaked may manage users: that is enough. */
function wayIn(): CloudTrailRecord[] {
  return [
    call("13:46:02", leakedKey, "iam:CreateUser", {
      request: { userName: NEW_USER },
      response: {
        user: {
          path: "/",
          userName: NEW_USER,
          userId: iamId("AIDA", NEW_USER),
          arn: `arn:aws:iam::${ACCOUNT}:user/${NEW_USER}`,
          createDate: "Nov 19, 2026 1:46:02 PM",
        },
      },
    }),
    call("13:46:25", leakedKey, "iam:AttachUserPolicy", {
      request: { userName: NEW_USER, policyArn: ADMIN },
    }),
    call("13:46:51", leakedKey, "iam:CreateAccessKey", {
      request: { userName: NEW_USER },
      response: {
        accessKey: {
          userName: NEW_USER,
          accessKeyId: iamId("AKIA", NEW_USER),
          status: "Active",
          createDate: "Nov 19, 2026 1:46:51 PM",
        },
      },
    }),
    call("13:47:30", leakedKey, "iam:CreateLoginProfile", {
      request: { userName: NEW_USER, passwordResetRequired: false },
      response: {
        loginProfile: {
          userName: NEW_USER,
          createDate: "Nov 19, 2026 1:47:30 PM",
          passwordResetRequired: false,
        },
      },
    }),
  ];
}

/** Three wrong passwords for somebody else, then its own. */
function signIns(): CloudTrailRecord[] {
  const additional = {
    LoginTo: "https://console.aws.amazon.com/console/home",
    MobileVersion: "No",
    MFAUsed: "No",
  };
  const failed = ["13:52:14", "13:52:41", "13:53:20"].map((at) =>
    call(at, browser("breakglass"), "signin:ConsoleLogin", {
      readOnly: false,
      response: { ConsoleLogin: "Failure" },
      additional,
      fields: { eventType: "AwsConsoleSignIn", errorMessage: "Failed authentication" },
    }),
  );
  const own = browser(NEW_USER);
  return [
    ...failed,
    call(
      "13:58:10",
      { ...own, identity: { ...own.identity, arn: `arn:aws:iam::${ACCOUNT}:user/${NEW_USER}` } },
      "signin:ConsoleLogin",
      {
        readOnly: false,
        response: { ConsoleLogin: "Success" },
        additional,
        fields: { eventType: "AwsConsoleSignIn" },
      },
    ),
  ];
}

function damage(): CloudTrailRecord[] {
  const reads = [
    "ec2:DescribeInstances",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSnapshots",
    "s3:ListBuckets",
    "cloudtrail:DescribeTrails",
    "guardduty:ListDetectors",
  ];
  const bucket = `shop-reports-${ACCOUNT}`;
  return [
    ...reads.map((name, index) => call(after("13:58:40", index * 11), newInConsole, name)),
    call("14:01:12", newInConsole, "ec2:AuthorizeSecurityGroupIngress", {
      request: {
        groupId: GROUP,
        ipPermissions: {
          items: [
            {
              ipProtocol: "tcp",
              fromPort: 22,
              toPort: 22,
              groups: {},
              ipRanges: { items: [{ cidrIp: "0.0.0.0/0" }] },
              ipv6Ranges: {},
              prefixListIds: {},
            },
          ],
        },
      },
      response: {
        _return: true,
        securityGroupRuleSet: {
          items: [
            {
              groupOwnerId: ACCOUNT,
              groupId: GROUP,
              securityGroupRuleId: "sgr-0e5b71c9d2f8a4063",
              isEgress: false,
              ipProtocol: "tcp",
              fromPort: 22,
              toPort: 22,
              cidrIpv4: "0.0.0.0/0",
            },
          ],
        },
      },
    }),
    call("14:02:33", newKey, "ec2:ModifySnapshotAttribute", {
      request: {
        snapshotId: "snap-03f9ab1c6de274508",
        createVolumePermission: { add: { items: [{ group: "all" }] } },
        attributeType: "CREATE_VOLUME_PERMISSION",
      },
      response: { _return: true },
    }),
    call("14:03:20", newKey, "s3:DeleteBucketPublicAccessBlock", {
      request: { bucketName: bucket, Host: `${bucket}.s3.${REGION}.amazonaws.com`, publicAccessBlock: "" },
      resources: [{ type: "AWS::S3::Bucket", arn: `arn:aws:s3:::${bucket}` }],
    }),
    call("14:03:44", newKey, "s3:PutBucketPolicy", {
      request: {
        bucketName: bucket,
        Host: `${bucket}.s3.${REGION}.amazonaws.com`,
        policy: "",
        bucketPolicy: {
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${bucket}/*` },
          ],
        },
      },
      resources: [{ type: "AWS::S3::Bucket", arn: `arn:aws:s3:::${bucket}` }],
    }),
    call("14:04:10", newKey, "secretsmanager:GetSecretValue", { request: { secretId: "shop/database" } }),
    call("14:05:02", newKey, "guardduty:DeleteDetector", { request: { detectorId: DETECTOR } }),
    call("14:05:15", newKey, "cloudtrail:StopLogging", {
      request: { name: TRAIL },
      resources: [{ type: "AWS::CloudTrail::Trail", arn: TRAIL }],
    }),
  ];
}

/** Nine minutes later Mira undoes it, in the console. */
function answer(): CloudTrailRecord[] {
  return [
    call("14:14:30", mira, "iam:UpdateAccessKey", {
      request: {
        userName: "legacy-deployer",
        accessKeyId: leakedKey.identity["accessKeyId"],
        status: "Inactive",
      },
    }),
    call("14:15:02", mira, "iam:UpdateAccessKey", {
      request: { userName: NEW_USER, accessKeyId: newKey.identity["accessKeyId"], status: "Inactive" },
    }),
    call("14:15:40", mira, "iam:DeleteLoginProfile", { request: { userName: NEW_USER } }),
    call("14:16:05", mira, "iam:DetachUserPolicy", { request: { userName: NEW_USER, policyArn: ADMIN } }),
    call("14:17:21", mira, "cloudtrail:StartLogging", {
      request: { name: TRAIL },
      resources: [{ type: "AWS::CloudTrail::Trail", arn: TRAIL }],
    }),
    call("14:18:40", mira, "ec2:RevokeSecurityGroupIngress", {
      request: {
        groupId: GROUP,
        securityGroupRuleIds: { items: [{ securityGroupRuleId: "sgr-0e5b71c9d2f8a4063" }] },
      },
      response: { _return: true },
    }),
    call("14:20:15", mira, "ec2:ModifySnapshotAttribute", {
      request: {
        snapshotId: "snap-03f9ab1c6de274508",
        createVolumePermission: { remove: { items: [{ group: "all" }] } },
        attributeType: "CREATE_VOLUME_PERMISSION",
      },
      response: { _return: true },
    }),
  ];
}

/** A call that was refused. EC2 has a code of its own for that. */
function denied(at: string, caller: Caller, name: string, code: string): CloudTrailRecord {
  const [service = "", action = ""] = name.split(":");
  const message = `User: ${String(caller.identity["arn"])} is not authorized to perform: ${service}:${action} because no identity-based policy allows the ${service}:${action} action`;
  return call(at, caller, name, { error: { code, message } });
}

/** A user before signing in has worked: CloudTrail knows a name, no ARN. */
function browser(userName: string): Caller {
  return {
    identity: {
      type: "IAMUser",
      principalId: iamId("AIDA", userName),
      accountId: ACCOUNT,
      accessKeyId: "",
      userName,
    },
    ip: ATTACKER_IP,
    userAgent: BROWSER,
  };
}
