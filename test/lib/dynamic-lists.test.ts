import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Validations } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, describe, expect, it } from "vitest";
import type { ListQuery } from "../../lambda/engine/list-schema.ts";
import type { List } from "../../lambda/engine/rule.ts";
import { dynamicLists } from "../../lambda/lists/refresh-all.ts";
import { readConfig } from "../../lib/config.ts";
import { bundleLists } from "../../lib/dynamic-lists.ts";
import { EngineStack } from "../../lib/engine-stack.ts";
import { makeTemplate, NO_BUNDLING, ONE_RULE, resourcesOf } from "./synthesise.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "engine-lists-"));
  folders.push(made);
  return made;
};

const list = (query: ListQuery, minutes = 15): List => ({
  description: "x",
  kind: "exact",
  values: [],
  dynamic: {
    query,
    refreshMs: minutes * 60_000,
    onEmpty: "keep",
    maxValues: 10,
    maxAgeMs: 9e6,
  },
});
const TAGS: ListQuery = {
  type: "resource-tags",
  resourceTypes: ["s3"],
  tags: { Env: ["Prod"] },
  column: "name",
};
const LISTS = {
  tagged: list(TAGS),
  config: list({ type: "aws-config", sql: "SELECT a", column: "a" }, 60),
  "all-accounts": list({ type: "aws-config", sql: "SELECT a", column: "a", aggregator: "org" }),
  object: list({ type: "s3", bucket: "acme", key: "lists/a.json", format: "json" }),
  table: list({ type: "dynamodb", table: "Admins", column: "name" }),
  partition: list({ type: "dynamodb", table: "Roles", column: "name", partition: { key: "k", value: "v" } }),
  page: list({ type: "https", url: "https://example.com/x", format: "lines" }, 1440),
};

function templateOf(lists: Record<string, List>, nag = false): Template {
  const app = new App({ context: NO_BUNDLING, outdir: folder() });
  if (nag) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const { config } = readConfig({ subscribe: ["a@example.com"] });
  const stack = new EngineStack(app, "Engine", {
    config,
    ruleSet: { rules: ONE_RULE, conditions: {}, lists, suppressions: [] },
    env: { account: "123456789012", region: "us-east-1" },
  });
  if (nag) app.synth();
  return Template.fromStack(stack);
}

/** Resources of the lists' construct. */
const mine = (template: Template, type: string) =>
  resourcesOf(template, type).filter(([id]) => id.startsWith("Lists"));

type Statement = { Sid: string; Action: unknown; Resource: unknown; Condition?: unknown };

describe("what fills dynamic lists", () => {
  it("is not there without such lists", () => {
    const fixed: List = { description: "x", kind: "exact", values: ["a"] };
    expect(Object.keys(templateOf({ fixed }).toJSON()["Resources"] as object)).toEqual(
      Object.keys(makeTemplate({ config: { subscribe: ["a@example.com"] } }).toJSON()["Resources"] as object),
    );
  });

  it("has a schedule for every interval, which names its lists", () => {
    const schedules = mine(templateOf(LISTS), "AWS::Scheduler::Schedule").map(([, { Properties }]) => [
      Properties["ScheduleExpression"],
      JSON.parse((Properties["Target"] as { Input: string }).Input),
    ]);
    const quarter = ["all-accounts", "object", "partition", "table", "tagged"];
    expect(schedules).toEqual([
      ["rate(15 minutes)", { engine: "refresh-lists", lists: quarter }],
      ["rate(60 minutes)", { engine: "refresh-lists", lists: ["config"] }],
      ["rate(1440 minutes)", { engine: "refresh-lists", lists: ["page"] }],
    ]);
  });

  it("may read what the queries name, its own items of the table, and nothing else", () => {
    const role = mine(templateOf(LISTS), "AWS::IAM::Role").find(([id]) => id.startsWith("ListsRole"));
    const policies = (role?.[1].Properties["Policies"] ?? []) as {
      PolicyDocument: { Statement: Statement[] };
    }[];
    const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    expect(statements.map(({ Sid, Action }) => [Sid, Action])).toEqual([
      ["AskConfig", "config:SelectResourceConfig"],
      ["AskAggregator", "config:SelectAggregateResourceConfig"],
      ["AskTags", "tag:GetResources"],
      ["ReadObjects", "s3:GetObject"],
      ["ScanTables", "dynamodb:Scan"],
      ["QueryTables", "dynamodb:Query"],
      ["KeepVersions", ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]],
      ["TakeChanges", ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]],
      ["WriteLog", ["logs:CreateLogStream", "logs:PutLogEvents"]],
    ]);
    expect(JSON.stringify(statements)).toContain(":s3:::acme/lists/a.json");
    expect(JSON.stringify(statements)).toContain(":table/Admins");
    expect(statements.find(({ Sid }) => Sid === "KeepVersions")?.Condition).toMatchObject({
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["LIST#*"] },
    });
  });

  it("asks for nothing that no query needs", () => {
    const roles = mine(templateOf({ page: LISTS.page }), "AWS::IAM::Role");
    const text = JSON.stringify(roles);
    for (const action of ["config:", "tag:", "s3:", "sqs:", "dynamodb:Scan"])
      expect(text).not.toContain(action);
  });

  it("hears of changed tags, gathered in a queue, where a list asks for tags", () => {
    const template = templateOf(LISTS);
    const patterns = mine(template, "AWS::Events::Rule").map(
      ([, { Properties }]) => Properties["EventPattern"],
    );
    expect(patterns).toEqual([
      {
        source: ["aws.tag"],
        "detail-type": ["Tag Change on Resource"],
        detail: { "changed-tag-keys": ["Env"], service: ["s3"] },
      },
      {
        source: [{ prefix: "aws." }],
        "detail-type": ["AWS API Call via CloudTrail"],
        detail: {
          eventName: expect.arrayContaining(["PutBucketTagging", "TagResources"]),
          errorCode: [{ exists: false }],
          eventSource: ["s3.amazonaws.com", "tagging.amazonaws.com"],
        },
      },
    ]);
    const [[, queue] = []] = mine(template, "AWS::SQS::Queue");
    expect(queue?.Properties).toMatchObject({ DelaySeconds: 30, SqsManagedSseEnabled: true });
    const without = templateOf({ page: LISTS.page });
    expect([...mine(without, "AWS::SQS::Queue"), ...mine(without, "AWS::Events::Rule")]).toEqual([]);
  });

  it("alarms when a refresh fails, and says where it is", () => {
    const template = templateOf(LISTS);
    const [[, alarm] = []] = mine(template, "AWS::CloudWatch::Alarm");
    expect(JSON.stringify(alarm)).toContain("ListsFailed");
    expect(alarm?.Properties["AlarmActions"]).toHaveLength(1);
    expect(template.toJSON()["Outputs"]).toHaveProperty("ListsArn");
  });

  it("passes the checks of AwsSolutions", () => {
    expect(() => templateOf(LISTS, true)).not.toThrow();
  });

  it("bundles apart from the detector, with its lists beside it", () => {
    const directory = folder();
    bundleLists(dynamicLists(LISTS), directory);
    expect(readdirSync(directory)).toEqual(expect.arrayContaining(["index.mjs", "lists.json"]));
    const lists: unknown = JSON.parse(readFileSync(join(directory, "lists.json"), "utf8"));
    expect(Object.keys(lists as object)).toEqual(Object.keys(LISTS).toSorted());
    const code = readdirSync(directory).filter((name) => name.endsWith(".mjs"));
    expect(code.some((name) => /ZodObject/u.test(readFileSync(join(directory, name), "utf8")))).toBe(false);
  });
});
