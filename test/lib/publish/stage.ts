/** A deployed engine in memory, with a bucket that speaks S3: what publishing is tried on. */
import type { DestinationSettings } from "../../../lambda/destinations/destination-type.ts";
import { deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import type { Rule, RuleSet } from "../../../lambda/engine/rule.ts";
import type { Routing } from "../../../lambda/routing.ts";
import type { PublishClients } from "../../../lib/publish/deployed-engine.ts";
import type { DeployedFile } from "../../../lib/publish/deployed-file.ts";
import type { BucketStandIn } from "./bucket-stand-in.ts";

export const BUCKET = "published-rules";
export const PREFIX = "CloudTrailEngine/";
export const PUBLISHER = "arn:aws:iam::123456789012:user/mira";
const DETECTOR = "arn:aws:lambda:eu-west-1:123456789012:function:detector";
const OWN_ROLE = "detector-role";

export const SLACK: DestinationSettings = { id: "slack", type: "slack", secret: "prod/slack" };
export const TOPIC: DestinationSettings = { id: "topic", type: "sns" };
export const DESTINATIONS: readonly DestinationSettings[] = [TOPIC, SLACK];
export const ROUTING: Routing = { match: "first", routes: [], otherwise: ["topic", "slack"] };

export function setOf(...rules: readonly Rule[]): RuleSet {
  return { rules, conditions: {}, lists: {}, suppressions: [] };
}

/** Puts what the stack would make into the bucket, and gives clients that know of it. */
export function deployEngine(
  bucket: BucketStandIn,
  ruleSet: RuleSet,
  given: Partial<DeployedFile> = {},
  targets: readonly { Arn: string }[] = [{ Arn: DETECTOR }],
): PublishClients {
  const file: DeployedFile = {
    format: 1,
    allowWaiting: false,
    ruleSet,
    destinations: DESTINATIONS,
    routing: ROUTING,
    ...given,
  };
  bucket.put("assets/deployed.json", JSON.stringify(file));
  const outputs = {
    DetectorArn: DETECTOR,
    DetectorRole: OWN_ROLE,
    LiveRulesBucket: BUCKET,
    LiveRulesPrefix: PREFIX,
    LiveRulesDeployed: "assets/deployed.json",
  };
  const { eventRules } = deriveEventRules(ruleSet, { excludeOwnRole: OWN_ROLE });
  const answers: Record<string, unknown> = {
    DescribeStacksCommand: {
      Stacks: [
        { Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })) },
      ],
    },
    ListRulesCommand: {
      Rules: eventRules.map(({ name, state, eventPattern }) => ({
        Name: `CloudTrailEngine.${name}`,
        State: state,
        EventPattern: JSON.stringify(eventPattern),
      })),
    },
    ListTargetsByRuleCommand: { Targets: targets },
    GetCallerIdentityCommand: { Arn: PUBLISHER },
  };
  const client = {
    send: async (command: object) => answers[command.constructor.name],
  } as unknown as PublishClients["cloudFormation"] & PublishClients["eventBridge"] & PublishClients["sts"];
  return { cloudFormation: client, eventBridge: client, sts: client, s3: bucket.s3 };
}
