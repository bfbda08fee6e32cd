/**
 * What `engine redrive` and `engine send-test` ask of AWS, made once for a Region, so that tests give their own.
 */
import { randomUUID } from "node:crypto";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { type AlertStore, makeAlertStore } from "../../lambda/state/alert-store.ts";
import { openTable } from "../../lambda/state/table.ts";
import { type DetectorAnswer, invokeDetector } from "../invoke-detector.ts";

/** A deployed engine within reach. */
export type Session = {
  /** The stack's outputs by name. Throws when there is no such stack of the engine. */
  readonly outputs: (stack: string) => Promise<Readonly<Record<string, string>>>;
  readonly sqs: Pick<SQSClient, "send">;
  readonly openStore: (table: string) => Pick<AlertStore, "reopen" | "read">;
  readonly invoke: (arn: string, event: unknown) => Promise<DetectorAnswer>;
  readonly now: () => number;
  readonly newOwner: () => string;
};

/** A session of one Region, with the credentials that the AWS SDK finds by itself. */
export function openSession(region: string): Session {
  const cloudFormation = new CloudFormationClient({ region });
  // Its credentials sign the invocation.
  const sts = new STSClient({ region });
  return {
    outputs: (stack) => readOutputs(cloudFormation, stack, region),
    // AWS_ENDPOINT_URL counts for the queue too, whatever host its URL names.
    sqs: new SQSClient({ region, useQueueUrlAsEndpoint: false }),
    // Nothing is recorded anew here, so for how long does not matter.
    openStore: (name) => makeAlertStore(openTable({ name, region }), 1),
    invoke: (arn, event) =>
      invokeDetector(arn, event, {
        credentials: () => sts.config.credentials(),
        endpoint: process.env["AWS_ENDPOINT_URL_LAMBDA"],
      }),
    now: () => Date.now(),
    newOwner: () => randomUUID(),
  };
}

/** There is no engine to work with; the message says what to do. */
class NoEngineError extends Error {
  override readonly name = "NoEngineError";
}

const NEEDED = ["DetectorArn", "DeadLettersUrl", "DeadDeliveriesUrl", "RedeliveryUrl", "StateTable"];

async function readOutputs(
  client: CloudFormationClient,
  stack: string,
  region: string,
): Promise<Readonly<Record<string, string>>> {
  const answer = await client
    .send(new DescribeStacksCommand({ StackName: stack }))
    .catch((error: unknown) => {
      if (error instanceof Error && error.message.includes("does not exist")) return undefined;
      throw error;
    });
  const found = answer?.Stacks?.[0]?.Outputs ?? [];
  const outputs = Object.fromEntries(
    found.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]),
  );
  if (answer === undefined)
    throw new NoEngineError(
      `There is no stack "${stack}" in ${region}. Deploy it with \`npx cdk deploy\`, or name the right one: --stack NAME --region REGION.`,
    );
  const missing = NEEDED.filter((name) => (outputs[name] ?? "") === "");
  if (missing.length === 0) return outputs;
  throw new NoEngineError(
    `The stack "${stack}" has no ${missing.join(", ")}: it is no engine, or one of an older version. Deploy it again with \`npx cdk deploy\`.`,
  );
}
