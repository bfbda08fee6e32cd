/**
 * What the engine's own stack has when records are forwarded to it, from further Regions or from spokes: a rule for
 * their canaries, an alarm for those that fall silent, and what `engine accounts` reads. Without either there is nothing.
 */
import { Duration, type Stack } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { SILENT_METRIC } from "../lambda/canary-names.ts";
import type { EventRule } from "../lambda/engine/event-rules.ts";
import type { Canary } from "./canary.ts";
import type { EngineConfig } from "./config.ts";
import { forwardedCanaryRule } from "./forwarded-canary.ts";
import { defaultBusArn } from "./hub-policy.ts";
import { isForwardedTo } from "./layout-schema.ts";

type Layout = Pick<EngineConfig, "regions" | "hub" | "accounts" | "canary">;

/** The rules that bring canaries to the detector: its own Region's, and those that are forwarded. */
export function canaryRules(config: Layout, canary: Canary): EventRule[] {
  return [canary.eventRule(), ...(isForwardedTo(config) ? [forwardedCanaryRule()] : [])];
}

/** Says when canaries from elsewhere, which came before, come no more; one metric for all of them. */
export function alarmOnSilentCanaries(stack: Stack, { canary }: Layout, operations: ITopic): Alarm {
  const every = canary?.every ?? 15;
  const alarm = new Alarm(stack, "SilentCanaries", {
    metric: new Metric({
      namespace: "CloudTrailEngine",
      metricName: SILENT_METRIC,
      statistic: Stats.MAXIMUM,
      period: Duration.minutes(every),
    }),
    alarmDescription:
      "CloudTrail Engine hears nothing from an account or Region that it heard before: its canary comes no more, and no " +
      "other record would. Run `npm run engine -- accounts`: it names those that are silent. There, look for a stopped " +
      "trail, EventBridge rules that are disabled, and the dead-letter queue of the forwarding stack.",
    threshold: 1,
    evaluationPeriods: 2,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    // While nothing comes at all, the alarm on the canary of the engine's own Region speaks.
    treatMissingData: TreatMissingData.IGNORE,
  });
  alarm.addAlarmAction(new SnsAction(operations));
  alarm.addOkAction(new SnsAction(operations));
  return alarm;
}

/** What the stack shows of its layout: the bus that spokes forward to, and what should be wired. */
export function layoutOutputs(stack: Stack, config: Layout): Record<string, string> {
  const { regions = [], hub, accounts = {}, canary } = config;
  if (!isForwardedTo(config)) return {};
  return {
    ...(hub === undefined ? {} : { HubBusArn: defaultBusArn(stack) }),
    Layout: JSON.stringify({
      regions,
      ...(hub === undefined ? {} : { hub }),
      accounts,
      ...(canary === undefined ? {} : { canary }),
    }),
  };
}
