import { describe, expect, it } from "vitest";
import { leafLines } from "../../../lambda/destinations/leaf-lines.ts";

const LONG = "x".repeat(60);
const RECORD = { groupId: "sg-0a1b", ports: [22, null], note: LONG };
const ALL = ["groupId: sg-0a1b", "ports.0: 22", "ports.1: null", `note: ${LONG}`];
const SIZE = ALL.join("\n").length + 1;

describe("leafLines", () => {
  it("shows every leaf where there is room", () => {
    expect(leafLines(RECORD, { total: SIZE, lines: 4 })).toEqual(ALL);
  });

  it("shows fewer whole lines and counts the others where there is one character too little, or one line", () => {
    const left = "… 1 more, which the record in CloudTrail has";
    expect(leafLines(RECORD, { total: SIZE + 50, lines: 3 })).toEqual([...ALL.slice(0, 3), left]);
    expect(leafLines(RECORD, { total: SIZE - 1, lines: 9 })).toEqual([...ALL.slice(0, 3), left]);
    const few = leafLines(RECORD, { total: SIZE - 25, lines: 9 });
    expect(few).toEqual([...ALL.slice(0, 2), left.replace("1", "2")]);
  });

  it("shows nothing rather than a count alone", () => {
    expect(leafLines(RECORD, { total: 30, lines: 9 })).toEqual([]);
    expect(leafLines(RECORD, { total: 1000, lines: 0 })).toEqual([]);
  });

  it("cuts a long value, escapes, and hides nothing", () => {
    const [line] = leafLines(
      { "<k>": `\u202e${"x ".repeat(500)}` },
      { total: 1000, lines: 9 },
      (character) => (character === "<" ? "&lt;" : character),
    );
    expect(line).toMatch(/^&lt;k>: \\u202ex .* x…$/);
    expect(line?.length).toBeLessThanOrEqual(400);
  });

  it("counts as the medium does", () => {
    expect(leafLines(RECORD, { total: 4, lines: 9, cost: () => 1 })).toEqual(ALL);
    expect(leafLines(RECORD, { total: 3, lines: 9, cost: () => 1 })).toHaveLength(3);
  });
});
