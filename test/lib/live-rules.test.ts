import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../lib/config.ts";
import { readDeployedFile } from "../../lib/publish/deployed-file.ts";
import { makeStack, makeTemplate, resourcesOf, statementsOfRole } from "./synthesise.ts";

const LIVE = { config: { liveRules: {} } };

describe("the bucket of published rules", () => {
  it("is not there unless it is asked for", () => {
    const template = makeTemplate();
    expect(resourcesOf(template, "AWS::S3::Bucket")).toEqual([]);
    expect(statementsOfRole(template).has("ReadPublishedRules")).toBe(false);
    expect(JSON.stringify(template.toJSON())).not.toMatch(/LiveRules|LIVE_RULES/);
  });

  it("keeps every version, is encrypted, closed to the public and to plain HTTP, and stays when the stack goes", () => {
    const template = makeTemplate(LIVE);
    const [[id, bucket] = ["", undefined]] = resourcesOf(template, "AWS::S3::Bucket");
    expect(bucket).toMatchObject({
      Properties: {
        VersioningConfiguration: { Status: "Enabled" },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
    });
    const policies = resourcesOf(template, "AWS::S3::BucketPolicy").map(([, { Properties }]) => Properties);
    expect(policies).toMatchObject([
      {
        Bucket: { Ref: id },
        PolicyDocument: {
          Statement: [{ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }],
        },
      },
    ]);
  });

  it("may be read by the detector at two keys, and no more", () => {
    const template = makeTemplate(LIVE);
    const [[id] = [""]] = resourcesOf(template, "AWS::S3::Bucket");
    const at = (key: string) => ({
      "Fn::Join": ["", [{ "Fn::GetAtt": [id, "Arn"] }, `/CloudTrailEngine/${key}`]],
    });
    expect(statementsOfRole(template).get("ReadPublishedRules")).toMatchObject({
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:GetObjectVersion"],
      Resource: [at("current.json"), at("rule-set.json")],
    });
    const added = [...statementsOfRole(template).keys()].filter(
      (sid) => !statementsOfRole(makeTemplate()).has(sid),
    );
    expect(added).toEqual(["ReadPublishedRules"]);
  });

  it("may be one that there is", () => {
    const template = makeTemplate({ config: { liveRules: { bucket: "our-rules" } } });
    expect(resourcesOf(template, "AWS::S3::Bucket")).toEqual([]);
    const functions = resourcesOf(template, "AWS::Lambda::Function");
    expect(JSON.stringify(functions)).toContain("our-rules/CloudTrailEngine/");
  });

  it("has an alarm when what is published cannot be taken", () => {
    const alarms = resourcesOf(makeTemplate(LIVE), "AWS::CloudWatch::Alarm").map(
      ([, { Properties }]) => Properties,
    );
    expect(alarms.find(({ MetricName }) => MetricName === "LiveRulesFailed")).toMatchObject({
      Namespace: "CloudTrailEngine",
      Threshold: 1,
      AlarmActions: [{ Ref: expect.stringContaining("Operations") }],
    });
  });

  it("keeps what is deployed where a publisher can read it", () => {
    const stack = makeStack({ config: { liveRules: { allowWaiting: true } } });
    const assembly = (stack.node.root as App).synth();
    const deployed = assembly
      .getStackByName(stack.stackName)
      .assets.map(({ path }: { path?: string }) => path ?? "")
      .concat(Object.values(filesOf(assembly.directory)))
      .find((path) => path.endsWith(".json") && path.includes("asset."));
    expect(readDeployedFile(readFileSync(deployed ?? "", "utf8"))).toMatchObject({
      allowWaiting: true,
      ruleSet: { rules: [{ id: "ec2.amazonaws.com/deletevpc" }] },
      destinations: [{ id: "topic", type: "sns" }],
    });
  });
});

function filesOf(directory: string): Record<string, string> {
  const manifest = JSON.parse(readFileSync(`${directory}/CloudTrailEngine.assets.json`, "utf8")) as {
    files: Record<string, { source: { path: string } }>;
  };
  return Object.fromEntries(
    Object.entries(manifest.files).map(([id, { source }]) => [id, `${directory}/${source.path}`]),
  );
}

it("wrong settings are told with their cure", () => {
  expect(readConfig({ liveRules: true }).problems.join()).toContain("Write {} to have rules published");
  expect(readConfig({ liveRules: { bucket: "Not A Bucket" } }).problems.join()).toContain(
    "is no name of a bucket",
  );
  expect(readConfig({ liveRules: { allowWait: true } }).problems.join()).toContain(
    'Did you mean "allowWaiting"?',
  );
});
