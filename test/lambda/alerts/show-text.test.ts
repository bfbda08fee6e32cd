import { describe, expect, it } from "vitest";
import { showText } from "../../../lambda/alerts/show-text.ts";
import { cutText } from "../../../lambda/record/cut-text.ts";

describe("showText", () => {
  it.each([
    ["plain ünïcode 日本 😀 ⚠️", "plain ünïcode 日本 😀 ⚠️"],
    ["a\u0000b\u001b[31m\u007f\u0085c", "a\\u0000b\\u001b[31m\\u007f c"],
    ["a\u202eb\u2066c\u200ed\u061c", "a\\u202eb\\u2066c\\u200ed\\u061c"],
    ["tag\u{e0041}\u3164\ufeffend", "tag\\u{e0041}\\u3164\\ufeffend"],
    [" one\r\n\t two\u2028three ", "one  two three"],
    ["lone \ud83d half", "lone \ufffd half"],
  ])("shows %j", (text, shown) => {
    expect(showText(text, 100)).toBe(shown);
  });

  it("bounds the text after codes were shown, too", () => {
    expect(showText("\u0000".repeat(50), 20)).toHaveLength(20);
  });
});

describe("cutText", () => {
  it("never cuts a surrogate pair", () => {
    for (let limit = 1; limit < 8; limit++) {
      const cut = cutText("a😀b😀c", limit);
      expect(cut.length).toBeLessThanOrEqual(limit);
      expect(cut.isWellFormed()).toBe(true);
      expect(cut).not.toContain("\ufffd");
    }
    expect(cutText("a😀b😀c", 3)).toBe("a…");
    expect(cutText("a😀b😀c", 7)).toBe("a😀b😀c");
  });
});
