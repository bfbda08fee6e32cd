/**
 * Records as somebody would write them who wants the engine to fail, stall or look away. None throws, none keeps a
 * match from being found, and none changes what JavaScript's own objects are.
 */
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { makeAlert } from "../../../lambda/alerts/alert.ts";
import { createEngine } from "../../../lambda/engine/engine.ts";
import { compileEventRules, deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import type { Condition } from "../../../lambda/engine/rule.ts";
import { loadRules } from "../../../lambda/loader/load-rules.ts";
import { readEnvelope } from "../../../lambda/record/envelope.ts";
import { recordOf, ruleOf, ruleSetOf } from "./samples.ts";

const SHIPPED = loadRules(fileURLToPath(new URL("../../../rules", import.meta.url))).ruleSet;
const DEPTH = 100_000;

/** Reads of a record everything that rules may read, so that each shape meets each way of reading. */
const READERS: readonly Condition[] = [
  { fact: "requestParameters", operator: "exists", value: true },
  { fact: "requestParameters.a.a.a.a.a", operator: "exists", value: true },
  { fact: "requestParameters.a[*].a[*].a[*].x", operator: "someFact:equal", value: "x" },
  { fact: "requestParameters[*].a[0].a.0.a", operator: "equal", value: "x" },
  { fact: "requestParameters.a", operator: "matches", value: "(a+)+$" },
  { fact: "requestParameters.a", operator: "like", value: "*a*a*a*b" },
  { fact: "requestParameters.items[*].x[*]", operator: "everyFact:notEqual", value: "never" },
  { fact: "requestParameters", operator: "equal", value: { fact: "responseElements" } },
  { fact: "requestParameters.items[*].x", operator: "contains", value: { fact: "requestParameters.a" } },
  { fact: "actor.name", operator: "exists", value: true },
  { fact: "channel.name", operator: "exists", value: true },
  { fact: "outcome", operator: "exists", value: true },
];
const RULES = ruleSetOf([
  ...READERS.map((conditions, at) =>
    ruleOf(
      `reader-${at}`,
      { any: [conditions, { fact: "eventName", operator: "equal", value: "CreateTags" }] },
      null,
    ),
  ),
  {
    ...ruleOf("summary", { fact: "eventName", operator: "equal", value: "CreateTags" }),
    summary:
      "{{requestParameters}} {{requestParameters.a}} {{requestParameters.items[*].x}} {{userAgent}} {{actor.name}}",
  },
]);
const engine = createEngine(RULES);
const deliver = compileEventRules([
  ...deriveEventRules(SHIPPED).eventRules,
  ...deriveEventRules(RULES).eventRules,
]);
const shipped = createEngine(SHIPPED);

/** A record as text, with this text as its requestParameters. */
function textWith(requestParameters: string, more = ""): string {
  return JSON.stringify(recordOf({ requestParameters: "HERE" }))
    .replace('"HERE"', () => requestParameters)
    .replace(/\}$/, () => `${more}}`);
}

/** Reads, delivers, evaluates and alerts as the Lambda does; all rules above match. */
async function expectThrough(text: string): Promise<readonly string[]> {
  const reading = readEnvelope(JSON.parse(text));
  if (!reading.ok) throw new Error(reading.reason);
  expect(deliver(reading.envelope).length).toBeGreaterThan(0);
  expect((await shipped.evaluate(reading.record, 0)).problems).toEqual([]);
  const { matches, problems } = await engine.evaluate(reading.record, 0);
  expect(problems).toEqual([]);
  expect(matches).toHaveLength(RULES.rules.length);
  return matches.map((match) => JSON.stringify(makeAlert(match, reading.record)));
}

const nested = (open: string, inner: string, close: string, depth: number): string =>
  open.repeat(depth) + inner + close.repeat(depth);
const wide = (element: string, count = 10_000): string =>
  `[${Array.from({ length: count }, () => element).join(",")}]`;

describe("a hostile record", () => {
  it.each<[string, string]>([
    ["objects nested 100,000 deep", nested('{"a":', '"x"', "}", DEPTH)],
    ["lists nested 100,000 deep", nested("[", '"x"', "]", DEPTH)],
    ["objects and lists nested 100,000 deep", nested('{"a":[', '"x"', "]}", DEPTH)],
    [
      "256 KB of nesting below the fields that rules read",
      `{"a":${nested('{"a":[', "1", "]}", 32_000)},"items":[{"x":${nested("[", "1", "]", 32_000)}}]}`,
    ],
    ["a list of 10,000 elements", `{"a":${wide('{"a":{"x":"y"}}')},"items":${wide('{"x":"y"}')}}`],
    [
      "lists of 10,000 elements in a list of 10,000",
      `{"a":${wide('{"a":[]}')},"items":[${Array.from({ length: 100 }, () => `{"x":${wide('"y"', 100)}}`).join(",")}]}`,
    ],
    [
      "a list of 10,000 colliding elements",
      `{"items":${wide('{"x":"y","x.y":1}')},"items.x":${wide("1", 1_000)}}`,
    ],
    [
      "10,000 keys that collide",
      `{${Array.from({ length: 10_000 }, (_, at) => `"a.a${at}":{"a.a":${at}}`).join(",")}}`,
    ],
    ["every way to spell one key with dots", spellings(["a", "a", "a", "a", "a"])],
    ["a text of 1 MB", `{"a":"${"a".repeat(1_000_000)}"}`],
    ["a text of 64 KB that backtracking would never finish", `{"a":"${"a".repeat(65_536)}!"}`],
    ["lone surrogates", String.raw`{"a":"\ud800","items":[{"x":"\udc00\ud800"}],"\ud800":{"\udfff":1}}`],
    [
      "numbers beyond 2^53, and beyond all numbers",
      '{"a":9007199254740993,"items":[{"x":1e400},{"x":-1e400},{"x":5e-324},{"x":-0}]}',
    ],
    [
      "keys of JavaScript's prototypes",
      '{"__proto__":{"a":1},"constructor":{"prototype":{"polluted":true}},"toString":1,"hasOwnProperty":2,"length":3,"a":{"__proto__":{"polluted":true}}}',
    ],
    [
      "keys with dots, brackets, stars, and none",
      '{"":{"":1},".":1,"..":2,"a.":{".a":1},"a[0]":1,"items[*]":{"x":1},"[*]":[],"$or":[{"a":1}],"a":[[[[]]]]}',
    ],
    ["a million spaces and line breaks", `{"a":"${String.raw`\n `.repeat(100_000)}"}`],
    [
      "what looks like a fact, an alternative or an operator",
      '{"fact":"eventName","values":[1],"lists":[[1]],"a":{"fact":"x","operator":"equal"},"then":{"then":1}}',
    ],
    ["null", "null"],
    ["true", "true"],
  ])("of %s is evaluated, and alerts", { timeout: 60_000 }, async (_, requestParameters) => {
    const alerts = await expectThrough(textWith(requestParameters));
    for (const alert of alerts) {
      const { record } = JSON.parse(alert) as { record: { eventName: unknown } };
      expect(record.eventName).toBe("CreateTags");
    }
  });

  it("with 256 KB in every other field is evaluated, and alerts", { timeout: 60_000 }, async () => {
    const alerts: string[] = [];
    const deep = nested('{"a":[', "1", "]}", 10_000);
    for (const field of [
      "responseElements",
      "additionalEventData",
      "serviceEventDetails",
      "tlsDetails",
      "addendum",
      "resources",
      "insightDetails",
    ]) {
      alerts.push(...(await expectThrough(textWith("null", `,"${field}":${deep}`))));
      alerts.push(
        ...(await expectThrough(textWith("null", `,"${field}":${wide('{"type":"x","ARN":["arn"]}')}`))),
      );
    }
    alerts.push(...(await expectThrough(textWith("null", `,"__proto__":${deep}`))));
    alerts.push(
      ...(await expectThrough(
        textWith("null", ',"":{},"eventName.x":1,"eventSource.a.b":[],"a.b":{"c":{}}'),
      )),
    );
    expect(alerts.length % RULES.rules.length).toBe(0);
    expect(alerts.every((alert) => alert.includes("CreateTags"))).toBe(true);
  });

  it("with hostile texts where CloudTrail has texts is evaluated, and alerts", async () => {
    const alerts: string[] = [];
    for (const text of [
      "\ud800",
      "a".repeat(100_000),
      "\u202e\u0000\u001b[31m",
      "<script>",
      "{{actor.name}}",
      "`*_[x](y)",
      "\r\nBcc: x",
      "__proto__",
    ]) {
      const fields = {
        userAgent: text,
        sourceIPAddress: text,
        eventID: text,
        eventTime: text,
        awsRegion: text,
        recipientAccountId: text,
        userIdentity: {
          type: text,
          arn: text,
          userName: text,
          principalId: text,
          invokedBy: text,
          sessionContext: { sessionIssuer: { userName: text, arn: text } },
        },
      };
      alerts.push(
        ...(await expectThrough(JSON.stringify(recordOf({ ...fields, requestParameters: { a: text } })))),
      );
    }
    expect(alerts.length % RULES.rules.length).toBe(0);
    expect(alerts.every((alert) => alert.includes("CreateTags"))).toBe(true);
  });

  it("changes nothing about JavaScript's own objects", async () => {
    const before = [Object.prototype, Array.prototype, Function.prototype].map((one) =>
      Reflect.ownKeys(one).map(String).join(),
    );
    const poison = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}}}';
    await expectThrough(
      textWith(
        `{"a":${poison},"items":[${poison}],"__proto__":${poison}}`,
        `,"__proto__":${poison},"constructor":${poison}`,
      ),
    );
    const rules = ruleSetOf(
      [
        "requestParameters.__proto__.polluted",
        "requestParameters.constructor.prototype.polluted",
        "requestParameters.a[*].__proto__.polluted",
      ].map((fact, at) => ruleOf(`r${at}`, { fact, operator: "exists", value: true })),
    );
    await createEngine(rules).evaluate(
      recordOf(JSON.parse(`{"requestParameters":${poison}}`) as Record<string, unknown>),
      0,
    );
    expect(
      [Object.prototype, Array.prototype, Function.prototype].map((one) =>
        Reflect.ownKeys(one).map(String).join(),
      ),
    ).toEqual(before);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("does not hide what a rule looks for behind ten thousand elements, or a hundred levels", async () => {
    const rules = ruleSetOf([
      ruleOf("last", { fact: "requestParameters.items[*].x", operator: "someFact:equal", value: "needle" }),
      ruleOf("inner", {
        fact: "requestParameters.groups[*].items[*].x",
        operator: "someFact:equal",
        value: "needle",
      }),
      ruleOf("deep", { fact: `requestParameters${".a".repeat(31)}`, operator: "equal", value: "needle" }),
    ]);
    const items = [...Array.from({ length: 9_999 }, () => ({ x: "hay" })), { x: "needle" }];
    const groups = Array.from({ length: 100 }, (_, at) => ({
      items: at === 99 ? items.slice(-100) : items.slice(0, 100),
    }));
    const deep = JSON.parse(`{"a":`.repeat(31) + '"needle"' + "}".repeat(31)) as Record<string, unknown>;
    const record = recordOf({ requestParameters: { ...deep, items, groups } });
    expect((await createEngine(rules).evaluate(record, 0)).matches.map(({ rule }) => rule.id)).toEqual([
      "last",
      "inner",
      "deep",
    ]);
    const deliverRules = compileEventRules(deriveEventRules(rules).eventRules);
    const reading = readEnvelope(record);
    expect(reading.ok && deliverRules(reading.envelope).length).toBe(1);
  });

  it("is refused with a reason, and never throws, when it is no record at all", () => {
    for (const text of [
      nested("[", "", "]", DEPTH),
      nested('{"detail":', "1", "}", DEPTH),
      '{"detail":{"detail":{}}}',
      '"x"',
      "5",
      "null",
      "[]",
      "{}",
      '{"eventSource":{"length":1},"eventName":"x"}',
    ]) {
      const reading = readEnvelope(JSON.parse(text));
      expect(reading.ok).toBe(false);
      expect(reading.ok ? "" : reading.reason).toMatch(/\w{3}/);
    }
  });
});

/** An object that holds a dotted path in every way in which it can be divided into keys. */
function spellings(path: readonly string[]): string {
  const build = (rest: readonly string[]): unknown =>
    rest.length === 0
      ? "x"
      : Object.fromEntries(rest.map((_, at) => [rest.slice(0, at + 1).join("."), build(rest.slice(at + 1))]));
  return JSON.stringify(build(path));
}
