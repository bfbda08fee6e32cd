import { describe, expect, it } from "vitest";
import { toItems } from "../../../lib/replay/records.ts";
import {
  createSpan,
  formatRate,
  formatSpan,
  notingTimes,
  perDay,
  rateCaution,
  type TimeSpan,
} from "../../../lib/replay/time-span.ts";
import { sampleRecord } from "./sample-record.ts";

function spanOf(...times: unknown[]): { span: TimeSpan | null; without: number } {
  const span = createSpan();
  for (const time of times) span.note(time);
  return { span: span.report(), without: span.withoutTime() };
}

describe("the time that records go over", () => {
  it("reaches from the earliest to the latest, in whatever order they come, and counts days that have one", () => {
    const { span } = spanOf("2026-11-04T12:00:00Z", "2026-11-02T00:00:00Z", "2026-11-02T01:00:00Z");
    expect(span).toEqual({
      from: "2026-11-02T00:00:00.000Z",
      to: "2026-11-04T12:00:00.000Z",
      days: 2.5,
      daysWithRecords: 2,
    });
  });

  it("counts records whose time cannot be read, each of them, and is not misled by them", () => {
    const { span, without } = spanOf(undefined, undefined, "soon", {}, "2026-11-02T00:00:00Z", null, "soon");
    expect(without).toBe(6);
    expect(span).toMatchObject({ from: "2026-11-02T00:00:00.000Z", days: 0 });
    expect(spanOf("soon").span).toBeNull();
  });

  it("holds far-off times that a hostile record may have", () => {
    const { span } = spanOf(8.64e15, "2026-11-02T00:00:00Z", "0001-01-01T00:00:00Z");
    expect(span).toMatchObject({ from: "0001-01-01T00:00:00.000Z", to: "+275760-09-13T00:00:00.000Z" });
    expect(span?.daysWithRecords).toBe(3);
  });

  it("is noted while batches pass through unchanged", async () => {
    const value = sampleRecord(1);
    const batch = toItems(
      [
        { ok: true, value, line: 1, column: 1 },
        { ok: false, reason: "bad", line: 2, column: 1 },
      ],
      "f",
    );
    const span = createSpan();
    const passed = [];
    async function* batches() {
      yield await Promise.resolve(batch);
    }
    for await (const one of notingTimes(batches(), span)) passed.push(one);
    expect(passed).toEqual([batch]);
    expect(span.report()?.from).toBe("2026-11-02T09:00:00.000Z");
  });
});

const span = (days: number, daysWithRecords = 1): TimeSpan => ({
  from: "A",
  to: "B",
  days,
  daysWithRecords,
});

describe("rates", () => {
  it("are a day's, also scaled up, but not from less than ten minutes", () => {
    expect(perDay(60, span(30))).toBe(2);
    expect(perDay(3, span(1 / 24))).toBeCloseTo(72, 3);
    expect([perDay(3, span(0.001)), perDay(3, null)]).toEqual([null, null]);
  });

  it("are written as people read them", () => {
    expect([1920.4, 20, 9.14, 3, 0.12, 0.04, 0, null].map(formatRate)).toEqual([
      "1,920",
      "20",
      "9.1",
      "3",
      "0.1",
      "< 0.1",
      "0",
      "-",
    ]);
  });

  it("come with a caution when less than a day stands behind them, or nothing", () => {
    expect(rateCaution(span(0.5))).toMatch(/scaled up from less than a day/);
    expect(rateCaution(span(0.001))).toMatch(/less than ten minutes/);
    expect(rateCaution(null)).toMatch(/less than ten minutes/);
    expect(rateCaution(span(1))).toBeUndefined();
  });

  it("say how long the records go over, and on how few days there are any", () => {
    expect(formatSpan(span(0.0001))).toBe("over less than a minute (A to B)");
    expect(formatSpan(span(45 / 1440))).toBe("over 45 minutes (A to B)");
    expect(formatSpan(span(0.66))).toBe("over 16 hours (A to B)");
    expect(formatSpan(span(30, 30))).toBe("over 30 days (A to B)");
    expect(formatSpan(span(1228, 2))).toBe("over 1,228 days (A to B), with records on 2 days of them");
    expect(formatSpan(null)).toBe("without a time that can be read");
  });
});
