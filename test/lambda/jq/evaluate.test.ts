import { afterAll, describe, expect, it } from "vitest";
import type { JqAnswer } from "../../../lambda/engine/jq-port.ts";
import { makeJqPort } from "../../../lambda/jq/evaluate.ts";
import { type JqThread, makeJqThread } from "../../../lambda/jq/jq-thread.ts";
import { recordOf } from "../engine/samples.ts";

/** Generous, for machines that are busy; an endless program takes longer than any time. */
const LIMIT = 1_000;
const ENDLESS = "last(repeat(1))";

const thread = makeJqThread();
afterAll(() => thread.close());

const record = recordOf({ eventName: "CreateUser", requestParameters: { userName: "bob" } });
const ask = (...expressions: string[]): Promise<readonly JqAnswer[]> =>
  makeJqPort({ thread, limit: LIMIT }).ask(
    record,
    expressions.map((jq, place) => ({ id: `r${place}`, jq })),
  );
const one = async (expression: string): Promise<Omit<JqAnswer, "ruleId">> => {
  const [answer] = await ask(expression);
  if (answer === undefined) throw new Error("no answer");
  const { ruleId: _, ...rest } = answer;
  return rest;
};

describe("what an expression says", () => {
  it.each<[string, boolean, string[]]>([
    [".", true, []],
    ["true", true, []],
    ['select(.eventName == "CreateUser")', true, []],
    ['select(.eventName == "Other")', false, []],
    ["null", false, []],
    ["false", false, []],
    ["empty", false, []],
    ["0", true, ["0"]],
    ['""', true, []],
    ["{a: 1}", true, ['{"a":1}']],
    [".requestParameters.userName", true, ["bob"]],
    ['"a", null, false, "b", true, .', true, ["a", "b"]],
    ['"line\\nbreak \\u202e"', true, ["line\nbreak \u202e"]],
    ["range(infinite)", true, Array.from({ length: 20 }, (_, at) => String(at))],
    ['"x" * 5000', true, ["x".repeat(2_000)]],
    [". # a comment", true, []],
    ['def f: .eventName; f == "CreateUser"', true, []],
  ])("%s", async (expression, matches, annotations) => {
    expect(await one(expression)).toEqual({ matches, annotations });
  });

  it("is no match where it is an error, which is told", async () => {
    expect(await one(".eventName.a")).toEqual({
      matches: false,
      annotations: [],
      error: 'Cannot index string with string ("a")',
    });
    expect(await one('"a", error("x")')).toEqual({ matches: true, annotations: ["a"], error: "x" });
    expect(await one("error({a: 1})")).toMatchObject({ matches: false, error: '{"a":1}' });
    expect(await one("error(null)")).toMatchObject({ matches: false, error: "null" });
  });

  it("is about the record alone, even past validation", async () => {
    for (const expression of [
      "env",
      "input",
      "[inputs]",
      "debug",
      'debug("x")',
      "stderr",
      "halt",
      "halt_error",
      "halt_error(1)",
      "input_filename",
      "get_search_list",
      '"\\(env)"',
    ])
      expect([expression, (await one(expression)).error]).toEqual([
        expression,
        expect.stringContaining("not for rules"),
      ]);
    expect(await one("$ENV")).toEqual({ matches: true, annotations: ["{}"] });
    expect(await one('{$ENV} | "\\(.)"')).toEqual({ matches: true, annotations: ['{"ENV":{}}'] });
    expect(await one("{env}")).toEqual({ matches: true, annotations: ['{"env":null}'] });
    expect((await one('import "a" as a; .')).failed).toMatch(/syntax error/);
    expect((await one(".) | (env")).failed).toMatch(/closes nothing/);
  });

  it("takes a record with halves of surrogate pairs, which jq would refuse", async () => {
    const port = makeJqPort({ thread, limit: LIMIT });
    const hostile = recordOf({ eventName: "A", userAgent: "\ud800", "\udfff": "\\ud800" });
    const questions = [{ id: "a", jq: '.eventName == "A" and .["\ufffd"] == "\\\\ud800"' }];
    expect(await port.ask(hostile, questions)).toEqual([{ ruleId: "a", matches: true, annotations: [] }]);
  });
});

describe("rules together", () => {
  it("answers each, in their order, whatever the others do", async () => {
    const answers = await ask(".eventName", "error", "empty", ".eventSource");
    expect(answers.map(({ ruleId, matches }) => [ruleId, matches])).toEqual([
      ["r0", true],
      ["r1", false],
      ["r2", false],
      ["r3", true],
    ]);
  });

  it("goes on without one that jq cannot compile, or that is not validated", async () => {
    const answers = await ask(".eventName", "nosuch", "(", ".eventSource");
    expect(answers.map(({ matches, failed }) => [matches, failed !== undefined])).toEqual([
      [true, false],
      [false, true],
      [false, true],
      [true, false],
    ]);
    expect(answers[1]?.failed).toContain("nosuch/0 is not defined");
  });

  it("ends one that takes too long, sets it apart for a while, and goes on with the others", async () => {
    let now = 0;
    const port = makeJqPort({ thread, limit: LIMIT, apart: 60_000, now: () => now });
    const questions = [
      { id: "slow", jq: ENDLESS },
      { id: "good", jq: ".eventName" },
    ];
    const first = await port.ask(record, questions);
    expect(first[0]).toMatchObject({ matches: false, failed: expect.stringContaining("1000 ms") });
    expect(first[1]).toEqual({ ruleId: "good", matches: true, annotations: ["CreateUser"] });
    const second = await port.ask(record, questions);
    expect(second[0]?.failed).toContain("set apart");
    expect(second[1]?.matches).toBe(true);
    now = 60_000;
    const third = await port.ask(record, questions.slice(0, 1));
    expect(third[0]?.failed).toContain("1000 ms");
  }, 60_000);

  it("ends one that takes too much memory or goes too deep, and goes on with the others", async () => {
    const answers = await makeJqPort({ thread, limit: 20_000 }).ask(record, [
      { id: "large", jq: "[range(1e9)] | length" },
      { id: "deep", jq: "def f: 1 + f; f" },
      { id: "good", jq: ".eventName" },
    ]);
    expect(answers.map(({ failed }) => failed !== undefined)).toEqual([true, true, false]);
    expect(answers[2]?.annotations).toEqual(["CreateUser"]);
  }, 60_000);
});

describe("without jq", () => {
  it("says so of every rule, and asks again with the next record", async () => {
    let runs = 0;
    const absent: JqThread = {
      run: () => {
        runs += 1;
        return Promise.resolve({ kind: "broken", reason: "Cannot find module", started: false });
      },
      close: () => Promise.resolve(),
    };
    const port = makeJqPort({ thread: absent });
    for (let time = 1; time <= 2; time += 1) {
      const [answer] = await port.ask(record, [{ id: "a", jq: "." }]);
      expect(answer).toMatchObject({ matches: false, failed: expect.stringContaining("Cannot find module") });
      expect(runs).toBe(time);
    }
  });
});
