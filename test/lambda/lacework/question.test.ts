import * as fc from "fast-check";
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { questionOfBody, readCursor, writeCursor } from "../../../lambda/lacework/question.ts";

const NOW = Date.parse("2026-11-20T12:00:00.000Z");

describe("a search's body", () => {
  it("asks for the last day when it is empty", () => {
    expect(questionOfBody({}, NOW)).toEqual({ from: NOW - 86_400_000, to: NOW });
  });
  it.each(["timeFilter", "timeFilters"])("may say %s", (name) => {
    const body = { [name]: { startTime: "2026-11-20T10:00:00+0000", endTime: "2026-11-20T11:00:00.5Z" } };
    expect(questionOfBody(body, NOW)).toEqual({
      from: Date.parse("2026-11-20T10:00:00Z"),
      to: Date.parse("2026-11-20T11:00:00.500Z"),
    });
  });
  it.each([
    [[], "The body is a JSON object"],
    ["x", "The body is a JSON object"],
    [{ timeFilter: [] }, "timeFilter is an object"],
    [{ returns: "alertId" }, "returns is a list of fields"],
    [{ returns: ["alertId", "colour"] }, 'returns: "colour" is unknown. Fields: alertId, alertName,'],
    [{ filters: {} }, "filters is a list"],
  ])("refuses %j", (body, message) => {
    expect(() => questionOfBody(body, NOW)).toThrow(message);
  });
  it("refuses filters for which no next page has room in an address", () => {
    const values = Array.from(
      { length: 1_000 },
      (_, n) => `${n}${Math.imul(n, 2_654_435_761)}xyz${n * 7919}`,
    );
    const filters = [1, 2, 3, 4].map(() => ({ field: "policyId", expression: "in", values }));
    expect(() => questionOfBody({ filters: filters.slice(0, 1) }, NOW)).toThrow("The filters are too long");
  });
});

describe("a cursor", () => {
  const cursors = fc.record({
    question: fc.record(
      {
        from: fc.integer({ min: 0 }),
        to: fc.integer({ min: 0 }),
        filters: fc.constantFrom([{ field: "alertName", expression: "like", value: "🚨%" }]),
        returns: fc.constantFrom(["alertId"], ["alertId", "status"]),
      },
      { requiredKeys: ["from", "to"] },
    ),
    top: fc.nat(),
    before: fc.nat(),
    seen: fc.nat(),
    total: fc.nat(),
  });

  it("carries the whole question, in characters of an address, and is no number", () => {
    fc.assert(
      fc.property(cursors, (cursor) => {
        const text = writeCursor(cursor);
        expect(text).toMatch(/^p_[\w-]+$/);
        expect(readCursor(text)).toEqual(cursor);
      }),
    );
  });

  it("is refused when it is anything else", () => {
    const bomb = `p_${deflateRawSync("[".repeat(10_000_000)).toString("base64url").slice(0, 5_900)}`;
    for (const text of [undefined, "", "12", "p_", "p_AAAA", "x".repeat(7_000), bomb, "p___proto__"])
      expect(() => readCursor(text)).toThrow("The cursor is not one of ours");
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const json = JSON.stringify(value) ?? "null";
        expect(() => readCursor(`p_${deflateRawSync(json).toString("base64url")}`)).toThrow(
          "The cursor is not one of ours",
        );
      }),
    );
  });
});
