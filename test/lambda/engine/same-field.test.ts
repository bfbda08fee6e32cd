import { describe, expect, it } from "vitest";
import { intersectAtoms } from "../../../lambda/engine/same-field.ts";
import { deriveSelector, type Matcher } from "../../../lambda/engine/selector.ts";
import { is, named } from "./samples.ts";
import { normalize } from "../../../lambda/engine/conditions.ts";
import type { Condition } from "../../../lambda/engine/rule.ts";

const ABSENT = { exists: false };
const THERE = { exists: true };
const atom = (path: string, matchers: readonly Matcher[], lists: readonly string[] = []) => ({
  path,
  matchers,
  lists,
});
const together = (one: readonly Matcher[], other: readonly Matcher[], path = "errorCode") =>
  intersectAtoms(atom(path, one), atom(path, other))?.matchers;
const selectorOf = (...all: readonly Condition[]) =>
  deriveSelector(normalize({ all }, {}, {})).map((conjunct) =>
    Object.fromEntries(conjunct.map(({ path, matchers }) => [path, matchers])),
  );

describe("two conditions on one field at the top", () => {
  it.each<[readonly Matcher[], readonly Matcher[], readonly Matcher[] | undefined]>([
    [["a", "b"], ["b", "c"], ["b"]],
    [["a"], ["b"], []],
    [["a", ABSENT], [ABSENT], [ABSENT]],
    [["a", ABSENT], [THERE], ["a"]],
    [[ABSENT], [THERE], []],
    [["ab", "b"], [{ prefix: "a" }], ["ab"]],
    [["ab", "b"], [{ "anything-but": ["b"] }], ["ab"]],
    [["ab", "AB"], [{ "equals-ignore-case": "ab" }], ["ab", "AB"]],
    [[{ prefix: "a" }], [{ prefix: "b" }], undefined],
    [[THERE], [{ "anything-but": ["b"] }], undefined],
  ])("%j and %j accept %j together", (one, other, both) => {
    expect(together(one, other)).toEqual(both);
    expect(together(other, one)).toEqual(both);
  });

  it("are not put together where a record can have two values, or EventBridge reads them in its own way", () => {
    expect(together(["a"], ["b"], "userIdentity.type")).toBeUndefined();
    expect(together(["192.0.2.7"], ["192.0.2.8"], "sourceIPAddress")).toBeUndefined();
    expect(intersectAtoms(atom("errorCode", ["a"]), atom("eventName", ["a"]))).toBeUndefined();
    expect(intersectAtoms(atom("errorCode", ["a"], ["errorCode"]), atom("errorCode", ["b"]))).toBeUndefined();
  });

  it("leave out the ways in which a derived fact cannot hold", () => {
    const byEventType = is("eventType", "AwsApiCall");
    const shown = selectorOf(byEventType, is("channel.name", "console"));
    expect(shown.every(({ eventType }) => JSON.stringify(eventType) === '["AwsApiCall"]')).toBe(true);
    expect(shown).toHaveLength(3);
    expect(selectorOf(is("outcome", "failed"), is("errorCode", "X"))).toEqual([{ errorCode: ["X"] }]);
  });

  it("let nothing through when no record can satisfy both", () => {
    expect(selectorOf(named("A"), named("B"))).toEqual([]);
    expect(selectorOf(is("outcome", "success"), is("errorCode", "X"))).toEqual([]);
  });
});
