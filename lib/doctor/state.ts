/**
 * The table and the queues of deliveries as they are: whether what was recorded can be recovered and expires, whether
 * failed deliveries are tried again, and which of them nobody will try any more.
 */
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { isObject } from "../../lambda/record/untrusted.ts";
import { counted } from "../words.ts";
import type { DoctorClients } from "./clients.ts";
import type { Deployed } from "./deployed.ts";
import { type CheckResult, fail, ok, warn } from "./report.ts";

const OLDER = "The stack is of a version that kept no state of deliveries.";
const DEPLOY = "Deploy again with `npx cdk deploy`.";
/** The attribute that items expire by. */
const EXPIRY = "expiresAt";

/** Whether the table is there, can be recovered, is protected, and forgets what is old. */
export async function checkTable(
  { dynamoDb }: DoctorClients,
  { stateTable: TableName }: Deployed,
): Promise<CheckResult[]> {
  if (TableName === "") return [warn("table", OLDER, DEPLOY)];
  const table = await dynamoDb.send(new DescribeTableCommand({ TableName })).catch((error: unknown) => {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  });
  if (table === undefined) {
    return [
      fail(
        "table",
        `The table ${TableName} is gone: no alert can be recorded, so none is delivered.`,
        "Find out who deleted it (DeleteTable in CloudTrail). Restore it under its name from its backup: `aws dynamodb restore-table-to-point-in-time`.",
      ),
    ];
  }
  const { ContinuousBackupsDescription: backups } = await dynamoDb.send(
    new DescribeContinuousBackupsCommand({ TableName }),
  );
  const { TimeToLiveDescription: expiry } = await dynamoDb.send(new DescribeTimeToLiveCommand({ TableName }));
  const results: CheckResult[] = [];
  if (table.Table?.TableStatus !== "ACTIVE") {
    results.push(
      fail(
        "table",
        `The table ${TableName} is ${table.Table?.TableStatus ?? "in an unknown state"}.`,
        "Wait until it is ACTIVE, and look in CloudTrail for who changed it.",
      ),
    );
  }
  if (backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus !== "ENABLED") {
    results.push(
      warn(
        "table",
        `The table ${TableName} cannot be recovered to a point in time.`,
        `Turn it on again: \`aws dynamodb update-continuous-backups --table-name ${TableName} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true\`.`,
      ),
    );
  }
  const expires = expiry?.TimeToLiveStatus === "ENABLED" || expiry?.TimeToLiveStatus === "ENABLING";
  if (!expires || expiry.AttributeName !== EXPIRY) {
    results.push(
      warn(
        "table",
        `The table ${TableName} keeps everything for ever: items do not expire by ${EXPIRY}.`,
        `Turn it on again: \`aws dynamodb update-time-to-live --table-name ${TableName} --time-to-live-specification Enabled=true,AttributeName=${EXPIRY}\`.`,
      ),
    );
  }
  if (table.Table?.DeletionProtectionEnabled !== true) {
    results.push(
      warn(
        "table",
        `Nothing keeps the table ${TableName} from being deleted.`,
        `Protect it again: \`aws dynamodb update-table --table-name ${TableName} --deletion-protection-enabled\`.`,
      ),
    );
  }
  return results.length > 0
    ? results
    : [ok("table", "The state table is there, can be recovered, and forgets what is old.")];
}

/** Whether failed deliveries are on their way, and whether some have come to an end undelivered. */
export async function checkDeliveries(clients: DoctorClients, deployed: Deployed): Promise<CheckResult[]> {
  if (deployed.redeliveryUrl === "") return [warn("deliveries", OLDER, DEPLOY)];
  const redelivery = await attributesOf(clients, deployed.redeliveryUrl);
  const dead = await attributesOf(clients, deployed.deadDeliveriesUrl);
  const results: CheckResult[] = [];
  const due = Number(redelivery["ApproximateNumberOfMessages"] ?? 0);
  const hidden =
    Number(redelivery["ApproximateNumberOfMessagesNotVisible"] ?? 0) +
    Number(redelivery["ApproximateNumberOfMessagesDelayed"] ?? 0);
  const given = Number(dead["ApproximateNumberOfMessages"] ?? 0);
  if (given > 0) {
    results.push(
      warn(
        "deliveries",
        `${counted(given, "delivery was", "deliveries were")} given up: each waits in the queue of dead deliveries with its reason.`,
        "Read them with `npm run engine -- redrive`, mend what they name, and deliver them again before 14 days are over.",
      ),
    );
  }
  if (due > 0) {
    results.push(
      warn(
        "deliveries",
        `${counted(due, "delivery is", "deliveries are")} due again, and nothing has taken ${due === 1 ? "it" : "them"} yet.`,
        `Run the doctor again in a minute. If they are still there, see that Lambda reads the queue: \`aws lambda get-event-source-mapping --uuid ${deployed.redeliverySource}\`, and enable it with \`aws lambda update-event-source-mapping --uuid ${deployed.redeliverySource} --enabled\`.`,
      ),
    );
  }
  if (!endsIn(redelivery["RedrivePolicy"], dead["QueueArn"])) {
    results.push(
      warn(
        "deliveries",
        "The redelivery queue has lost its dead-letter queue: a message that nobody can read would come for 14 days and then be lost.",
        "Find out who changed it (SetQueueAttributes in CloudTrail), then put back the RedrivePolicy of AWS::SQS::Queue in the stack's template: CloudFormation does not see that it is gone.",
      ),
    );
  }
  if (results.length > 0) return results;
  const waiting =
    hidden === 0
      ? "No delivery waits."
      : `${counted(hidden, "delivery waits", "deliveries wait")} for the next attempt.`;
  return [ok("deliveries", `${waiting} None was given up.`)];
}

async function attributesOf(
  { sqs }: DoctorClients,
  QueueUrl: string,
): Promise<Readonly<Record<string, string | undefined>>> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
        "QueueArn",
        "RedrivePolicy",
      ],
    }),
  );
  return Attributes;
}

function endsIn(policy: string | undefined, queueArn: string | undefined): boolean {
  try {
    const parsed: unknown = JSON.parse(policy ?? "null");
    return isObject(parsed) && parsed["deadLetterTargetArn"] === queueArn;
  } catch {
    return false;
  }
}
