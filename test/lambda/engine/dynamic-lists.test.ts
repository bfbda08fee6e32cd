import { describe, expect, it } from "vitest";
import { createEngine } from "../../../lambda/engine/engine.ts";
import type { ListsPort } from "../../../lambda/engine/list-values.ts";
import { ResolvedList } from "../../../lambda/engine/resolved-list.ts";
import type { Condition, List, Rule, RuleSet, Suppression } from "../../../lambda/engine/rule.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";

const dynamic: List = {
  description: "x",
  kind: "exact",
  values: [],
  dynamic: {
    query: { type: "resource-tags", tags: { a: [] }, column: "name" },
    refreshMs: 1,
    onEmpty: "keep",
    maxValues: 1,
    maxAgeMs: 1,
  },
};
const record = {
  eventSource: "s3.amazonaws.com",
  eventName: "DeleteBucket",
  eventID: "e",
  eventTime: "2026-11-20T12:00:00Z",
  requestParameters: { bucketName: "b", tags: ["b", "c"] },
} as unknown as CloudTrailRecord;

const rule = (conditions: Condition): Rule => ({
  id: "s3.amazonaws.com/x",
  eventSource: "s3.amazonaws.com",
  name: "x",
  severity: "low",
  conditions,
});
const ruleSet = (conditions: Condition, suppressions: readonly Suppression[] = []): RuleSet => ({
  rules: [rule({ all: [{ fact: "eventName", operator: "equal", value: "DeleteBucket" }, conditions] })],
  conditions: {},
  lists: { l: dynamic },
  suppressions,
});
const bucket = (operator: string): Condition => ({
  fact: "requestParameters.bucketName",
  operator,
  value: "l",
});

/** Values, and how often they were asked for. */
function portOf(values: readonly string[] | undefined, note?: string) {
  const asked: number[] = [];
  const port: ListsPort = {
    asOf: async (names, time) => {
      asked.push(time);
      const list =
        values === undefined
          ? undefined
          : new ResolvedList("l", { kind: "exact", values: [...values], description: "" });
      return new Map(names.map((name) => [name, { list, ...(note === undefined ? {} : { note }) }]));
    },
  };
  return { port, asked };
}

const matchesOf = async (rules: RuleSet, port?: ListsPort) =>
  (await createEngine(rules).evaluate(record, 0, port)).matches;

describe("a rule that compares with a dynamic list", () => {
  it.each([
    ["inList", true, false],
    ["notInList", false, true],
    ["not:inList", false, true],
    ["not:notInList", true, false],
  ])("%s holds by the values", async (operator, listed, unlisted) => {
    const rules = ruleSet(bucket(operator));
    expect((await matchesOf(rules, portOf(["b"]).port)).length > 0).toBe(listed);
    expect((await matchesOf(rules, portOf(["other"]).port)).length > 0).toBe(unlisted);
    expect((await matchesOf(rules, portOf([]).port)).length > 0).toBe(unlisted);
  });

  it.each(["inList", "notInList", "not:inList", "not:notInList"])(
    "%s holds when nothing is known of the list, and the alert says so",
    async (operator) => {
      for (const port of [undefined, portOf(undefined, "unknown").port]) {
        const [match] = await matchesOf(ruleSet(bucket(operator)), port);
        expect(match?.notes).toEqual([
          port === undefined
            ? "The list l is not at hand here: whatever is compared with it was taken to match."
            : "unknown",
        ]);
      }
    },
  );

  it("does not hold of what no list could have, even then", async () => {
    const absent: Condition = { fact: "requestParameters.nothing", operator: "inList", value: "l" };
    expect(await matchesOf(ruleSet(absent))).toEqual([]);
    const list: Condition = { fact: "requestParameters.tags", operator: "inList", value: "l" };
    expect(await matchesOf(ruleSet(list))).toEqual([]);
  });

  it("holds both ways in one rule when nothing is known, and one way when it is", async () => {
    const both = ruleSet({ all: [bucket("inList"), bucket("notInList")] });
    expect(await matchesOf(both)).toHaveLength(1);
    expect(await matchesOf(both, portOf(["b"]).port)).toEqual([]);
  });

  it("asks for the values as of the record's time, and only when the rest of it holds", async () => {
    const { port, asked } = portOf(["b"]);
    await matchesOf(ruleSet(bucket("inList")), port);
    expect(asked).toEqual([Date.UTC(2026, 10, 20, 12)]);
    const other: Condition = { fact: "awsRegion", operator: "equal", value: "nowhere" };
    await matchesOf(ruleSet({ all: [other, bucket("inList")] }), port);
    expect(asked).toHaveLength(1);
  });

  it("goes on when what asks for the values breaks", async () => {
    const broken: ListsPort = { asOf: () => Promise.reject(new Error("no")) };
    const [match] = await matchesOf(ruleSet(bucket("inList")), broken);
    expect(match?.notes[0]).toContain("could not be read");
  });

  it("judges records side by side with the values of each", async () => {
    const engine = createEngine(ruleSet(bucket("inList")));
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        engine.evaluate(record, 0, portOf(at % 2 === 0 ? ["b"] : []).port),
      ),
    );
    expect(results.map(({ matches }) => matches.length)).toEqual(results.map((_, at) => (at + 1) % 2));
  });
});

const suppression = (operator: string): Suppression => ({
  id: "s",
  rules: ["*"],
  conditions: { all: [bucket(operator)] },
  reason: "x",
  owner: "x",
  expires: "2999-01-01",
});

describe("a suppression that compares with a dynamic list", () => {
  const any: Condition = { fact: "eventName", operator: "exists", value: true };

  it.each(["inList", "notInList", "not:inList"])(
    "%s does not hold when nothing is known of it",
    async (operator) => {
      const [match] = await matchesOf(ruleSet(any, [suppression(operator)]));
      expect(match?.disposition).toBe("delivered");
      expect(match?.notes[0]).toContain("The list l is not at hand here");
    },
  );

  it("holds by the values, and says that they are stale", async () => {
    const rules = ruleSet(any, [suppression("inList")]);
    expect(await matchesOf(rules, portOf(["b"], "stale").port)).toMatchObject([
      { disposition: "suppressed", notes: ["stale"] },
    ]);
    expect(await matchesOf(rules, portOf(["c"]).port)).toMatchObject([
      { disposition: "delivered", notes: [] },
    ]);
  });
});
