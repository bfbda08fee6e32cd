import { describe, expect, it } from "vitest";
import type { Problem } from "../../../lambda/loader/problem.ts";
import {
  compareProblems,
  formatPath,
  formatProblem,
  printable,
  quote,
  splitAdvice,
} from "../../../lambda/loader/problem.ts";

const problem = {
  file: "rules/ec2.amazonaws.com/x.yaml",
  line: 7,
  column: 5,
  severity: "error",
  field: "conditions.all[0].operator",
  message: '"equals" is no operator.',
  cure: 'Did you mean "equal"?',
} as const;

/** The same problem in another place. */
function problemAt(file: string, line: number, column: number): Problem {
  return { ...problem, file, line, column };
}

describe("formatProblem", () => {
  it("gives place, field, what is wrong and the cure on one line", () => {
    expect(formatProblem(problem)).toBe(
      'rules/ec2.amazonaws.com/x.yaml:7:5 conditions.all[0].operator: "equals" is no operator. Did you mean "equal"?',
    );
  });

  it("marks a warning and leaves out a field that is not meant", () => {
    const { field: _, ...whole } = problem;
    expect(formatProblem({ ...whole, severity: "warning" })).toContain('x.yaml:7:5 warning: "equals"');
  });

  it("shows what a terminal would act on, wherever it stands", () => {
    const line = formatProblem({
      ...problem,
      file: "a\nb.yaml",
      field: "x\u001b[2J",
      message: "\u202egnorw",
      cure: "\u{e0041}\ud800",
    });
    expect(line).toBe("a\\u000ab.yaml:7:5 x\\u001b[2J: \\u202egnorw \\ue0041\\ud800");
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  });

  it("cuts a sentence that would fill the screen", () => {
    expect(formatProblem({ ...problem, message: "x".repeat(100_000) }).length).toBeLessThan(1_000);
  });
});

describe("quote", () => {
  it("writes a value as JSON, cut where it gets long", () => {
    expect(quote("a")).toBe('"a"');
    expect(quote(undefined)).toBe("undefined");
    expect(quote({ a: [1] })).toBe('{"a":[1]}');
    expect(quote("x".repeat(500))).toHaveLength(81);
  });
});

describe("printable", () => {
  it("leaves letters of any language alone", () => {
    expect(printable("Grüße, 世界 🙂")).toBe("Grüße, 世界 🙂");
  });
});

describe("formatPath", () => {
  it("writes keys with dots and indices with brackets", () => {
    expect(formatPath(["conditions", "all", 0, "not", "fact"])).toBe("conditions.all[0].not.fact");
    expect(formatPath([])).toBe("");
  });
});

describe("splitAdvice", () => {
  it("makes two sentences of what is wrong: the cure", () => {
    expect(splitAdvice('"a." ends with a dot: take it out.', "?")).toEqual({
      message: '"a." ends with a dot.',
      cure: "Take it out.",
    });
    expect(splitAdvice("too long", "Shorten it.")).toEqual({ message: "Too long.", cure: "Shorten it." });
  });
});

describe("compareProblems", () => {
  it("orders by file, line and column", () => {
    const places: [string, number, number][] = [
      ["b", 1, 1],
      ["a", 2, 1],
      ["a", 1, 9],
      ["a", 1, 2],
    ];
    const sorted = places
      .map(([file, line, column]) => problemAt(file, line, column))
      .toSorted(compareProblems);
    expect(sorted.map(({ file, line, column }) => `${file}${line}${column}`)).toEqual([
      "a12",
      "a19",
      "a21",
      "b11",
    ]);
  });
});
