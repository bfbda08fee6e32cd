import { Engine as JsonRulesEngine } from "json-rules-engine";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createEngine } from "../../../lambda/engine/engine.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";
import { manyRules, recordAround } from "./many-rules.ts";
import { is, recordOf, ruleOf, ruleSetOf } from "./samples.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("json-rules-engine", () => {
  it("gets candidates only, and of each only the facts that its rule names", async () => {
    const run = vi.spyOn(JsonRulesEngine.prototype, "run");
    const engine = createEngine(
      ruleSetOf([
        ruleOf("hit", {
          all: [
            is("eventName", "CreateTags"),
            { fact: "requestParameters.a", operator: "equal", value: { fact: "requestParameters.b" } },
          ],
        }),
        ruleOf("other name", is("eventName", "RunInstances")),
        ruleOf("near miss", { all: [is("eventName", "CreateTags"), is("errorCode", "X")] }),
        ruleOf("other source", is("eventName", "CreateTags"), "s3.amazonaws.com"),
      ]),
    );
    const requestParameters = { a: "same", b: "same", secret: "unread" };
    expect(
      (await engine.evaluate(recordOf({ requestParameters }), 0)).matches.map(({ rule }) => rule.id),
    ).toEqual(["hit"]);
    expect(run).toHaveBeenCalledTimes(1);
    expect({ ...run.mock.calls[0]?.[0] }).toEqual({
      eventName: "CreateTags",
      "requestParameters.a": "same",
      "requestParameters.b": "same",
    });
  });

  it("is not asked about a record without a candidate, of which only the field of the index is read", async () => {
    const run = vi.spyOn(JsonRulesEngine.prototype, "run");
    const engine = createEngine(
      ruleSetOf([
        ruleOf("r", {
          all: [
            is("eventName", "RunInstances"),
            { fact: "requestParameters.items[*].x", operator: "someFact:equal", value: "x" },
            is("actor.name", "ada"),
          ],
        }),
      ]),
    );
    const read: string[] = [];
    const watched = new Proxy<CloudTrailRecord>(recordOf({ requestParameters: { items: [{ x: "x" }] } }), {
      get(target, key) {
        read.push(String(key));
        return Reflect.get(target, key) as unknown;
      },
    });
    const evaluation = await engine.evaluate(watched, 0);
    expect(evaluation).toEqual({ matches: [], candidates: 0, problems: [] });
    expect(run).not.toHaveBeenCalled();
    expect([...new Set(read)].filter((key) => !["eventSource", "eventName"].includes(key))).toEqual([]);
  });

  it("shares nothing between records that are evaluated at the same time", async () => {
    const ruleSet = manyRules(40, 4);
    const engine = createEngine(ruleSet);
    const records = ruleSet.rules.flatMap((rule, at) =>
      Array.from({ length: 25 }, (_, seed) => recordAround(rule, ruleSet, at * 100 + seed)),
    );
    const serial: string[] = [];
    for (const record of records)
      serial.push((await engine.evaluate(record, 0)).matches.map(({ rule }) => rule.id).join());
    const together = await Promise.all(records.map((record) => engine.evaluate(record, 0)));
    expect(records).toHaveLength(1_000);
    expect(together.map(({ matches }) => matches.map(({ rule }) => rule.id).join())).toEqual(serial);
    expect(serial.filter((ids) => ids !== "").length).toBeGreaterThan(100);
    expect(together.flatMap(({ problems }) => problems)).toEqual([]);
  });
});

describe("candidates", () => {
  it("are the same empty list whenever there are none", () => {
    const engine = createEngine(ruleSetOf([ruleOf("r", is("eventName", "RunInstances"))]));
    expect(engine.candidates(recordOf())).toHaveLength(0);
    expect(engine.candidates(recordOf())).toBe(engine.candidates(recordOf({ eventSource: "x.example.com" })));
  });

  it("are the caller's: the next record does not change them", () => {
    const engine = createEngine(ruleSetOf([ruleOf("r", is("eventName", "CreateTags"))]));
    const first = engine.candidates(recordOf());
    engine.candidates(recordOf({ eventName: "RunInstances" }));
    expect(engine.candidates(recordOf())).not.toBe(first);
    expect(first.map(({ rule }) => rule.id)).toEqual(["r"]);
  });

  it("hold every rule that matches, for rules found by names, beginnings, other fields and none", async () => {
    const ruleSet = manyRules(300, 6);
    const engine = createEngine(ruleSet);
    let matching = 0;
    for (const [at, rule] of ruleSet.rules.entries()) {
      const alone = createEngine(
        ruleSetOf([
          {
            ...rule,
            conditions: {
              all: [
                rule.conditions,
                { any: [rule.conditions, { fact: "userAgent", operator: "includes", value: "never" }] },
              ],
            },
          },
        ]),
      );
      for (let seed = 0; seed < 6; seed++) {
        const record = recordAround(rule, ruleSet, at * 10 + seed);
        const matches = (await alone.evaluate(record, 0)).matches.length > 0;
        const found = engine.candidates(record).some((candidate) => candidate.rule.id === rule.id);
        expect([`${rule.id} ${JSON.stringify(record)}`, found]).toEqual([
          `${rule.id} ${JSON.stringify(record)}`,
          matches,
        ]);
        if (matches) matching++;
      }
    }
    expect(matching).toBeGreaterThan(100);
  });
});
