import { describe, expect, it } from "vitest";
import { errorKind } from "../../../lambda/jq/error-kind.ts";
import { createReport } from "../../../lambda/report.ts";

describe("kinds of jq errors", () => {
  it.each([
    [
      'object ({"userName":"ada)b"}) cannot be matched, as it is not a string',
      "object (…) cannot be matched, as it is not a string",
    ],
    ['Cannot index string with "secret"', "Cannot index string with …"],
    ["a\u0007b\nc", "a\\u0007b c"],
  ])("hold nothing that is quoted of the record: %j", (message, kind) => {
    expect(errorKind(message)).toBe(kind);
  });

  it("are each counted, and shown once a rule and kind", () => {
    const lines: Record<string, unknown>[] = [];
    const report = createReport(
      (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
      () => 0,
    );
    report.jqFailed("a", "null (null) cannot be matched", "1");
    report.jqFailed("a", 'null ({"x":1}) cannot be matched', "2");
    report.jqFailed("b", "null (null) cannot be matched", "3");
    expect(lines.map(({ ruleId, eventID }) => [ruleId, eventID])).toEqual([
      ["a", "1"],
      ["b", "3"],
    ]);
    lines.length = 0;
    report.flush();
    expect(lines[0]).toMatchObject({ JqErrors: 3 });
  });
});
