import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { FunctionUrlAnswer } from "../../lambda/api/function-url.ts";
import { bundleApi } from "../../lib/api-function.ts";
import { readConfig } from "../../lib/config.ts";
import { makeTemplate, resourcesOf } from "./synthesise.ts";

const both = makeTemplate({ config: { api: {}, lacework: {} } });
const propertiesOf = (type: string, start: string): Record<string, unknown> | undefined =>
  resourcesOf(both, type).find(([id]) => id.startsWith(start))?.[1].Properties;

describe("the APIs", () => {
  it("are not there unless they are asked for", () => {
    const template = makeTemplate();
    expect(resourcesOf(template, "AWS::Lambda::Url")).toEqual([]);
    expect(resourcesOf(template, "AWS::Lambda::Function")).toHaveLength(1);
    expect(Object.keys(template.toJSON()["Outputs"] as object)).not.toContain("ApiUrl");
  });

  it("have a function, a role, a log and a URL each, and are told where they are", () => {
    for (const start of ["Api", "Lacework"]) {
      const mine = (type: string): number =>
        resourcesOf(both, type).filter(([id]) => id.startsWith(start)).length;
      expect(
        ["Lambda::Function", "IAM::Role", "Logs::LogGroup", "Lambda::Url"].map((type) =>
          mine(`AWS::${type}`),
        ),
      ).toEqual([1, 1, 1, 1]);
    }
    const outputs = both.toJSON()["Outputs"] as Record<string, { Value: unknown }>;
    expect(outputs["ApiUrl"]?.Value).toEqual({
      "Fn::GetAtt": [expect.stringMatching(/^ApiFunctionFunctionUrl/), "FunctionUrl"],
    });
    expect(outputs["LaceworkUrl"]?.Value).toEqual({
      "Fn::GetAtt": [expect.stringMatching(/^LaceworkFunctionFunctionUrl/), "FunctionUrl"],
    });
  });

  it("come one without the other", () => {
    const ours = makeTemplate({ config: { api: {} } });
    expect(resourcesOf(ours, "AWS::Lambda::Url").map(([, { Properties }]) => Properties["AuthType"])).toEqual(
      ["AWS_IAM"],
    );
    const lacework = makeTemplate({ config: { lacework: { concurrency: 2 } } });
    expect(
      resourcesOf(lacework, "AWS::Lambda::Url").map(([, { Properties }]) => Properties["AuthType"]),
    ).toEqual(["NONE"]);
  });

  it("ours is for callers that IAM lets in: nobody else may invoke it", () => {
    expect(propertiesOf("AWS::Lambda::Url", "Api")).toMatchObject({ AuthType: "AWS_IAM" });
    expect(propertiesOf("AWS::Lambda::Url", "Api")).not.toHaveProperty("Cors");
    const permissions = resourcesOf(both, "AWS::Lambda::Permission").filter(([id]) => id.startsWith("Api"));
    expect(permissions).toEqual([]);
    expect(propertiesOf("AWS::Lambda::Function", "Api")).not.toHaveProperty("ReservedConcurrentExecutions");
  });

  it("the Lacework one is open by its URL only, and to five requests at a time", () => {
    expect(propertiesOf("AWS::Lambda::Url", "Lacework")).toMatchObject({ AuthType: "NONE" });
    expect(propertiesOf("AWS::Lambda::Function", "Lacework")).toMatchObject({
      ReservedConcurrentExecutions: 5,
    });
    const permissions = resourcesOf(both, "AWS::Lambda::Permission")
      .filter(([id]) => id.startsWith("Lacework"))
      .map(([, { Properties }]) => Properties);
    expect(permissions).toHaveLength(2);
    expect(permissions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          Action: "lambda:InvokeFunctionUrl",
          FunctionUrlAuthType: "NONE",
          Principal: "*",
        }),
        expect.objectContaining({
          Action: "lambda:InvokeFunction",
          InvokedViaFunctionUrl: true,
          Principal: "*",
        }),
      ]),
    );
    const chosen = makeTemplate({ config: { lacework: { concurrency: 12 } } });
    const [, lambda] =
      resourcesOf(chosen, "AWS::Lambda::Function").find(([id]) => id.startsWith("Lacework")) ?? [];
    expect(lambda?.Properties["ReservedConcurrentExecutions"]).toBe(12);
  });

  it("may read cases and keys, change cases and count, and nothing else: they write no key", () => {
    for (const start of ["Api", "Lacework"]) {
      const policies = propertiesOf("AWS::IAM::Role", start)?.["Policies"] as
        | { PolicyDocument: { Statement: Record<string, unknown>[] } }[]
        | undefined;
      const statements = policies?.flatMap(({ PolicyDocument }) => PolicyDocument.Statement) ?? [];
      const table = { "Fn::GetAtt": [expect.stringMatching(/^StateTable/), "Arn"] };
      const index = (name: string) => ({ "Fn::Join": ["", [table, `/index/${name}`]] });
      expect(statements).toEqual([
        {
          Sid: "ReadCasesAndKeys",
          Effect: "Allow",
          Action: ["dynamodb:GetItem", "dynamodb:Query"],
          Resource: table,
          Condition: {
            "ForAllValues:StringLike": {
              "dynamodb:LeadingKeys": ["ALERT#*", "DAYS", "KEYS", "NUMBERS", "WINDOW#*"],
            },
            Null: { "dynamodb:LeadingKeys": "false" },
          },
        },
        {
          Sid: "ReadLists",
          Effect: "Allow",
          Action: "dynamodb:Query",
          Resource: [index("byActor"), index("byRule"), index("byTime")],
        },
        {
          Sid: "ChangeCasesAndCount",
          Effect: "Allow",
          Action: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
          Resource: table,
          Condition: {
            "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["ALERT#*", "NUMBERS", "RATE#*"] },
            Null: { "dynamodb:LeadingKeys": "false" },
          },
        },
        {
          Sid: "WriteLog",
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: { "Fn::GetAtt": [expect.stringMatching(new RegExp(`^${start}Logs`)), "Arn"] },
        },
      ]);
      expect(propertiesOf("AWS::IAM::Role", start)).not.toHaveProperty("ManagedPolicyArns");
    }
  });

  it("add to the stack's other resources nothing and change none", () => {
    const [before, after] = [makeTemplate(), both].map(
      (template) => template.toJSON()["Resources"] as Record<string, unknown>,
    );
    const added = Object.keys(after ?? {}).filter((id) => !Object.hasOwn(before ?? {}, id));
    expect(added.every((id) => /^(?:Api|Lacework)/.test(id))).toBe(true);
    expect(added).toHaveLength(10);
    expect(Object.fromEntries(Object.entries(after ?? {}).filter(([id]) => !added.includes(id)))).toEqual(
      before,
    );
  });
});

describe("the configuration of the APIs", () => {
  it.each([
    [{ api: true }, "engine.api: This is no object. Write {}"],
    [{ api: { port: 1 } }, "engine.api.port: there is nothing to set here. Write {}."],
    [{ lacework: true }, 'engine.lacework: This is no object. Write { "concurrency": 5 }'],
    [
      { lacework: { concurrency: 0 } },
      "engine.lacework.concurrency: 0 is too small. Give requests at a time from 1 to 100",
    ],
    [{ lacework: { concurency: 5 } }, 'Did you mean "concurrency"?'],
  ])("%j is refused with its cure", (config, advice) => {
    expect(readConfig(config).problems.join("\n")).toContain(advice);
  });
});

describe("the bundle of our API", () => {
  let directory: string;
  let handler: (event: unknown) => Promise<FunctionUrlAnswer>;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "engine-api-bundle-"));
    const { config } = readConfig({ destinations: { hook: { type: "webhook", secret: "prod/hook" } } });
    bundleApi("lambda/api/handler.ts", config, directory);
    process.env["ENGINE_TABLE"] = "State";
    ({ handler } = (await import(pathToFileURL(join(directory, "index.mjs")).href)) as {
      handler: typeof handler;
    });
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it("has its configuration beside it", () => {
    expect(JSON.parse(readFileSync(join(directory, "config.json"), "utf8"))).toEqual({
      keepDays: 90,
      destinationTypes: { topic: "sns", hook: "webhook" },
    });
  });

  it("starts alone and refuses who has no key", async () => {
    const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const answer = await handler({ rawPath: "/alerts", requestContext: { http: { method: "GET" } } });
    expect(answer).toMatchObject({
      statusCode: 401,
      headers: { "content-type": "application/problem+json" },
    });
    expect(String(written.mock.calls[0]?.[0])).toContain('"status":401');
    written.mockRestore();
    expect(handler.length).toBeLessThan(3);
  });
});
