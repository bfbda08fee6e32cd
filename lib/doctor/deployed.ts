/**
 * What is deployed, as CloudFormation knows it: the stack's state and the values that `EngineStack` puts into its
 * results for the doctor. The doctor never reads cdk.json: what counts is what runs.
 */
import { DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { isObject, textAt } from "../../lambda/record/untrusted.ts";
import { readLayout } from "../accounts/read-layout.ts";
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
  /** What each secret holds, by the reference that the detector asks with. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Addresses that mail is sent from, with their Region where it is not the stack's. */
  readonly senders: readonly { readonly from: string; readonly region?: string }[];
  /** Empty for a stack of a version before there was state. */
  readonly stateTable: string;
  readonly redeliveryUrl: string;
  readonly deadDeliveriesUrl: string;
  /** The id of the mapping that has the detector invoked with the redelivery queue. */
  readonly redeliverySource: string;
  readonly regionalSources: readonly string[];
  /** Further Regions whose records are forwarded to the stack's. */
  readonly forwardedRegions: readonly string[];
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
    secrets: secretsIn(values.get("Secrets")),
    senders: sendersIn(values.get("Senders")),
    stateTable: text("StateTable"),
    redeliveryUrl: text("RedeliveryUrl"),
    deadDeliveriesUrl: text("DeadDeliveriesUrl"),
    redeliverySource: text("RedeliverySource"),
    regionalSources: textList(values.get("RegionalSources")),
    forwardedRegions: readLayout(values.get("Layout")).regions,
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
  const value = parse(json);
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Stacks of earlier versions list the references only. */
function secretsIn(json: string | undefined): Record<string, string> {
  const value = parse(json);
  if (!isObject(value))
    return Object.fromEntries(textList(json).map((reference) => [reference, "the secret"]));
  return Object.fromEntries(
    Object.entries(value).flatMap(([reference, holds]) =>
      typeof holds === "string" ? [[reference, holds]] : [],
    ),
  );
}

function sendersIn(json: string | undefined): Deployed["senders"] {
  const value = parse(json);
  return (Array.isArray(value) ? value : []).flatMap((sender: unknown) => {
    const from = textAt(sender, "from");
    const region = textAt(sender, "region");
    return from === undefined ? [] : [{ from, ...(region === undefined ? {} : { region }) }];
  });
}

function parse(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? "null") as unknown;
  } catch {
    return undefined;
  }
}
