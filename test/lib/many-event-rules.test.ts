import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import type { EventRule } from "../../lambda/engine/event-rules.ts";
import type { RuleSet } from "../../lambda/engine/rule.ts";
import { AlertsTopic } from "../../lib/alerts-topic.ts";
import { readConfig } from "../../lib/config.ts";
import { DeadLetters } from "../../lib/dead-letters.ts";
import { Detector } from "../../lib/detector.ts";
import { EventRules } from "../../lib/event-rules.ts";
import { Redelivery } from "../../lib/redelivery.ts";
import { StateTable } from "../../lib/state-table.ts";
import { Timers } from "../../lib/timers.ts";
import { NO_BUNDLING, ONE_RULE, resourcesOf } from "./synthesise.ts";

describe("300 EventBridge rules", () => {
  const app = new App({ context: NO_BUNDLING });
  const stack = new Stack(app, "Large", { env: { account: "123456789012", region: "us-east-1" } });
  const { config } = readConfig({});
  const ruleSet: RuleSet = { rules: ONE_RULE, conditions: {}, lists: {}, suppressions: [] };
  const deadLetters = new DeadLetters(stack, "DeadLetters");
  const alerts = new AlertsTopic(stack, "Alerts", { subscribe: [] });
  const timers = new Timers(stack, "Timers");
  const detector = new Detector(stack, "Detector", {
    config,
    ruleSet,
    eventRules: [],
    alerts: alerts.topic,
    deadLetters: deadLetters.queue,
    state: new StateTable(stack, "State"),
    redelivery: new Redelivery(stack, "Redelivery", config.detector),
    timers,
    canaryRole: undefined,
  });
  const eventRules = Array.from(
    { length: 299 },
    (_, index): EventRule => ({
      name: `${String(index).padStart(3, "0")}-ec2`,
      state: "ENABLED",
      eventPattern: { source: [{ prefix: "aws." }], detail: { eventName: [`Call${index}`] } },
      rules: [`ec2.amazonaws.com/rule-${index}`],
    }),
  );
  const made = new EventRules(stack, "Rules", {
    eventRules,
    namePrefix: "Large.",
    detector,
    deadLetters,
    timers: timers.role,
  });
  const template = Template.fromStack(stack);

  it("bring one more that counts the engine's own failed calls", () => {
    expect(made.ownDenials.name).toBe("Large.own-denials");
  });

  it("share one Lambda permission on their common prefix", () => {
    expect(() => template.resourceCountIs("AWS::Events::Rule", 300)).not.toThrow();
    expect(() => template.resourceCountIs("AWS::Lambda::Permission", 1)).not.toThrow();
    expect(() =>
      template.hasResourceProperties("AWS::Lambda::Permission", {
        Principal: "events.amazonaws.com",
        SourceArn: "arn:aws:events:us-east-1:123456789012:rule/Large.*",
        SourceAccount: "123456789012",
      }),
    ).not.toThrow();
  });

  it("share one statement of the queue policy", () => {
    const [policy] = resourcesOf(template, "AWS::SQS::QueuePolicy");
    const document = policy?.[1].Properties["PolicyDocument"] as
      | { Statement: { Principal: unknown }[] }
      | undefined;
    const statements = document?.Statement ?? [];
    expect(
      statements.filter(({ Principal }) => JSON.stringify(Principal).includes("events.amazonaws.com")),
    ).toHaveLength(1);
    expect(statements.length).toBeLessThanOrEqual(20);
  });

  it("leave the stack within 450 resources", () => {
    expect(Object.keys(template.toJSON().Resources as object).length).toBeLessThanOrEqual(450);
  });
});
