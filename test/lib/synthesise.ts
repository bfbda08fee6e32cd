/**
 * Synthesises the stack for tests: without bundling, so that a synth takes a third of a second, with an account and a
 * Region unless a test leaves them out.
 */
import { readFileSync } from "node:fs";
import { App, type Environment } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import type { Rule, RuleSet } from "../../lambda/engine/rule.ts";
import { readConfig } from "../../lib/config.ts";
import { EngineStack } from "../../lib/engine-stack.ts";

const cdkJson = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")) as {
  readonly context: Readonly<Record<string, unknown>>;
};

/** The flags of cdk.json, as `cdk deploy` has them, without bundling. */
export const NO_BUNDLING = { ...cdkJson.context, "aws:cdk:bundling-stacks": [] };

export type Options = {
  readonly config?: unknown;
  readonly rules?: readonly Rule[];
  readonly conditions?: RuleSet["conditions"];
  readonly env?: Environment;
  readonly stackName?: string;
};

/** A rule that matches one successful call. */
export function callRule(eventSource: string, eventName: string): Rule {
  return {
    id: `${eventSource}/${eventName.toLowerCase()}`,
    eventSource,
    name: `${eventName} was called`,
    severity: "low",
    conditions: {
      all: [
        { fact: "eventName", operator: "equal", value: eventName },
        { fact: "readOnly", operator: "equal", value: false },
      ],
    },
  };
}

export const ONE_RULE = [callRule("ec2.amazonaws.com", "DeleteVpc")];

/** A configuration with one destination. */
export const DATADOG = {
  destinations: { datadog: { type: "datadog", site: "datadoghq.eu", secret: "prod/datadog" } },
};

/** The stack as it would be deployed with this configuration. A bad configuration fails the test that gave it. */
export function makeStack(options: Options = {}): EngineStack {
  const { config, problems } = readConfig(options.config);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return new EngineStack(new App({ context: NO_BUNDLING }), options.stackName ?? "CloudTrailEngine", {
    config,
    ruleSet: {
      rules: options.rules ?? ONE_RULE,
      conditions: options.conditions ?? {},
      lists: {},
      suppressions: [],
    },
    env: options.env ?? { account: "123456789012", region: "us-east-1" },
  });
}

/** The template of `makeStack`. */
export function makeTemplate(options: Options = {}): Template {
  return Template.fromStack(makeStack(options));
}

/** What synthesis said, one text a warning, error or note. */
export function findAnnotations(stack: EngineStack, level: "Warning" | "Error" | "Info"): string[] {
  const entries = Annotations.fromStack(stack)[`find${level}`]("*", Match.anyValue());
  return entries.map(({ entry }) =>
    typeof entry.data === "string" ? entry.data : JSON.stringify(entry.data),
  );
}

type Resource = {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: string[];
};

/** The resources of one type, by logical id. */
export function resourcesOf(template: Template, type: string): [id: string, resource: Resource][] {
  const all = template.toJSON().Resources as Record<string, Resource>;
  return Object.entries(all).filter(([, resource]) => resource.Type === type);
}

/** Everything that CloudFormation makes before a resource: what it refers to or names in DependsOn, and so on. */
export function madeBefore(template: Template, id: string): Set<string> {
  const all = template.toJSON().Resources as Record<string, Resource>;
  const found = new Set<string>();
  const visit = (one: string): void => {
    for (const [, name = ""] of JSON.stringify(all[one]).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"(\w+)"/g))
      add(name);
    for (const name of all[one]?.DependsOn ?? []) add(name);
  };
  const add = (name: string): void => {
    if (!Object.hasOwn(all, name) || found.has(name)) return;
    found.add(name);
    visit(name);
  };
  visit(id);
  return found;
}

/** The statements of the detector's role by their Sid. */
export function statementsOfRole(template: Template): Map<unknown, Record<string, unknown>> {
  const policies = resourcesOf(template, "AWS::IAM::Role")
    .filter(([id]) => id.startsWith("Detector"))
    .flatMap(
      ([, { Properties }]) =>
        Properties["Policies"] as { PolicyDocument: { Statement: Record<string, unknown>[] } }[],
    );
  return new Map(
    policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).map((one) => [one["Sid"], one]),
  );
}
