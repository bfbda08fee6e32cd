/**
 * What a finding is about, in Security Hub's terms: what was touched, who touched it, and the account it happened in,
 * which is often not the one that imports the finding. The account closes the list, so that a finding always has a
 * resource, as it must.
 *
 *     findingResources(alert, "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default").list.at(-1)
 *     // { Type: "AwsAccount", Id: "AWS::::Account:210987654321", Partition: "aws", Region: "eu-west-1" }
 */
import type { Partition, Resource } from "@aws-sdk/client-securityhub";
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";

const MAX_RESOURCES = 32;
const MAX_ID = 512;
const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2}(?:-[a-z]{2,8}){1,3}-\d{1,2}$/;
const MAX_REGION = 16;

/** CloudTrail's names of resource types that Security Hub knows, by another name. Others are "Other" to it. */
const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "AWS::CloudFormation::Stack": "AwsCloudFormationStack",
    "AWS::CloudTrail::Trail": "AwsCloudTrailTrail",
    "AWS::DynamoDB::Table": "AwsDynamoDbTable",
    "AWS::EC2::Instance": "AwsEc2Instance",
    "AWS::EC2::NetworkInterface": "AwsEc2NetworkInterface",
    "AWS::EC2::SecurityGroup": "AwsEc2SecurityGroup",
    "AWS::EC2::Subnet": "AwsEc2Subnet",
    "AWS::EC2::Volume": "AwsEc2Volume",
    "AWS::EC2::VPC": "AwsEc2Vpc",
    "AWS::ECR::Repository": "AwsEcrRepository",
    "AWS::ECS::Cluster": "AwsEcsCluster",
    "AWS::EKS::Cluster": "AwsEksCluster",
    "AWS::IAM::AccessKey": "AwsIamAccessKey",
    "AWS::IAM::Group": "AwsIamGroup",
    "AWS::IAM::Policy": "AwsIamPolicy",
    "AWS::IAM::Role": "AwsIamRole",
    "AWS::IAM::User": "AwsIamUser",
    "AWS::KMS::Key": "AwsKmsKey",
    "AWS::Lambda::Function": "AwsLambdaFunction",
    "AWS::RDS::DBCluster": "AwsRdsDbCluster",
    "AWS::RDS::DBInstance": "AwsRdsDbInstance",
    "AWS::S3::Bucket": "AwsS3Bucket",
    "AWS::S3::Object": "AwsS3Object",
    "AWS::SecretsManager::Secret": "AwsSecretsManagerSecret",
    "AWS::SNS::Topic": "AwsSnsTopic",
    "AWS::SQS::Queue": "AwsSqsQueue",
  }),
);

/** The resources of an alert, and how many found no place; `productArn` tells the partition and the fallback account. */
export function findingResources(alert: Alert, productArn: string): { list: Resource[]; leftOut: number } {
  const [, partition = "aws", , , importer = ""] = productArn.split(":");
  const { accountId = "", region = "" } = alert.cloud;
  const place = {
    Partition: partition as Partition,
    ...(REGION.test(region) && region.length <= MAX_REGION ? { Region: region } : {}),
  };
  const account: Resource = {
    Type: "AwsAccount",
    Id: `AWS::::Account:${ACCOUNT.test(accountId) ? accountId : importer}`,
    ...place,
  };
  const targets = alert.resources.map(({ arn, type = "" }) =>
    resource(arn, TYPES.get(type) ?? "Other", place),
  );
  const known = [...targets, ...actorOf(alert, place)];
  const ids = known.map(({ Id }) => Id);
  const distinct = known.filter(({ Id }, at) => Id !== "" && ids.indexOf(Id) === at);
  const list = [...distinct.slice(0, MAX_RESOURCES - 1), account];
  return { list, leftOut: distinct.length + 1 - list.length };
}

function actorOf({ actor }: Alert, place: Partial<Resource>): Resource[] {
  const kind = /^arn:[\w-]+:iam::\d{12}:(role|user)\//.exec(actor.arn ?? "")?.[1];
  if (kind === undefined) return [];
  return [resource(actor.arn ?? "", kind === "role" ? "AwsIamRole" : "AwsIamUser", place, "actor")];
}

function resource(arn: string, Type: string, place: Partial<Resource>, ResourceRole = "target"): Resource {
  return { Type, Id: showText(arn, MAX_ID), ...place, ResourceRole };
}
