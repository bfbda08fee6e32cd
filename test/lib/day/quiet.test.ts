import { describe, expect, it } from "vitest";
import { createEngine } from "../../../lambda/engine/engine.ts";
import { loadRules } from "../../../lambda/loader/load-rules.ts";
import { attack } from "../../../lib/day/attack.ts";
import { application, pipeline, service, serviceRole, through } from "../../../lib/day/callers.ts";
import { code } from "../../../lib/day/code.ts";
import { routine } from "../../../lib/day/routine.ts";
import { call, serviceEvent } from "../../../lib/day/shape.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";

const engine = createEngine(loadRules("rules").ruleSet);
const NOON = Date.parse("2026-11-19T12:00:00Z");

/** What services do for those who set them up, or with a role of their own, in accounts larger than that of the day. */
function services(): CloudTrailRecord[] {
  const scaling = serviceRole("autoscaling", "AWSServiceRoleForAutoScaling");
  const builder = serviceRole("imagebuilder", "AWSServiceRoleForImageBuilder");
  const lifecycle = through("dlm", application("AWSDataLifecycleManagerDefaultRole", "dlm"));
  const backup = through(
    "backup",
    application("AWSBackupDefaultServiceRole", "AWSBackup-AWSBackupDefaultServiceRole"),
  );
  const pipelines = through("codepipeline", application("codepipeline-shop", "1763640000000"));
  const cluster = serviceRole("eks", "AWSServiceRoleForAmazonEKS");
  const nodes = serviceRole("eks-nodegroup", "AWSServiceRoleForAmazonEKSNodegroup");
  const config = serviceRole("config", "AWSServiceRoleForConfig");
  const machine = application("web-instance", "i-0a1b2c3d4e5f60718");
  const agent = {
    ...machine,
    userAgent: "aws-sdk-go/1.55.5 (go1.24.9; linux; amd64) amazon-ssm-agent/3.3.3050.0",
  };
  const another = { items: [{ userId: "999999999999" }] };
  const image = { imageId: "ami-0a1b2c3d4e5f60718", attributeType: "launchPermission" };
  const snapshot = { snapshotId: "snap-0a1b2c3d4e5f60718" };
  const template = { launchTemplate: { launchTemplateId: "lt-0a1b2c3d4e5f60718", version: "3" } };
  const started = { items: [{ instanceId: "i-0a1b2c3d4e5f60718", instanceType: "g5.12xlarge" }] };
  const terminated = Array.from({ length: 25 }, (_, index) => ({
    instanceId: `i-0a1b2c3d4e5f60${100 + index}`,
  }));
  const names = Array.from({ length: 10 }, (_, index) => `/shop/production/${index}`);
  return [
    call("02:00:01", builder, "ec2:CreateImage", {
      request: { instanceId: "i-0a1b2c3d4e5f60718", name: "web 42" },
    }),
    call("02:11:09", builder, "ec2:ModifyImageAttribute", {
      request: { ...image, launchPermission: { add: another } },
    }),
    call("02:12:40", builder, "ssm:SendCommand", {
      request: { documentName: "AWSEC2-RunEc2InstanceLaunch" },
    }),
    call("02:13:00", builder, "ec2:TerminateInstances", {
      request: { instancesSet: { items: [{ instanceId: "i-0a1b2c3d4e5f60718" }] } },
    }),
    call("03:00:02", lifecycle, "ec2:CreateSnapshots", {
      request: { instanceSpecification: { instanceId: "i-0a1b2c3d4e5f60718" } },
    }),
    call("03:04:41", lifecycle, "ec2:ModifySnapshotAttribute", {
      request: { ...snapshot, createVolumePermission: { add: another } },
    }),
    call("03:05:10", lifecycle, "ec2:DeleteSnapshot", { request: snapshot }),
    call("03:30:00", backup, "rds:CreateDBSnapshot", {
      request: { dBInstanceIdentifier: "orders", dBSnapshotIdentifier: "awsbackup:job-1" },
    }),
    call("03:40:00", backup, "rds:DeleteDBSnapshot", {
      request: { dBSnapshotIdentifier: "awsbackup:job-0" },
    }),
    call("03:41:00", backup, "dynamodb:DeleteBackup", {
      request: { backupArn: "arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/1" },
    }),
    serviceEvent("03:50:00", "backup", "RecoveryPointDeleted", { state: "DELETED" }),
    call("06:30:00", scaling, "ec2:RunInstances", {
      request: { ...template, instancesSet: { items: [{ minCount: 40, maxCount: 40 }] } },
      response: { instancesSet: started },
    }),
    call("06:31:00", scaling, "ec2:RunInstances", {
      request: { ...template, instanceType: "p5.48xlarge" },
      error: {
        code: "Client.VcpuLimitExceeded",
        message: "You have requested more vCPU capacity than your current limit.",
      },
    }),
    call("19:00:00", scaling, "ec2:TerminateInstances", { request: { instancesSet: { items: terminated } } }),
    call("19:00:05", scaling, "monitoring:DeleteAlarms", {
      request: { alarmNames: ["TargetTracking-shop-AlarmLow-1"] },
    }),
    call("08:00:00", service("ec2"), "sts:AssumeRole", {
      readOnly: true,
      request: {
        roleArn: "arn:aws:iam::123456789012:role/web-instance",
        roleSessionName: "i-0a1b2c3d4e5f60718",
      },
    }),
    call("08:00:10", agent, "ssm:UpdateInstanceInformation", {
      readOnly: false,
      request: { instanceId: "i-0a1b2c3d4e5f60718", agentVersion: "3.3.3050.0" },
    }),
    call("08:00:20", agent, "ssm:GetParameters", { request: { names, withDecryption: true } }),
    call("08:01:00", service("ssm"), "ssm:UpdateAssociationStatus", {
      readOnly: false,
      request: { name: "AWS-GatherSoftwareInventory" },
    }),
    call("09:00:00", cluster, "ec2:CreateSecurityGroup", {
      request: { groupName: "eks-cluster-sg-shop", vpcId: "vpc-0a1b2c3d" },
      response: { groupId: "sg-0a1b2c3d4e5f60718" },
    }),
    call("09:00:02", cluster, "ec2:AuthorizeSecurityGroupIngress", {
      request: {
        groupId: "sg-0a1b2c3d4e5f60718",
        ipPermissions: {
          items: [{ ipProtocol: "-1", groups: { items: [{ groupId: "sg-0a1b2c3d4e5f60718" }] } }],
        },
      },
    }),
    call("09:00:09", cluster, "ec2:CreateNetworkInterface", { request: { subnetId: "subnet-0a1b2c3d" } }),
    call("09:02:00", nodes, "ec2:CreateLaunchTemplateVersion", {
      request: { CreateLaunchTemplateVersionRequest: { LaunchTemplateId: "lt-0a1b2c3d4e5f60718" } },
    }),
    call("09:02:30", nodes, "autoscaling:UpdateAutoScalingGroup", {
      request: { autoScalingGroupName: "eks-shop", desiredCapacity: 3 },
    }),
    call("10:00:00", pipelines, "codebuild:StartBuild", { request: { projectName: "shop" } }),
    call("10:03:00", pipelines, "cloudformation:ExecuteChangeSet", {
      request: { stackName: "shop", changeSetName: "codepipeline" },
    }),
    call("10:04:00", pipelines, "lambda:UpdateFunctionCode20150331v2", {
      request: { functionName: "orders-api" },
    }),
    call("10:05:00", pipelines, "s3:PutObject", {
      request: { bucketName: "pipeline-artifacts", key: "shop/1.zip" },
    }),
    call("11:00:00", config, "config:PutEvaluations", { readOnly: false, request: { evaluations: [] } }),
    call("11:00:05", config, "s3:PutObject", { request: { bucketName: "config-history", key: "1.json.gz" } }),
    serviceEvent("11:10:00", "kms", "RotateKey", { keyId: "7c1d9f52-3b0e-4a66-9d58-0f6be2a1c934" }),
    call("12:00:00", through("elasticloadbalancing", pipeline), "iam:CreateServiceLinkedRole", {
      request: { aWSServiceName: "elasticloadbalancing.amazonaws.com" },
    }),
    call(
      "12:00:03",
      serviceRole("elasticloadbalancing", "AWSServiceRoleForElasticLoadBalancing"),
      "ec2:RevokeSecurityGroupIngress",
      { request: { groupId: "sg-0a1b2c3d4e5f60718" } },
    ),
    call(
      "12:30:00",
      serviceRole("organizations", "AWSServiceRoleForOrganizations"),
      "iam:DeleteServiceLinkedRole",
      { request: { roleName: "AWSServiceRoleForSSO" } },
    ),
    call("13:00:00", serviceRole("cloudtrail", "AWSServiceRoleForCloudTrail"), "cloudtrail:CreateTrail", {
      request: { name: "organization", isOrganizationTrail: true },
    }),
    call("13:00:01", serviceRole("cloudtrail", "AWSServiceRoleForCloudTrail"), "cloudtrail:StartLogging", {
      request: { name: "organization" },
    }),
  ];
}

/** The rules of these severities that fire on the records, with the calls that they fire on. */
async function fired(records: readonly CloudTrailRecord[], severities: readonly string[]): Promise<string[]> {
  const evaluations = await Promise.all(
    records.map(async (record) => ({ record, ...(await engine.evaluate(record, NOON)) })),
  );
  return evaluations.flatMap(({ record, matches }) =>
    matches
      .filter(({ rule }) => severities.includes(rule.severity))
      .map(({ rule }) => `${rule.id} on ${record.eventName}`),
  );
}

describe("the shipped rules over the shipped day", () => {
  it.each([
    { what: "its routine", records: routine() },
    { what: "what pipelines and Terraform deploy", records: code() },
    { what: "what services do for their owners elsewhere", records: services() },
  ])("are quiet on $what: no rule of severity high or critical fires", async ({ records }) => {
    expect(records.length).toBeGreaterThan(20);
    expect(await fired(records, ["high", "critical"])).toEqual([]);
  });

  it("are not quiet on its attack, of which a rule of severity high or critical tells several steps", async () => {
    expect(new Set(await fired(attack(), ["high", "critical"])).size).toBeGreaterThanOrEqual(5);
  });
});
