/**
 * The stack: rules and configuration in, everything that watches an account out. It only wires the constructs beside
 * it, and says at synthesis what a person would otherwise find out by a silent account.
 *
 *   new EngineStack(app, "CloudTrailEngine", { config, ruleSet, env: { account, region } });
 */
import { Annotations, CfnOutput, Stack, type StackProps, Token } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { deriveEventRules, type EventRules as DerivedEventRules } from "../lambda/engine/event-rules.ts";
import type { RuleSet } from "../lambda/engine/rule.ts";
import { Alarms } from "./alarms.ts";
import { AlertsTopic } from "./alerts-topic.ts";
import { addApis } from "./apis.ts";
import { Background } from "./background.ts";
import { Canary } from "./canary.ts";
import type { EngineConfig } from "./config.ts";
import { DeadLetters } from "./dead-letters.ts";
import { Dashboard } from "./dashboard.ts";
import { listSecrets, listSenders } from "./destinations.ts";
import { Detector } from "./detector.ts";
import { addDynamicLists } from "./dynamic-lists.ts";
import { EventRules } from "./event-rules.ts";
import { ruleNamePrefix } from "./names.ts";
import { LiveRules } from "./live-rules.ts";
import { OperationsTopic } from "./operations-topic.ts";
import { OWN_ROLE_ARN, OWN_ROLE_NAME } from "./own-denials.ts";
import { Redelivery } from "./redelivery.ts";
import { alarmOnSilentCanaries, canaryRules, layoutOutputs } from "./home.ts";
import { HubPolicy } from "./hub-policy.ts";
import { isForwardedTo } from "./layout-schema.ts";
import { findRegionGaps, regionalSources } from "./regions.ts";
import { destinationIds } from "./routing.ts";
import { S3Intake } from "./s3-intake.ts";
import { StateTable } from "./state-table.ts";
import { Timers } from "./timers.ts";

export type EngineStackProps = StackProps & {
  readonly config: EngineConfig;
  /** Validated: what has problems is not deployed. */
  readonly ruleSet: RuleSet;
};

/** Everything that `cdk deploy` makes. Throws when the rules do not fit the budget of EventBridge rules. */
export class EngineStack extends Stack {
  readonly alarms: Alarms;
  readonly dashboard?: Dashboard;
  readonly hub?: HubPolicy;
  /** How many of the rules are staged: evaluated, and their alerts delivered nowhere. */
  readonly stagedRules: number;

  constructor(scope: Construct, id: string, props: EngineStackProps) {
    super(scope, id, { description: "CloudTrail Engine: alerts on changes made in this account", ...props });
    const { config, ruleSet } = props;
    this.stagedRules = ruleSet.rules.filter(({ mode }) => mode === "staged").length;
    const namePrefix = ruleNamePrefix(this.stackName);
    const derived = deriveEventRules(ruleSet, {
      budget: config.eventRules.budget,
      excludeOwnRole: config.hub === undefined && config.s3 === undefined ? OWN_ROLE_NAME : OWN_ROLE_ARN,
    });

    const deadLetters = new DeadLetters(this, "DeadLetters");
    const alerts = new AlertsTopic(this, "Alerts", { subscribe: config.subscribe });
    const state = new StateTable(this, "State", { indexes: config.stateIndexes });
    const redelivery = new Redelivery(this, "Redelivery", config.detector);
    const timers = new Timers(this, "Timers");
    const canary = config.canary === undefined ? undefined : new Canary(this, "Canary", config.canary);
    const liveRules =
      config.liveRules === undefined ? undefined : new LiveRules(this, "LiveRules", config.liveRules);
    const eventRules = derived.eventRules.map((rule) => ({ ...rule, name: namePrefix + rule.name }));
    const detector = new Detector(this, "Detector", {
      config,
      ruleSet,
      eventRules,
      alerts: alerts.topic,
      deadLetters: deadLetters.queue,
      state,
      redelivery,
      timers,
      canaryRole: canary?.role,
      liveRules,
    });
    alerts.admit(detector.role);
    redelivery.admit(detector.role);
    const eventSource = redelivery.invoke(detector.lambda);
    timers.invoke(detector.lambda, deadLetters.queue);
    const background = new Background(this, "Background", {
      target: detector.lambda,
      table: state.table,
      deadLetters: deadLetters.queue,
    });
    const rules = new EventRules(this, "Rules", {
      eventRules:
        config.s3?.only === true
          ? []
          : [...derived.eventRules, ...(canary === undefined ? [] : canaryRules(config, canary))],
      namePrefix,
      detector,
      deadLetters,
      timers: timers.role,
    });
    const operations = new OperationsTopic(this, "Operations", {
      subscribe: config.operations.subscribe ?? config.subscribe,
    });
    const destinations = destinationIds(config);
    this.alarms = new Alarms(this, "Alarms", {
      lambda: detector.lambda,
      deadLetters: deadLetters.queue,
      deadDeliveries: redelivery.deadDeliveries,
      redelivery: redelivery.queue,
      destinations,
      ownDenials: rules.ownDenials,
      operations: operations.topic,
    });
    const { s3 } = config;
    const intake =
      s3 === undefined
        ? undefined
        : new S3Intake(this, "S3Intake", {
            config,
            s3,
            ruleSet,
            eventRules,
            detector,
            operations: operations.topic,
          });
    canary?.alarm(operations.topic);
    liveRules?.alarm(operations.topic);
    if (canary !== undefined && isForwardedTo(config)) alarmOnSilentCanaries(this, config, operations.topic);
    if (config.hub !== undefined) this.hub = new HubPolicy(this, "Hub", config.hub);
    rules.startAfter(alerts, operations, state, redelivery, timers, background, this.alarms);
    if (config.dashboard) {
      this.dashboard = new Dashboard(this, "Dashboard", {
        lambda: detector.lambda,
        destinations,
        redelivery: redelivery.queue,
        deadDeliveries: redelivery.deadDeliveries,
        deadLetters: deadLetters.queue,
        canary: canary !== undefined,
      });
    }

    this.addOutputs({
      AlertsTopicArn: alerts.topic.topicArn,
      OperationsTopicArn: operations.topic.topicArn,
      DeadLettersUrl: deadLetters.queue.queueUrl,
      DetectorArn: detector.lambda.functionArn,
      StateTable: state.table.tableName,
      RedeliveryUrl: redelivery.queue.queueUrl,
      DeadDeliveriesUrl: redelivery.deadDeliveries.queueUrl,
      RedeliverySource: eventSource.eventSourceMappingId,
      Destinations: JSON.stringify(Object.keys(config.destinations)),
      Secrets: JSON.stringify(listSecrets(config)),
      Senders: JSON.stringify(listSenders(config)),
      RegionalSources: JSON.stringify(regionalSources(ruleSet)),
      ...layoutOutputs(this, config),
      ...(intake === undefined ? {} : { DeadObjectsUrl: intake.deadObjects.queueUrl }),
      ...(intake?.queue === undefined ? {} : { NewObjectsUrl: intake.queue.queueUrl }),
      ...addApis(this, config, state),
      ...liveRules?.outputs(config, ruleSet, detector.role),
      ...addDynamicLists(this, {
        ruleSet,
        state,
        logRetentionDays: config.logRetentionDays,
        operations: operations.topic,
      }),
    });
    this.warn(props, derived);
  }

  /** What `engine doctor` reads to know what it should find. */
  private addOutputs(values: Readonly<Record<string, string>>): CfnOutput[] {
    return Object.entries(values).map(([name, value]) => new CfnOutput(this, name, { value }));
  }

  private warn({ config, ruleSet }: EngineStackProps, { overlaps, notes }: DerivedEventRules): void {
    const annotations = Annotations.of(this);
    if (config.subscribe.length === 0 && Object.keys(config.destinations).length === 0) {
      annotations.addWarningV2(
        "cloudtrail-engine:nobody-receives",
        "Nobody receives alerts: they go to the alerts topic, which has no subscriber. Add an address to " +
          '"subscribe", or a destination, to "engine" in cdk.json.',
      );
    }
    if ((config.operations.subscribe ?? config.subscribe).length === 0) {
      annotations.addWarningV2(
        "cloudtrail-engine:nobody-hears-alarms",
        "Nobody hears when alerts cannot be made or delivered: the alarms about the engine itself go to the operations " +
          'topic, which has no subscriber. Add an address to "operations.subscribe" or "subscribe" of "engine" in cdk.json.',
      );
    }
    const sources = regionalSources(ruleSet);
    if (Token.isUnresolved(this.region)) {
      if (sources.length > 0) {
        annotations.addInfo(
          `The Region is not known at synthesis, so nobody checked that records of ${sources.join(", ")} appear there. ` +
            "Run the doctor command after deploying.",
        );
      }
    } else {
      for (const { eventSource, severity, message } of findRegionGaps(sources, this.region, config.regions)) {
        if (severity === "note") annotations.addInfo(message);
        else annotations.addWarningV2(`cloudtrail-engine:region:${eventSource}`, message);
      }
    }
    for (const [index, overlap] of overlaps.entries()) {
      annotations.addWarningV2(`cloudtrail-engine:overlap:${index}`, overlap);
    }
    for (const note of notes) annotations.addInfo(note);
  }
}
