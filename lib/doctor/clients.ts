/**
 * The AWS clients that the doctor asks, handed to it so that tests answer in their place. All of its calls only read.
 */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SESv2Client } from "@aws-sdk/client-sesv2";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";

/** What the doctor uses of each client. */
export type DoctorClients = {
  readonly cloudFormation: Pick<CloudFormationClient, "send">;
  readonly cloudTrail: Pick<CloudTrailClient, "send">;
  readonly dynamoDb: Pick<DynamoDBClient, "send">;
  readonly eventBridge: Pick<EventBridgeClient, "send">;
  /** Of the Region of the secret, where its ARN names one. */
  readonly secretsManager: (secret: string) => Pick<SecretsManagerClient, "send">;
  /** Of the Region that a sender is verified in; the engine's when none is given. */
  readonly ses: (senderRegion: string | undefined) => Pick<SESv2Client, "send">;
  readonly sns: Pick<SNSClient, "send">;
  readonly sqs: Pick<SQSClient, "send">;
  readonly ssm: Pick<SSMClient, "send">;
  readonly sts: Pick<STSClient, "send">;
};

/** Clients for one Region, with the credentials that the AWS SDK finds by itself. */
export function createClients(region: string): DoctorClients {
  const options = { region };
  return {
    cloudFormation: new CloudFormationClient(options),
    cloudTrail: new CloudTrailClient(options),
    dynamoDb: new DynamoDBClient(options),
    eventBridge: new EventBridgeClient(options),
    secretsManager: (secret) => new SecretsManagerClient({ region: regionOfSecret(secret) ?? region }),
    ses: (senderRegion) => new SESv2Client({ region: senderRegion ?? region }),
    sns: new SNSClient(options),
    // AWS_ENDPOINT_URL counts for the queue too, whatever host its URL names.
    sqs: new SQSClient({ ...options, useQueueUrlAsEndpoint: false }),
    ssm: new SSMClient(options),
    sts: new STSClient(options),
  };
}

function regionOfSecret(secret: string): string | undefined {
  return secret.startsWith("arn:") ? secret.split(":")[3] : undefined;
}

/** What an AWS call failed with, on one line: the error's name and the first line of its message. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [line = ""] = error.message.split("\n");
  return `${error.name}: ${line.slice(0, 300)}`;
}

/** Whether AWS refused the call for want of permission. */
export function isDenied(error: unknown): boolean {
  return (
    error instanceof Error && /AccessDenied|Unauthorized|AuthorizationError|NotAuthorized/.test(error.name)
  );
}
