/**
 * The deployed engine as `publish` needs it: where published rules are, what was deployed, and the EventBridge rules as
 * they are in the account now, since these decide which records arrive. A rule that is disabled, or does not invoke the
 * detector any more, delivers nothing.
 */
import { type CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import {
  type EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
} from "@aws-sdk/client-eventbridge";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import { hashOf } from "../../lambda/live-rules/published.ts";
import { OWN_DENIALS_RULE, ruleNamePrefix } from "../names.ts";
import type { DeployedRule, Deployment } from "./covered-by.ts";
import { type DeployedFile, readDeployedFile } from "./deployed-file.ts";
import type { PublishedPlace } from "./published-bucket.ts";

/** What is used of each client. */
export type PublishClients = {
  readonly cloudFormation: Pick<CloudFormationClient, "send">;
  readonly eventBridge: Pick<EventBridgeClient, "send">;
  readonly s3: Pick<S3Client, "send">;
  readonly sts: Pick<STSClient, "send">;
};

/** A deployed engine into which rules can be published. */
export type DeployedEngine = {
  readonly stack: string;
  readonly place: PublishedPlace;
  readonly file: DeployedFile;
  /** Hash of the deployed rule set. */
  readonly base: string;
  readonly deployment: Deployment;
};

/** The deployed engine is not there, or takes no published rules; the message says the cure. */
export class NotPublishableError extends Error {
  override readonly name = "NotPublishableError";
}

/**
 * Reads the deployed engine.
 * @throws NotPublishableError when there is none, or none that takes published rules.
 */
export async function readDeployedEngine(clients: PublishClients, stack: string): Promise<DeployedEngine> {
  const values = await readOutputs(clients, stack);
  const [bucket = "", prefix = "", deployed = ""] = [
    values.get("LiveRulesBucket"),
    values.get("LiveRulesPrefix"),
    values.get("LiveRulesDeployed"),
  ];
  const detectorArn = values.get("DetectorArn") ?? "";
  if (bucket === "" || deployed === "" || detectorArn === "")
    throw new NotPublishableError(
      `"${stack}" takes no published rules. Set "liveRules": {} of "engine" in cdk.json, and deploy with \`npx cdk deploy\`.`,
    );
  const [assets = "", ...key] = deployed.split("/");
  const found = await clients.s3.send(new GetObjectCommand({ Bucket: assets, Key: key.join("/") }));
  const file = readDeployedFile((await found.Body?.transformToString()) ?? "");
  const ownRole = values.get("DetectorRole");
  return {
    stack,
    place: { s3: clients.s3, bucket, prefix },
    file,
    base: hashOf(file.ruleSet),
    deployment: {
      eventRules: await deployedEventRules(clients, stack, detectorArn),
      ...(ownRole === undefined ? {} : { ownRole }),
    },
  };
}

/** The ARN of whose credentials these are. */
export async function whoAmI({ sts }: PublishClients): Promise<string> {
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  return Arn ?? "unknown";
}

async function readOutputs({ cloudFormation }: PublishClients, stack: string): Promise<Map<string, string>> {
  const answer = await cloudFormation
    .send(new DescribeStacksCommand({ StackName: stack }))
    .catch((error: unknown) => {
      if (error instanceof Error && error.message.includes("does not exist")) return undefined;
      throw error;
    });
  const found = answer?.Stacks?.[0];
  if (found === undefined)
    throw new NotPublishableError(
      `There is no stack "${stack}" here. Deploy it with \`npx cdk deploy\`, or name the right one: --stack NAME --region REGION.`,
    );
  return new Map(found.Outputs?.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
}

async function deployedEventRules(
  { eventBridge }: PublishClients,
  stack: string,
  detectorArn: string,
): Promise<DeployedRule[]> {
  const prefix = ruleNamePrefix(stack);
  const rules: DeployedRule[] = [];
  let token: string | undefined;
  do {
    const page = await eventBridge.send(
      new ListRulesCommand({ NamePrefix: prefix, ...(token === undefined ? {} : { NextToken: token }) }),
    );
    for (const { Name, State, EventPattern } of page.Rules ?? []) {
      if (Name === undefined || EventPattern === undefined || Name === prefix + OWN_DENIALS_RULE) continue;
      if (State !== "ENABLED" && State !== "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS") continue;
      const { Targets = [] } = await eventBridge.send(new ListTargetsByRuleCommand({ Rule: Name }));
      if (!Targets.some(({ Arn }) => Arn === detectorArn)) continue;
      rules.push({ state: State, eventPattern: JSON.parse(EventPattern) as unknown });
    }
    token = page.NextToken;
  } while (token !== undefined);
  return rules;
}
