import { describe, expect, it } from "vitest";
import { lineDiff } from "../../../lib/import/line-diff.ts";
import { mergeDestinations } from "../../../lib/import/merge-config.ts";
import type { DestinationDraft } from "../../../lib/import/model.ts";

const MAIL: DestinationDraft = {
  id: "mail",
  place: { file: "t.toml", line: 1 },
  settings: { type: "ses", from: "a@example.com", to: ["b@example.com"] },
};
const FRESH = { context: { engine: { destinations: { mail: MAIL.settings } } } };

describe("destinations in cdk.json", () => {
  it.each([
    ["{}", FRESH],
    ['{ "app": "x" }', { app: "x", ...FRESH }],
    ['{ "context": { "a:b": true } }', { context: { "a:b": true, ...FRESH.context } }],
    [
      '{ "context": { "engine": { "rules": "r" } } }',
      { context: { engine: { rules: "r", ...FRESH.context.engine } } },
    ],
    [
      '{\n  "context": { "engine": { "destinations": { "x": { "type": "teams" } } } }\n}\n',
      { context: { engine: { destinations: { x: { type: "teams" }, mail: MAIL.settings } } } },
    ],
  ])("are put into %s", (text, expected) => {
    expect(JSON.parse(mergeDestinations(text, [MAIL]).text)).toEqual(expected);
  });

  it("leave every other line as it was", () => {
    const text = '{\n  "a":   [1,2],\n  "context": {\n    "engine": { "routes": [ ] }\n  }\n}\n';
    const removed = lineDiff(text, mergeDestinations(text, [MAIL]).text).filter((line) =>
      line.startsWith("-"),
    );
    expect(removed).toEqual(['-     "engine": { "routes": [ ] }']);
  });

  it("do not replace another destination of the same id, and are not put in twice", () => {
    const { text } = mergeDestinations("{}", [MAIL]);
    expect(mergeDestinations(text, [MAIL])).toEqual({ text, taken: [] });
    const other = { ...MAIL, settings: { type: "teams" } };
    expect(mergeDestinations(text, [other])).toEqual({ text, taken: ["mail"] });
  });

  it.each(["[]", "{", '{ "context": [] }', '{ "context": { "engine": "x" } }'])(
    "are not put into %s",
    (text) => {
      expect(() => mergeDestinations(text, [MAIL])).toThrow(/no JSON|no object/);
    },
  );
});

describe("a diff of lines", () => {
  it("shows what goes and comes, and three lines around it", () => {
    const before = ["1", "2", "3", "4", "5", "6", "7", "8"].join("\n");
    expect(lineDiff(before, before.replace("5", "five"))).toEqual(
      ["  …", "  2", "  3", "  4", "- 5", "+ five", "  6", "  7", "  8"].slice(1),
    );
    expect(lineDiff(before, before)).toEqual([]);
  });
});
