import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBeforeEnding, fitText } from "../../../lambda/destinations/fit-text.ts";

const entity = (character: string): string => ({ "&": "&amp;", "<": "&lt;" })[character] ?? character;

describe("fitText", () => {
  it.each([
    ["what fits stays", 15, "what fits stays"],
    ["what does not, is cut at a word", 20, "what does not, is…"],
    ["onewordthatislong", 10, "onewordth…"],
    ["a " + "x".repeat(60), 50, `a ${"x".repeat(47)}…`],
    ["R&D", 7, "R&amp;D"],
    ["R&D!", 6, "R…"],
    ["<<<<", 9, "&lt;&lt;…"],
    ["😀😀😀", 5, "😀😀…"],
    ["\ud800", 5, "\ufffd"],
    ["", 5, ""],
    ["abc", 1, "…"],
  ])("makes of %j within %i: %j", (text, limit, fitted) => {
    expect(fitText(text, limit, entity)).toBe(fitted);
  });

  it("keeps an ending", () => {
    expect(fitBeforeEnding("Root account used (96 times)", " (96 times)", 20)).toBe("Root… (96 times)");
    expect(fitBeforeEnding("Root account used (96 times)", " (96 times)", 28)).toBe(
      "Root account used (96 times)",
    );
  });

  it("never passes its limit, cuts no escape in two, and says when it cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 40 }), (text, limit) => {
        const fitted = fitText(text, limit, entity);
        const whole = text.toWellFormed().replace(/[&<]/g, (character) => entity(character));
        expect(fitted.length).toBeLessThanOrEqual(limit);
        expect(fitted.isWellFormed()).toBe(true);
        const isCut = fitted.endsWith("…") && whole.startsWith(fitted.slice(0, -1));
        expect(whole.length <= limit ? fitted === whole : isCut).toBe(true);
        expect(fitted.replace(/&(?:amp|lt);/g, "")).not.toMatch(/[&<]/);
      }),
    );
  });
});
