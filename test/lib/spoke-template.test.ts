/** What a StackSet must be able to rely on in the template of a spoke, with the rules as they are shipped. */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadRules } from "../../lambda/loader/load-rules.ts";
import { readConfig } from "../../lib/config.ts";
import { formatTemplate, makeSpokeTemplate, MAX_TEMPLATE_BODY } from "../../lib/spoke-template.ts";

type Template = {
  readonly Parameters: Record<string, unknown>;
  readonly Conditions: Record<string, unknown>;
  readonly Outputs: Record<string, unknown>;
  readonly Resources: Record<
    string,
    { readonly Type: string; readonly Condition?: string; readonly DependsOn?: readonly string[] }
  >;
};

const { ruleSet } = loadRules("rules");
const template = makeSpokeTemplate({
  config: readConfig({ canary: {}, subscribe: ["a@example.com"] }).config,
  ruleSet,
  engineName: "CloudTrailEngine",
}) as unknown as Template;
const text = JSON.stringify(template);

describe("the template of a spoke", () => {
  it("has only what forwarding takes", () => {
    expect(new Set(Object.values(template.Resources).map(({ Type }) => Type))).toEqual(
      new Set([
        "AWS::CloudWatch::Alarm",
        "AWS::Events::Rule",
        "AWS::IAM::Role",
        "AWS::SNS::Subscription",
        "AWS::SNS::Topic",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
        "AWS::SSM::Parameter",
        "AWS::Scheduler::Schedule",
        "AWS::Scheduler::ScheduleGroup",
      ]),
    );
  });

  it("asks for the hub's bus and an address, and for nothing of the CDK's", () => {
    expect(Object.keys(template).toSorted()).toEqual(
      ["Conditions", "Description", "Outputs", "Parameters", "Resources"].toSorted(),
    );
    expect(template.Parameters).toEqual({
      HubBusArn: expect.objectContaining({ Type: "String", AllowedPattern: expect.any(String) }),
      OperationsEmail: expect.objectContaining({ Type: "String", Default: "" }),
    });
    expect(template.Parameters["HubBusArn"]).not.toHaveProperty("Default");
    expect(text).not.toMatch(/AWS::CDK|aws:cdk|BootstrapVersion|cdk-hnb659fds|AssetParameters/);
  });

  it("names no account, no Region and nobody's address", () => {
    expect(text).not.toMatch(/\d{12}/);
    expect(text.replaceAll("cloudtrail-engine-canary-", "")).not.toMatch(
      /"[^"]*\b(us|eu|ap)-[a-z]+-\d[^"]*"/,
    );
    expect(text).not.toContain("@example.com");
  });

  it("refers only to what is in it", () => {
    const known = new Set([...Object.keys(template.Resources), ...Object.keys(template.Parameters)]);
    const named = [...text.matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/g)].map(([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !name.startsWith("AWS::") && !known.has(name))).toEqual([]);
    const resources = Object.values(template.Resources);
    expect(resources.flatMap(({ DependsOn = [] }) => DependsOn).filter((name) => !known.has(name))).toEqual(
      [],
    );
    const conditions = resources.flatMap(({ Condition }) => Condition ?? []);
    expect(conditions).toEqual(Object.keys(template.Conditions));
  });

  it("fits into a call as JSON, with a canary and all shipped rules", () => {
    expect(Buffer.byteLength(formatTemplate(template, "json"))).toBeLessThanOrEqual(MAX_TEMPLATE_BODY);
  });

  it("says the same as YAML, without aliases, and to a parser of YAML 1.1", () => {
    const yaml = formatTemplate(template, "yaml");
    expect(parse(yaml, { version: "1.1", schema: "yaml-1.1" })).toEqual(JSON.parse(text));
    expect(yaml).not.toMatch(/^\s*[^"'\n]*: [*&]\w/m);
  });

  it("is the same each time", () => {
    const again = makeSpokeTemplate({
      config: readConfig({ canary: {} }).config,
      ruleSet,
      engineName: "CloudTrailEngine",
    });
    expect(JSON.stringify(again)).toBe(text);
  });
});
