/**
 * What is deployed, as CloudFormation knows it: the stack's state and the values that `EngineStack` puts into its
 * results for the doctor. The doctor never reads cdk.json: what counts is what runs.
 */
import { DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import type { DoctorClients } from "./clients.ts";
import { type CheckResult, fail, ok, warn } from "./report.ts";

/** A deployed engine. */
export type Deployed = {
  readonly stackName: string;
  readonly alertsTopicArn: string;
  readonly operationsTopicArn: string;
  readonly deadLettersUrl: string;
  readonly detectorArn: string;
  /** Ids of the destinations beside the topic. */
  readonly destinations: readonly string[];
  readonly secrets: readonly string[];
  readonly regionalSources: readonly string[];
};

/** Reads the stack; without a usable one there is a result and no engine. */
export async function readDeployed(
  clients: DoctorClients,
  stackName: string,
): Promise<{ result: CheckResult; deployed?: Deployed }> {
  const answer = await clients.cloudFormation
    .send(new DescribeStacksCommand({ StackName: stackName }))
    .catch((error: unknown) => {
      if (error instanceof Error && error.message.includes("does not exist")) return undefined;
      throw error;
    });
  const stack = answer?.Stacks?.[0];
  if (stack === undefined) {
    return {
      result: fail(
        "stack",
        `There is no stack "${stackName}" here.`,
        "Deploy it with `npx cdk deploy`, or name the right one: --stack NAME --region REGION.",
      ),
    };
  }
  const values = new Map(stack.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const text = (key: string): string => values.get(key) ?? "";
  const deployed: Deployed = {
    stackName,
    alertsTopicArn: text("AlertsTopicArn"),
    operationsTopicArn: text("OperationsTopicArn"),
    deadLettersUrl: text("DeadLettersUrl"),
    detectorArn: text("DetectorArn"),
    destinations: textList(values.get("Destinations")),
    secrets: textList(values.get("Secrets")),
    regionalSources: textList(values.get("RegionalSources")),
  };
  if (deployed.alertsTopicArn === "" || deployed.detectorArn === "") {
    return {
      result: fail(
        "stack",
        `"${stackName}" is no stack of CloudTrail Engine, or was never deployed whole (${stack.StackStatus}).`,
        "Name the engine's stack with --stack, or deploy again with `npx cdk deploy`.",
      ),
    };
  }
  return { result: judgeStatus(stackName, stack.StackStatus ?? "unknown"), deployed };
}

function judgeStatus(stackName: string, status: string): CheckResult {
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status))
    return ok("stack", `${stackName} is deployed (${status}).`);
  if (status.endsWith("_IN_PROGRESS")) {
    return warn(
      "stack",
      `${stackName} is being changed (${status}).`,
      "Run the doctor again when that is done.",
    );
  }
  return fail(
    "stack",
    `The last deployment of ${stackName} failed (${status}): an older one may be running.`,
    "Read the stack's events in CloudFormation, mend the cause and run `npx cdk deploy` again.",
  );
}

function textList(json: string | undefined): string[] {
  try {
    const value: unknown = JSON.parse(json ?? "[]");
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  } catch {
    return [];
  }
}
