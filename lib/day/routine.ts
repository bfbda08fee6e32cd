/**
 * The noise of a working day: services looking after themselves, applications fetching their secrets, the pipeline
 * deploying, a monitoring product reading everything. None of it is worth an alert, and nearly none of it should get
 * past EventBridge; a day without it would flatter the event patterns.
 */
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { application, monitoring, pipeline, service, serviceRole, through } from "./callers.ts";
import { ACCOUNT, REGION, after, call, digits, everyMinutes, iamId, serviceEvent } from "./shape.ts";

const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/7c1d9f52-3b0e-4a66-9d58-0f6be2a1c934`;
const CLUSTER = `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/shop`;

/** All records of the day's routine, in no order. */
export function routine(): CloudTrailRecord[] {
  return [
    ...scaling(),
    ...functions(),
    ...tasks(),
    ...fleet(),
    ...watchers(),
    ...["08:12:40", "10:31:05", "13:05:19", "16:22:51"].flatMap(deployment),
  ];
}

/** Auto Scaling checks its instances, adds two for the morning and takes them away in the evening. */
function scaling(): CloudTrailRecord[] {
  const autoscaling = serviceRole("autoscaling", "AWSServiceRoleForAutoScaling");
  const checks = everyMinutes(15, "07:00", "18:45", "autoscaling").map((at) =>
    call(at, autoscaling, "ec2:DescribeInstanceStatus", {
      request: { instancesSet: {}, filterSet: {}, includeAllInstances: true },
    }),
  );
  const group = "shop-web";
  const instance = `i-0${digits("morning instance", 16)}`;
  return [
    ...checks,
    call("07:31:12", autoscaling, "ec2:RunInstances", {
      request: {
        instancesSet: { items: [{ minCount: 2, maxCount: 2 }] },
        launchTemplate: { launchTemplateId: "lt-0b6d1f2c83ae94701", version: "14" },
        tagSpecificationSet: {
          items: [{ resourceType: "instance", tags: [{ key: "aws:autoscaling:groupName", value: group }] }],
        },
      },
      response: {
        reservationId: "r-04c2d9a71be8305f6",
        ownerId: ACCOUNT,
        groupSet: {},
        instancesSet: { items: [{ instanceId: instance, instanceType: "t4g.medium" }] },
      },
    }),
    call("18:05:40", autoscaling, "ec2:TerminateInstances", {
      request: { instancesSet: { items: [{ instanceId: instance }] } },
      response: {
        instancesSet: {
          items: [{ instanceId: instance, currentState: { code: 32, name: "shutting-down" } }],
        },
      },
    }),
    call("07:31:14", autoscaling, "elasticloadbalancing:RegisterTargets", {
      request: { targetGroupArn: targetGroup("shop-web"), targets: [{ id: instance }] },
    }),
    call("18:05:31", autoscaling, "elasticloadbalancing:DeregisterTargets", {
      request: { targetGroupArn: targetGroup("shop-web"), targets: [{ id: instance }] },
    }),
  ];
}

/** Lambda takes on its functions' roles; the functions decrypt their settings and start log streams. */
function functions(): CloudTrailRecord[] {
  const names = ["orders-api", "stock-sync", "mail-out"];
  return names.flatMap((name, index) => {
    const self = application(`${name}-role`, name);
    return everyMinutes(40 + index * 15, "07:05", "18:30", name).flatMap((at) => [
      assumed(at, "lambda", `${name}-role`, name),
      call(after(at, 1), self, "kms:Decrypt", {
        request: {
          encryptionContext: {
            "aws:lambda:FunctionArn": `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
          },
          encryptionAlgorithm: "SYMMETRIC_DEFAULT",
        },
        resources: [{ type: "AWS::KMS::Key", arn: KEY }],
      }),
      call(after(at, 2), self, "logs:CreateLogStream", {
        request: {
          logGroupName: `/aws/lambda/${name}`,
          logStreamName: `2026/11/19/[$LATEST]${digits(at + name, 32)}`,
        },
      }),
    ]);
  });
}

/** ECS starts tasks, which read the database's password. */
function tasks(): CloudTrailRecord[] {
  const secret = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:shop/database-Qm3xTz`;
  return everyMinutes(75, "07:20", "18:00", "tasks").flatMap((at) => {
    const task = digits(`task ${at}`, 32);
    const self = application("shop-task-role", task);
    return [
      assumed(at, "ecs-tasks", "shop-task-role", task),
      call(after(at, 2), self, "secretsmanager:GetSecretValue", { request: { secretId: secret } }),
      call(after(at, 2), through("secretsmanager", self), "kms:Decrypt", {
        request: { encryptionContext: { SecretARN: secret }, encryptionAlgorithm: "SYMMETRIC_DEFAULT" },
        resources: [{ type: "AWS::KMS::Key", arn: KEY }],
      }),
    ];
  });
}

/** Instances report to Systems Manager, backups are taken, keys and certificates are rotated. */
function fleet(): CloudTrailRecord[] {
  const backup = through("backup", application("AWSBackupDefaultServiceRole", "AWSBackup-shop"));
  const agent = {
    ...application("shop-instance-role", "i-04be7720c19d3fa85"),
    userAgent: "aws-sdk-go/1.55.7 (go1.23.9; linux; arm64) amazon-ssm-agent/3.3.2299.0",
  };
  return [
    ...everyMinutes(30, "07:03", "18:33", "agent").map((at) =>
      call(at, agent, "ssm:UpdateInstanceInformation", {
        request: {
          instanceId: "i-04be7720c19d3fa85",
          agentName: "amazon-ssm-agent",
          agentVersion: "3.3.2299.0",
          agentStatus: "Active",
        },
      }),
    ),
    ...["08:00:13", "12:00:09", "17:00:21"].map((at) =>
      call(at, backup, "ec2:CreateSnapshot", {
        request: {
          volumeId: "vol-0a93bd77e51c2460f",
          description: "This snapshot is created by the AWS Backup service.",
        },
        response: {
          snapshotId: `snap-0${digits(at, 16)}`,
          volumeId: "vol-0a93bd77e51c2460f",
          status: "pending",
          ownerId: ACCOUNT,
          volumeSize: "200",
        },
      }),
    ),
    ...["08:00:41", "12:00:44"].map((at) =>
      serviceEvent(at, "backup", "BackupJobCompleted", { backupVaultName: "shop", state: "COMPLETED" }),
    ),
    serviceEvent("09:40:00", "kms", "RotateKey", { keyId: KEY, rotationType: "AUTOMATIC" }),
    serviceEvent("11:12:07", "elasticfilesystem", "UpdateFileSystemReplication", {
      fileSystemId: "fs-0d81c2e3",
    }),
    serviceEvent("03:00:02", "rds", "RebootDBInstance", { dbInstanceIdentifier: "shop-orders" }),
  ];
}

/** CloudTrail, Config and a monitoring product, which read all day and all over. */
function watchers(): CloudTrailRecord[] {
  const config = serviceRole("config", "AWSServiceRoleForConfig");
  const asked = [
    "ec2:DescribeSecurityGroups",
    "iam:ListPolicies",
    "s3:GetBucketEncryption",
    "lambda:ListFunctions20150331",
    "rds:DescribeDBInstances",
  ];
  const crawled = [
    "ec2:DescribeInstances",
    "elasticloadbalancing:DescribeLoadBalancers",
    "ecs:ListServices",
    "monitoring:ListMetrics",
    "sqs:ListQueues",
  ];
  return [
    ...everyMinutes(60, "07:00", "18:00", "trail").map((at) =>
      call(at, service("cloudtrail"), "s3:GetBucketAcl", {
        request: {
          bucketName: `trail-${ACCOUNT}`,
          Host: `trail-${ACCOUNT}.s3.${REGION}.amazonaws.com`,
          acl: "",
        },
        additional: { SignatureVersion: "SigV4", AuthenticationMethod: "AuthHeader", bytesTransferredIn: 0 },
        resources: [{ type: "AWS::S3::Bucket", arn: `arn:aws:s3:::trail-${ACCOUNT}` }],
      }),
    ),
    ...everyMinutes(25, "07:10", "18:40", "config").map((at, index) =>
      call(at, config, asked[index % asked.length] ?? "ec2:DescribeVpcs"),
    ),
    ...everyMinutes(20, "07:02", "18:50", "crawler").map((at, index) =>
      call(at, monitoring, crawled[index % crawled.length] ?? "ec2:DescribeVpcs", {
        request: { maxResults: "100" },
      }),
    ),
    ...everyMinutes(120, "08:17", "16:17", "throttled").map((at) =>
      call(at, monitoring, "monitoring:GetMetricData", {
        error: { code: "ThrottlingException", message: "Rate exceeded" },
      }),
    ),
  ];
}

/** One deployment of the pipeline: an image pushed, a service updated and watched. */
function deployment(at: string): CloudTrailRecord[] {
  const repository = { registryId: ACCOUNT, repositoryName: "shop/orders" };
  const definition = `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/orders:${Number.parseInt(digits(at, 2), 16)}`;
  const watch = [70, 100, 130].map((seconds) =>
    call(after(at, seconds), pipeline, "ecs:DescribeServices", {
      request: { cluster: CLUSTER, services: ["orders"] },
    }),
  );
  return [
    call(
      at,
      {
        identity: {
          type: "WebIdentityUser",
          principalId: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com:sts.amazonaws.com:repo:greenshed/orders:ref:refs/heads/main`,
          userName: "repo:greenshed/orders:ref:refs/heads/main",
          identityProvider: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`,
        },
        ip: pipeline.ip,
        userAgent: "configure-aws-credentials-for-github-actions",
      },
      "sts:AssumeRoleWithWebIdentity",
      {
        request: {
          roleArn: `arn:aws:iam::${ACCOUNT}:role/github-actions-deploy`,
          roleSessionName: "GitHubActions",
          durationSeconds: 3600,
        },
        response: {
          subjectFromWebIdentityToken: "repo:greenshed/orders:ref:refs/heads/main",
          audience: "sts.amazonaws.com",
        },
      },
    ),
    call(after(at, 3), pipeline, "sts:GetCallerIdentity"),
    call(after(at, 6), pipeline, "ecr:GetAuthorizationToken"),
    call(after(at, 21), pipeline, "ecr:BatchCheckLayerAvailability", { request: repository }),
    call(after(at, 22), pipeline, "ecr:InitiateLayerUpload", { request: repository }),
    call(after(at, 30), pipeline, "ecr:CompleteLayerUpload", { request: repository }),
    call(after(at, 33), pipeline, "ecr:PutImage", { request: { ...repository, imageTag: digits(at, 12) } }),
    call(after(at, 41), pipeline, "ecs:RegisterTaskDefinition", {
      request: { family: "orders" },
      response: { taskDefinition: { taskDefinitionArn: definition } },
    }),
    call(after(at, 44), pipeline, "ecs:UpdateService", {
      request: { cluster: CLUSTER, service: "orders", taskDefinition: definition },
    }),
    ...watch,
  ];
}

/** A service takes on a role for an application. */
function assumed(at: string, by: string, role: string, session: string): CloudTrailRecord {
  const arn = `arn:aws:iam::${ACCOUNT}:role/${role}`;
  return call(at, service(by), "sts:AssumeRole", {
    request: { roleArn: arn, roleSessionName: session },
    response: {
      credentials: {
        accessKeyId: iamId("ASIA", `${role} ${session}`),
        expiration: `Nov 19, 2026, 7:00:00 PM`,
      },
      assumedRoleUser: {
        assumedRoleId: `${iamId("AROA", role)}:${session}`,
        arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`,
      },
    },
    resources: [{ type: "AWS::IAM::Role", arn }],
  });
}

function targetGroup(name: string): string {
  return `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:targetgroup/${name}/${digits(name, 16)}`;
}
