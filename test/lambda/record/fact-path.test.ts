import { describe, expect, it } from "vitest";
import { FactPathError, parseFactPath } from "../../../lambda/record/fact-path.ts";

describe("the name of a fact", () => {
  it("is split at its dots, brackets being steps of their own", () => {
    expect(parseFactPath("requestParameters.items[*].ports[0].from").segments).toEqual([
      { kind: "key", key: "requestParameters" },
      { kind: "key", key: "items" },
      { kind: "each" },
      { kind: "key", key: "ports" },
      { kind: "index", index: 0 },
      { kind: "key", key: "from" },
    ]);
  });

  it("keeps its text, its first key, and whether it stands for all elements of a list", () => {
    expect(parseFactPath("a[*].b")).toMatchObject({ text: "a[*].b", root: "a", each: true });
    expect(parseFactPath("a[1].b")).toMatchObject({ root: "a", each: false });
  });

  it("may hold any character but a dot and brackets: keys of CloudTrail are what callers send", () => {
    expect(parseFactPath("requestParameters.x-amz-acl").segments.at(-1)).toEqual({
      kind: "key",
      key: "x-amz-acl",
    });
    expect(parseFactPath("requestParameters.aws:tag name é").segments).toHaveLength(2);
    expect(parseFactPath("a.__proto__").segments.at(-1)).toEqual({ kind: "key", key: "__proto__" });
  });

  it("takes a number without brackets as a key, which may be a position in a list", () => {
    expect(parseFactPath("items.0.x").segments[1]).toEqual({ kind: "key", key: "0" });
  });

  it("may have lists in lists", () => {
    expect(parseFactPath("a[*][0]").segments.map(({ kind }) => kind)).toEqual(["key", "each", "index"]);
  });

  it.each([
    ["", "is empty"],
    ["a..b", "empty part at character 3"],
    [".a", "empty part at character 1"],
    ["a.", "ends with a dot"],
    ["a[*].", "ends with a dot"],
    ["[0]", "without a name in front of it"],
    ["a.[*]", "without a name in front of it"],
    ["a[*]b", "lacks a dot after [*]"],
    ["a[x]", 'cannot be read at character 2 ("[")'],
    ["a[-1]", 'cannot be read at character 2 ("[")'],
    ["a]", 'cannot be read at character 2 ("]")'],
    ["a[1234567890]", 'cannot be read at character 2 ("[")'],
    [Array.from({ length: 33 }, () => "a").join("."), "33 parts; at most 32"],
  ])("is refused, with the reason, when it is %j", (text, reason) => {
    expect(() => parseFactPath(text)).toThrow(FactPathError);
    expect(() => parseFactPath(text)).toThrow(reason);
  });

  it("is read the same way again after one that was refused", () => {
    expect(() => parseFactPath("a..b")).toThrow(FactPathError);
    expect(parseFactPath("a.b").segments).toHaveLength(2);
  });
});
