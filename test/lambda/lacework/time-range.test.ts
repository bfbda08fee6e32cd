import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRange, readTime } from "../../../lambda/lacework/time-range.ts";

const NOW = Date.parse("2026-11-20T12:00:00.000Z");
const DAY = 86_400_000;
const iso = (time: number): string => new Date(time).toISOString();

describe("reading a time", () => {
  it.each([
    ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z", "Sekoia"],
    ["2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05.000Z", "Go, listing"],
    ["2026-01-02T03:04:05.1Z", "2026-01-02T03:04:05.100Z", "one digit of fraction"],
    ["2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123Z", "Go, searching"],
    ["2026-01-02T03:04:05.123456+02:00", "2026-01-02T01:04:05.123Z", "an offset"],
    ["2026-01-02T03:04:05-07:30", "2026-01-02T10:34:05.000Z", "an offset to the west"],
    ["2026-01-02T03:04:05+0000", "2026-01-02T03:04:05.000Z", "Python"],
    ["2026-01-02T03:04:05 0000", "2026-01-02T03:04:05.000Z", "Python's plus, decoded as a space"],
    ["2026-01-02T03:04:05UTC", "2026-01-02T03:04:05.000Z", "Python's %Z"],
    ["2026-01-02T03:04:05", "2026-01-02T03:04:05.000Z", "no offset"],
    ["2026-01-02 03:04:05Z", "2026-01-02T03:04:05.000Z", "a space between date and time"],
  ])("%s is %s (%s)", (text, expected) => {
    expect(iso(readTime(text) ?? Number.NaN)).toBe(expected);
  });

  it.each([
    "",
    "yesterday",
    "2026",
    "2026-01-02",
    "1767322645",
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-01-02T24:00:00Z",
    "2026-01-02T03:60:00Z",
    "2026-01-02T03:04:05.1234567890Z",
    "2026-01-02T03:04:05+99:00",
    "2026-01-02T03:04:05Z; DROP",
    "+002026-01-02T03:04:05Z",
  ])("%j is none", (text) => {
    expect(readTime(text)).toBeUndefined();
  });

  it("reads any moment back, in whatever offset it is written", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: Date.parse("9999-01-01T00:00:00Z") }),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        (at, offset) => {
          const local = iso(Math.max(0, at) + offset * 60_000).slice(0, -1);
          const size = Math.abs(offset);
          const zone = `${offset < 0 ? "-" : "+"}${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
          expect(readTime(`${local}${zone}`)).toBe(at);
        },
      ),
    );
  });
});

describe("the range", () => {
  it("is the last day unless something is said", () => {
    expect(readRange(undefined, undefined, NOW)).toEqual({ from: NOW - DAY, to: NOW });
    expect(readRange("", null, NOW)).toEqual({ from: NOW - DAY, to: NOW });
  });
  it("is the day before an end that is given alone, and until now from a start that is given alone", () => {
    expect(readRange(undefined, iso(NOW - DAY), NOW)).toEqual({ from: NOW - 2 * DAY, to: NOW - DAY });
    expect(readRange(iso(NOW - DAY / 2), undefined, NOW)).toEqual({ from: NOW - DAY / 2, to: NOW });
  });
  it("is shortened to its last seven days", () => {
    expect(readRange(iso(NOW - 30 * DAY), undefined, NOW)).toEqual({ from: NOW - 7 * DAY, to: NOW });
    expect(readRange(iso(NOW - 30 * DAY), iso(NOW - 20 * DAY), NOW)).toEqual({
      from: NOW - 27 * DAY,
      to: NOW - 20 * DAY,
    });
  });
  it("keeps the seven days that Sekoia computed before it asked", () => {
    const asked = NOW - 7 * DAY - 5_400;
    expect(readRange(iso(asked), undefined, NOW).from).toBe(asked);
  });
  it("is empty, and no error, when the asker's clock is ahead", () => {
    expect(readRange(iso(NOW + 60_000), undefined, NOW)).toEqual({ from: NOW + 60_000, to: NOW });
  });
  it.each([
    ["yesterday", undefined, 'startTime: write a time such as 2026-11-20T10:00:00Z, not "yesterday".'],
    [undefined, 12, 'endTime: write a time such as 2026-11-20T10:00:00Z, not "12".'],
    ["2026-11-20T10:00:00Z", "2026-11-20T09:00:00Z", 'startTime "2026-11-20T10:00:00Z" is after endTime'],
  ])("refuses %j to %j and says what is right", (start, end, message) => {
    expect(() => readRange(start, end, NOW)).toThrow(message);
  });
});
