import { describe, expect, it } from "vitest";
import { makeApi } from "../../lambda/api/app.ts";
import { makeKeyStore } from "../../lambda/api/make-key-store.ts";
import { SCOPES } from "../../lambda/cases/case-schema.ts";
import { makeCaseStore } from "../../lambda/cases/make-case-store.ts";
import { makeScopeReader } from "../../lambda/cases/scopes.ts";
import { makeLaceworkApi } from "../../lambda/lacework/app.ts";
import type { Table } from "../../lambda/state/table.ts";
import { asTable, makeMemoryTable } from "../faults/memory-table.ts";
import { newAlert, storesOver } from "../lambda/cases/stores.ts";
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
            "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["ALERT#*", "DAYS", "NUMBERS", "RATE#*"] },
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

const now = (): number => Date.parse("2026-11-20T12:00:00.000Z");

/** The partitions that a statement of both APIs' roles allows, as IAM compares them. */
function allowed(sid: string): (pk: string) => boolean {
  const policies = (propertiesOf("AWS::IAM::Role", "Lacework")?.["Policies"] ?? []) as {
    PolicyDocument: { Statement: { Sid: string; Condition?: Record<string, Record<string, unknown>> }[] };
  }[];
  const statement = policies[0]?.PolicyDocument.Statement.find(({ Sid }) => Sid === sid);
  const likes = statement?.Condition?.["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"] as string[];
  return (pk) => likes.some((like) => (like.endsWith("*") ? pk.startsWith(like.slice(0, -1)) : pk === like));
}

describe("the roles of the APIs", () => {
  it("suffice for all that they do, and leave out what the detector remembers", async () => {
    const refused: string[] = [];
    const seen = new Set<string>();
    const [mayRead, mayWrite] = [allowed("ReadCasesAndKeys"), allowed("ChangeCasesAndCount")];
    expect([mayRead("ACTOR#1"), mayRead("LOOKUP#1"), mayRead("RATE#1"), mayWrite("KEYS")]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    const table = asTable(makeMemoryTable());
    const watched: Table = {
      ...table,
      get: (key, by) => (note(mayRead, key.pk), table.get(key, by)),
      query: (pk, range, by) => (note(mayRead, pk), table.query(pk, range, by)),
      put: (item, when, by) => (note(mayWrite, item.pk), table.put(item, when, by)),
      update: (key, update, by) => (note(mayWrite, key.pk), table.update(key, update, by)),
    };
    function note(may: (pk: string) => boolean, pk: string): void {
      seen.add(pk.split("#", 1)[0] ?? "");
      if (!may(pk)) refused.push(pk);
    }
    const soon = Number.MAX_SAFE_INTEGER;
    const { tell, keep, cases: own } = storesOver(table, now);
    const window = { partition: "WINDOW#1", id: "w", opened: now(), closes: now() + 1, reach: now() - 1 };
    const { id } = await tell(newAlert("2026-11-20T11:00:00.000Z"), window);
    const kept = await keep({ ...newAlert("2026-11-20T11:01:00.000Z"), disposition: "suppressed" });
    await own.publish(id, soon);
    const made = makeKeyStore(table, now);
    const { key, secret } = await made.create({ name: "x", access: "write", requestsPerHour: 999 }, soon);
    const cases = makeCaseStore(watched, { keepDays: 90, now });
    const keys = makeKeyStore(watched, now);
    const ports = { cases, readScope: makeScopeReader({ cases, now }), keys, log: () => undefined, now };
    const [ours, theirs] = [makeApi(ports), makeLaceworkApi(ports)];
    const headers = { "x-api-key": `${key.id}:${secret}`, "content-type": "application/json" };
    const statuses: number[] = [];
    for (const path of [
      "",
      "?rule=a/b",
      "?actor=alice",
      ...[id, kept.id].flatMap((one) =>
        ["", ...SCOPES.map((scope) => `/${scope}`)].map((rest) => `/${one}${rest}`),
      ),
    ])
      statuses.push((await ours.request(`/alerts${path}`, { headers })).status);
    const body = '{"status":"acknowledged","comment":"x"}';
    statuses.push(
      (
        await ours.request(`/alerts/${id}`, {
          method: "PATCH",
          headers: { ...headers, "idempotency-key": "1" },
          body,
        })
      ).status,
    );
    const minting = {
      method: "POST",
      headers: { "x-lw-uaks": secret },
      body: JSON.stringify({ keyId: key.id }),
    };
    const minted = await theirs.request("/api/v2/access/tokens", minting);
    statuses.push(minted.status);
    const authorization = String(((await minted.json()) as { token: unknown }).token);
    const list = "/api/v2/Alerts";
    for (const path of [
      list,
      `${list}?endTime=2026-10-01T00:00:00Z`,
      ...["Details", "Events", "Timeline", "Investigation"].map((scope) => `${list}/1?scope=${scope}`),
    ])
      statuses.push((await theirs.request(path, { headers: { authorization } })).status);
    for (const [path, sent] of [
      ["comment", '{"comment":"y"}'],
      ["close", '{"reason":1}'],
    ])
      statuses.push(
        (
          await theirs.request(`${list}/1/${path}`, {
            method: "POST",
            headers: { authorization },
            body: sent ?? "",
          })
        ).status,
      );
    expect(statuses.filter((status) => status >= 300)).toEqual([]);
    expect(refused).toEqual([]);
    expect(seen).toEqual(new Set(["ALERT", "DAYS", "KEYS", "NUMBERS", "RATE", "WINDOW"]));
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
