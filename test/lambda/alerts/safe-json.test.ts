import { assert, jsonValue, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { safeJson } from "../../../lambda/alerts/safe-json.ts";

describe("safeJson", () => {
  it.each([
    ["\u0000\u001f", "\\u0000\\u001f"],
    ["\u007f\u0085\u009b", "\\u007f\\u0085\\u009b"],
    ["\u200b\u202e\u2066\u00ad\ufeff", "\\u200b\\u202e\\u2066\\u00ad\\ufeff"],
    ["\u2028\u2029", "\\u2028\\u2029"],
    ["\ufffe\uffff\ufdd0", "\\ufffe\\uffff\\ufdd0"],
    ["\ud800 \udc00", "\\ud800 \\udc00"],
    ["\u{e0041}\u{e0100}\u{1ffff}", "\\udb40\\udc41\\udb40\\udd00\\ud83f\\udfff"],
    ["\\\u200b", "\\\\\\u200b"],
    ["plain ünïcode 日本 😀 ⚠\ufe0f", "plain ünïcode 日本 😀 ⚠\ufe0f"],
  ])("writes %j as %s in keys and values", (text, written) => {
    expect(safeJson({ [text]: text })).toBe(`{"${written}":"${written}"}`);
    expect(JSON.parse(safeJson({ [text]: text }))).toEqual({ [text]: text });
  });

  it("keeps the line breaks of the indentation", () => {
    expect(safeJson({ a: "\u2028\n" }, 2)).toBe('{\n  "a": "\\u2028\\n"\n}');
  });

  it("is the same JSON value as JSON.stringify's, whatever it is", () => {
    assert(
      property(jsonValue({ stringUnit: "binary" }), (value) => {
        expect(JSON.stringify(JSON.parse(safeJson([value], 2)))).toBe(JSON.stringify([value]));
      }),
    );
  });
});
