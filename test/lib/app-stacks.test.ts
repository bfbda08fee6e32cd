import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, type Environment, type Stack, Validations } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, describe, expect, it } from "vitest";
import { addStacks } from "../../lib/app-stacks.ts";
import { SynthesisError } from "../../lib/engine-app.ts";
import { NO_BUNDLING, resourcesOf } from "./synthesise.ts";

const HOME = { account: "123456789012", region: "eu-west-1" };
const BUS = "arn:aws:events:eu-west-1:123456789012:event-bus/default";
const SPOKE = { account: "210987654321", region: "eu-central-1" };

const directory = mkdtempSync(join(tmpdir(), "app-stacks-"));
mkdirSync(join(directory, "rules", "ec2.amazonaws.com"), { recursive: true });
writeFileSync(
  join(directory, "rules", "ec2.amazonaws.com", "vpc-deleted.yaml"),
  "name: A VPC was deleted\nseverity: high\nconditions: { all: [{ fact: eventName, operator: equal, value: DeleteVpc }] }\n",
);
afterAll(() => rmSync(directory, { recursive: true }));

function stacks(engine: unknown, env: Environment | undefined = HOME, more: object = {}): Stack[] {
  return addStacks(new App({ context: { ...NO_BUNDLING, engine, ...more } }), {
    directory,
    warn: () => undefined,
    ...(env === undefined ? {} : { env }),
  });
}

function problems(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof SynthesisError) return error.message;
    throw error;
  }
  return "";
}

const places = (all: readonly Stack[]) =>
  all.map(({ stackName, account, region }) => [stackName, account, region]);
const ofType = (stack: Stack, type: string) =>
  resourcesOf(Template.fromStack(stack), type).map(([, { Properties }]) => Properties);

describe("an app", () => {
  it("has one stack unless more is configured, and that stack knows nothing of a hub", () => {
    const [only, ...more] = stacks({});
    expect(more).toEqual([]);
    const template = JSON.stringify(only === undefined ? {} : Template.fromStack(only).toJSON());
    expect(template).not.toMatch(/EventBusPolicy|HubBusArn|"Layout"|forwarded/);
  });

  it("has a small one for each further Region, in the same account", () => {
    expect(places(stacks({ regions: ["us-east-1", "eu-north-1"] }))).toEqual([
      ["CloudTrailEngine", "123456789012", "eu-west-1"],
      ["CloudTrailEngine-us-east-1", "123456789012", "us-east-1"],
      ["CloudTrailEngine-eu-north-1", "123456789012", "eu-north-1"],
    ]);
  });

  it("of a spoke forwards from every Region straight to the hub, by its own cdk.json or by the hub's", () => {
    const own = stacks({ spoke: { hubBusArn: BUS }, regions: ["us-east-1"] }, SPOKE);
    const hubs = stacks(
      { hub: { accounts: [SPOKE.account] }, regions: ["us-east-1"], dashboard: true },
      SPOKE,
      {
        hubBusArn: BUS,
      },
    );
    for (const made of [own, hubs]) {
      expect(places(made)).toEqual([
        ["CloudTrailEngine-eu-central-1", "210987654321", "eu-central-1"],
        ["CloudTrailEngine-us-east-1", "210987654321", "us-east-1"],
      ]);
      for (const stack of made)
        for (const { Targets } of ofType(stack, "AWS::Events::Rule"))
          expect(Targets).toMatchObject([{ Id: "hub", Arn: BUS }]);
    }
  });

  it("says what is wrong with where it is deployed, and with an ARN on the command line", () => {
    expect(problems(() => stacks({ regions: ["eu-west-1"] }))).toContain("is where the stack itself is");
    expect(problems(() => stacks({ regions: ["us-east-1"] }, {}))).toContain("AWS_REGION=eu-west-1");
    expect(problems(() => stacks({ spoke: { hubBusArn: BUS } }, {}))).toContain("a spoke needs it");
    expect(problems(() => stacks({}, SPOKE, { hubBusArn: "eu-west-1" }))).toMatch(
      /-c hubBusArn: "eu-west-1" is no ARN/,
    );
  });
});

describe("a forwarding stack", () => {
  const [, forwarder] = stacks({
    regions: ["us-east-1"],
    subscribe: ["a@example.com"],
    operations: { subscribe: ["ops@example.com"] },
    canary: { every: 30 },
  });
  if (forwarder === undefined) throw new Error("no stack");
  const template = Template.fromStack(forwarder);
  const home = BUS;

  it("has a role that may put events on that one bus, and only rules of the engine may take it", () => {
    const role = ofType(forwarder, "AWS::IAM::Role").find(({ Description }) =>
      String(Description).includes("forward"),
    );
    expect(role?.["Policies"]).toMatchObject([
      { PolicyDocument: { Statement: [{ Effect: "Allow", Action: "events:PutEvents", Resource: home }] } },
    ]);
    expect(role).not.toHaveProperty("ManagedPolicyArns");
    expect(role?.["AssumeRolePolicyDocument"]).toMatchObject({
      Statement: [
        {
          Action: "sts:AssumeRole",
          Principal: { Service: "events.amazonaws.com" },
          Condition: {
            StringEquals: { "aws:SourceAccount": "123456789012" },
            ArnLike: {
              "aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/CloudTrailEngine.*",
            },
          },
        },
      ],
    });
  });

  it("gives each rule the bus, the role and a dead-letter queue, and no retry policy, which a bus does not take", () => {
    const rules = resourcesOf(template, "AWS::Events::Rule");
    expect(rules.map(([, { Properties }]) => Properties["Name"])).toEqual([
      expect.stringMatching(/^CloudTrailEngine\.ec2-/),
      "CloudTrailEngine.forwarded-canary",
    ]);
    for (const [, { Properties, DependsOn }] of rules) {
      expect(Properties["Targets"]).toEqual([
        {
          Id: "hub",
          Arn: home,
          RoleArn: { "Fn::GetAtt": [expect.stringMatching(/^ForwarderRole/), "Arn"] },
          DeadLetterConfig: {
            Arn: { "Fn::GetAtt": [expect.stringMatching(/^ForwarderDeadLetters/), "Arn"] },
          },
        },
      ]);
      expect(DependsOn).toEqual([expect.stringMatching(/^ForwarderLost/)]);
    }
  });

  it("says to the operations' own addresses, in its own Region, when a record could not be forwarded", () => {
    expect(ofType(forwarder, "AWS::CloudWatch::Alarm")).toMatchObject([
      {
        MetricName: "ApproximateNumberOfMessagesVisible",
        Threshold: 1,
        AlarmActions: [{ Ref: expect.stringMatching(/^Operations/) }],
      },
    ]);
    expect(ofType(forwarder, "AWS::SNS::Subscription")).toMatchObject([
      { Protocol: "email", Endpoint: "ops@example.com" },
    ]);
  });

  it("needs no asset and no bootstrap's bucket", () => {
    expect(JSON.stringify(template.toJSON())).not.toMatch(/AWS::Lambda|S3Bucket|cdk-hnb659fds-assets/);
  });

  it("has a canary of a name that the detector knows, when the engine has one", () => {
    const [schedule] = ofType(forwarder, "AWS::Scheduler::Schedule");
    expect(schedule).toMatchObject({ ScheduleExpression: "rate(30 minutes)" });
    expect(JSON.stringify(ofType(forwarder, "AWS::SSM::Parameter"))).toContain("/cloudtrail-engine/canary/");
    expect(JSON.stringify(ofType(forwarder, "AWS::IAM::Role"))).toContain(
      "cloudtrail-engine-canary-us-east-1-",
    );
    const [, plain] = stacks({ regions: ["us-east-1"] });
    expect(plain === undefined ? "" : JSON.stringify(Template.fromStack(plain).toJSON())).not.toMatch(
      /canary/i,
    );
  });
});

/** The stack of a hub. */
function hubOf(hub: object): Stack {
  const [stack] = stacks({ hub, canary: {}, accounts: { "210987654321": "production" } });
  if (stack === undefined) throw new Error("no stack");
  return stack;
}

describe("the stack of a hub", () => {
  const bus = BUS;

  it("admits exactly its spokes, by rules, with CloudTrail's events of AWS", () => {
    expect(ofType(hubOf({ accounts: ["210987654321"] }), "AWS::Events::EventBusPolicy")).toEqual([
      {
        EventBusName: "default",
        StatementId: "CloudTrailEngine-spokes",
        Statement: {
          Effect: "Allow",
          Principal: { AWS: ["210987654321"] },
          Action: "events:PutEvents",
          Resource: bus,
          Condition: {
            StringLike: { "events:detail-type": "* via CloudTrail" },
            "ForAllValues:StringLike": { "events:source": "aws.*" },
            BoolIfExists: { "events:eventBusInvocation": "true" },
          },
        },
      },
    ]);
  });

  it("admits an organisation only with its id", () => {
    expect(ofType(hubOf({ organizationId: "o-a1b2c3d4e5" }), "AWS::Events::EventBusPolicy")).toMatchObject([
      {
        Statement: { Principal: "*", Condition: { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } },
      },
    ]);
  });

  it("brings canaries from elsewhere to the detector, and says when they fall silent", () => {
    const hub = hubOf({ accounts: ["210987654321"] });
    const names = ofType(hub, "AWS::Events::Rule").map(({ Name }) => Name);
    expect(names).toContain("CloudTrailEngine.forwarded-canary");
    expect(ofType(hub, "AWS::CloudWatch::Alarm").map(({ MetricName }) => MetricName)).toContain(
      "CanariesSilent",
    );
  });

  it("shows the bus and the layout to whoever asks", () => {
    const { Outputs } = Template.fromStack(hubOf({ accounts: ["210987654321"] })).toJSON() as {
      Outputs: Record<string, { Value: unknown }>;
    };
    expect(Outputs["HubBusArn"]?.Value).toEqual(bus);
    expect(JSON.parse(String(Outputs["Layout"]?.Value))).toEqual({
      regions: [],
      hub: { accounts: ["210987654321"] },
      accounts: { "210987654321": "production" },
      canary: { every: 15, within: 15 },
    });
  });
});

it("the checks of cdk-nag's AwsSolutions find nothing in any of them", () => {
  const outdir = mkdtempSync(join(tmpdir(), "app-stacks-nag-"));
  const engine = { regions: ["us-east-1"], hub: { accounts: ["210987654321"] }, canary: {} };
  const app = new App({ context: { ...NO_BUNDLING, engine }, outdir });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  addStacks(app, { directory, warn: () => undefined, env: HOME });
  expect(() => app.synth()).not.toThrow();
  rmSync(outdir, { recursive: true });
});
