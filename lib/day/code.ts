/**
 * What code does to the account on the shipped day: a Terraform run, a CDK deployment and what CloudFormation does
 * for it. These are changes, some to the very things that rules watch (a security group, a role's policy); they tell
 * whether a rule means "changed" or "changed by hand".
 */
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { atTerminal, cdk, cloudformation, terraform, tomas } from "./callers.ts";
import { ACCOUNT, REGION, after, call, digits, iamId } from "./shape.ts";

/** All records of infrastructure code at work, in no order. */
export function code(): CloudTrailRecord[] {
  return [...terraformPlan("08:30:10"), ...terraformPlan("12:20:44"), ...terraformApply(), ...cdkDeploy()];
}

/** A plan reads everything that the state knows. */
function terraformPlan(at: string): CloudTrailRecord[] {
  const reads = [
    "sts:GetCallerIdentity",
    "ec2:DescribeVpcs",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeSubnets",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeAddresses",
    "s3:GetBucketPolicy",
    "s3:GetBucketVersioning",
    "iam:GetRole",
    "iam:ListRolePolicies",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "rds:DescribeDBInstances",
    "route53:ListHostedZones",
    "route53:GetHostedZone",
    "logs:DescribeLogGroups",
  ];
  return reads.map((name, index) => call(after(at, Math.floor(index / 3)), terraform, name));
}

/** The apply: a rule between two private ranges, a tag, a queue, a lifecycle, a narrower inline policy. */
function terraformApply(): CloudTrailRecord[] {
  const group = "sg-0c83f2b6e15d9a740";
  const bucket = `shop-reports-${ACCOUNT}`;
  return [
    call("12:22:03", terraform, "ec2:AuthorizeSecurityGroupIngress", {
      request: {
        groupId: group,
        ipPermissions: {
          items: [
            {
              ipProtocol: "tcp",
              fromPort: 5432,
              toPort: 5432,
              groups: {},
              ipRanges: { items: [{ cidrIp: "10.20.0.0/16", description: "shop services" }] },
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
              groupId: group,
              securityGroupRuleId: "sgr-07a9c4d2158be6f30",
              isEgress: false,
              ipProtocol: "tcp",
              fromPort: 5432,
              toPort: 5432,
              cidrIpv4: "10.20.0.0/16",
            },
          ],
        },
      },
    }),
    call("12:22:05", terraform, "ec2:CreateTags", {
      request: {
        resourcesSet: { items: [{ resourceId: group }] },
        tagSet: { items: [{ key: "managed-by", value: "terraform" }] },
      },
      response: { _return: true },
    }),
    call("12:22:06", terraform, "sqs:CreateQueue", {
      request: { queueName: "stock-changes", attributes: { SqsManagedSseEnabled: "true" } },
      response: { queueUrl: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/stock-changes` },
    }),
    call("12:22:08", terraform, "s3:PutBucketLifecycle", {
      request: {
        bucketName: bucket,
        Host: `${bucket}.s3.${REGION}.amazonaws.com`,
        lifecycle: "",
        LifecycleConfiguration: { Rule: { ID: "old-reports", Status: "Enabled", Expiration: { Days: 400 } } },
      },
      resources: [{ type: "AWS::S3::Bucket", arn: `arn:aws:s3:::${bucket}` }],
    }),
    call("12:22:11", terraform, "iam:PutRolePolicy", {
      request: {
        roleName: "stock-sync-role",
        policyName: "queue",
        policyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: "sqs:SendMessage",
              Resource: `arn:aws:sqs:${REGION}:${ACCOUNT}:stock-changes`,
            },
          ],
        }),
      },
    }),
  ];
}

/** Tomas deploys a stack with the CDK; CloudFormation makes its role, function and log group. */
function cdkDeploy(): CloudTrailRecord[] {
  const stack = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Returns/0f3a7c10-c52b-11f0-9d1e-0affd1c2b3a5`;
  const deployer = `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-deploy-role-${ACCOUNT}-${REGION}`;
  const role = "Returns-FunctionServiceRole-1QX8V7Z";
  const trust = {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    ],
  };
  const watch = [20, 35, 50, 65].map((seconds) =>
    call(after("13:15:30", seconds), cdk, "cloudformation:DescribeStackEvents", {
      request: { stackName: stack },
    }),
  );
  return [
    call("13:15:20", { ...atTerminal(tomas), userAgent: cdk.userAgent }, "sts:AssumeRole", {
      request: { roleArn: deployer, roleSessionName: "aws-cdk-tomas.lind" },
      response: {
        credentials: { accessKeyId: iamId("ASIA", "cdk"), expiration: "Nov 19, 2026, 2:15:20 PM" },
      },
      resources: [{ type: "AWS::IAM::Role", arn: deployer }],
    }),
    call("13:15:22", cdk, "cloudformation:DescribeStacks", { request: { stackName: "Returns" } }),
    call("13:15:24", cdk, "cloudformation:GetTemplate", { request: { stackName: "Returns" } }),
    call("13:15:26", cdk, "cloudformation:CreateChangeSet", {
      request: {
        stackName: "Returns",
        changeSetName: "cdk-deploy-change-set",
        changeSetType: "UPDATE",
        capabilities: ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
      },
      response: { stackId: stack },
    }),
    call("13:15:29", cdk, "cloudformation:DescribeChangeSet", {
      request: { stackName: "Returns", changeSetName: "cdk-deploy-change-set" },
    }),
    call("13:15:30", cdk, "cloudformation:ExecuteChangeSet", {
      request: { stackName: "Returns", changeSetName: "cdk-deploy-change-set" },
    }),
    ...watch,
    call("13:15:34", cloudformation, "iam:CreateRole", {
      request: { roleName: role, assumeRolePolicyDocument: JSON.stringify(trust) },
      response: {
        role: {
          roleName: role,
          roleId: iamId("AROA", role),
          arn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
          path: "/",
          createDate: "Nov 19, 2026 1:15:34 PM",
          assumeRolePolicyDocument: encodeURIComponent(JSON.stringify(trust)),
        },
      },
    }),
    call("13:15:48", cloudformation, "iam:AttachRolePolicy", {
      request: {
        roleName: role,
        policyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
      },
    }),
    call("13:15:49", cloudformation, "logs:CreateLogGroup", {
      request: { logGroupName: "/aws/lambda/returns" },
    }),
    call("13:15:50", cloudformation, "logs:PutRetentionPolicy", {
      request: { logGroupName: "/aws/lambda/returns", retentionInDays: 30 },
    }),
    call("13:16:01", cloudformation, "lambda:CreateFunction20150331", {
      request: {
        functionName: "returns",
        runtime: "nodejs24.x",
        role: `arn:aws:iam::${ACCOUNT}:role/${role}`,
        handler: "index.handler",
        code: {
          s3Bucket: `cdk-hnb659fds-assets-${ACCOUNT}-${REGION}`,
          s3Key: `${digits("returns", 64)}.zip`,
        },
        timeout: 10,
        memorySize: 256,
      },
      response: {
        functionName: "returns",
        functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:returns`,
        state: "Pending",
      },
    }),
  ];
}
