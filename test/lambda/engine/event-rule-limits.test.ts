import { describe, expect, it } from "vitest";
import { deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import { MAX_COMBINATIONS, MAX_PATTERN_LENGTH } from "../../../lambda/engine/pattern-json.ts";
import type { Condition } from "../../../lambda/engine/rule.ts";
import { ALL_GUARDS, type Guard, type Guards } from "../../../lambda/engine/selector.ts";
import { deliveries, invalidAmong, is, named, recordOf, ruleOf, ruleSetOf } from "./samples.ts";

function without(...guards: readonly Guard[]): Guards {
  return new Set([...ALL_GUARDS].filter((guard) => !guards.includes(guard)));
}

/** Long patterns with wildcards, so that no two eventSources fit one event pattern. */
function like(at: number): Condition {
  return {
    any: Array.from({ length: 20 }, (_, n) => ({
      fact: "userAgent",
      operator: "like",
      value: `${"a".repeat(60)}${at}*${n}*${"b".repeat(40)}`,
    })),
  };
}

describe("the guards on what EventBridge takes", () => {
  it("pattern-length: without it a pattern of more than 2,048 characters is made", () => {
    const ruleSet = ruleSetOf([
      ruleOf("r", named(...Array.from({ length: 300 }, (_, at) => `PutThingNumber${at}`))),
    ]);
    const lengths = (guards: Guards): number[] =>
      deriveEventRules(ruleSet, { guards }).eventRules.map(
        ({ eventPattern }) => JSON.stringify(eventPattern).length,
      );
    expect(Math.max(...lengths(without("pattern-length")))).toBeGreaterThan(MAX_PATTERN_LENGTH);
    expect(Math.max(...lengths(ALL_GUARDS))).toBeLessThanOrEqual(MAX_PATTERN_LENGTH);
  });

  it("combinations: without it a pattern of more than 1,000 combinations is made", {
    timeout: 60_000,
  }, () => {
    const rules = Array.from({ length: 1_010 }, (_, at) =>
      ruleOf(`r${at}`, { all: [named(`A${at}`), is("errorCode", `E${at}`)] }),
    );
    const most = (...guards: readonly Guard[]): number =>
      Math.max(
        ...deriveEventRules(ruleSetOf(rules), { guards: without(...guards) }).eventRules.map(
          ({ eventPattern }) => ((eventPattern.detail as { $or?: unknown[] }).$or ?? [0]).length,
        ),
      );
    expect(most("pattern-length", "combinations")).toBeGreaterThan(MAX_COMBINATIONS);
    expect(most("pattern-length")).toBeLessThanOrEqual(MAX_COMBINATIONS);
  });

  it("wildcard-count: without it more than 30 rules of the bus have wildcards", () => {
    const rules = Array.from({ length: 40 }, (_, at) =>
      ruleOf(`s${at}.amazonaws.com/r`, like(at), `s${at}.amazonaws.com`),
    );
    const wild = (guards: Guards): number =>
      deriveEventRules(ruleSetOf(rules), { guards }).eventRules.filter((one) =>
        JSON.stringify(one).includes('"wildcard"'),
      ).length;
    expect(wild(without("wildcard-count"))).toBeGreaterThan(30);
    expect(wild(ALL_GUARDS)).toBe(0);
  });

  it("fields that are named like operators: patterns with them stay valid, and lose no record", () => {
    const conditions = {
      any: ["prefix", "exists", "cidr", "$or"].map((field) => ({
        all: [named("ListObjects"), is(`requestParameters.${field}`, "x")],
      })),
    };
    const ruleSet = ruleSetOf([
      ruleOf("r", conditions),
      ruleOf("s", { all: [named("Put"), is("requestParameters.numeric.x", 5)] }),
    ]);
    const { eventRules } = deriveEventRules(ruleSet);
    expect(invalidAmong(eventRules)).toEqual([]);
    const count = deliveries(eventRules);
    expect(count(recordOf({ eventName: "ListObjects", requestParameters: { prefix: "x" } }))).toBe(1);
    expect(count(recordOf({ eventName: "Put", requestParameters: { numeric: { x: 5 } } }))).toBe(1);
  });
});
