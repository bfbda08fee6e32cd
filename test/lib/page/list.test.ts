import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  filterRows,
  filtersSet,
  NO_FILTER,
  readRoute,
  type Route,
  wordsOf,
  writeRoute,
} from "../../../lib/page/app/filters.ts";
import { actionOf } from "../../../lib/page/app/keys.ts";
import { keepPlace, scrollTo, windowOf } from "../../../lib/page/app/list-window.ts";
import { foldAlerts } from "../../../lib/page/app/picture-bars.ts";
import { makeActivity } from "../../../lib/page/activity.ts";
import { manyAlerts, rowFor } from "./stage.ts";

describe("the address of a view", () => {
  const text = fc.string({ maxLength: 60, unit: "binary" });
  const route: fc.Arbitrary<Route> = fc.record({
    view: fc.constantFrom("list", "why", "activity"),
    id: fc.constant(""),
    tab: fc.constant(""),
    filter: fc.record({
      text,
      severities: fc.subarray(["critical", "high", "medium", "low", "info"]),
      status: text,
      disposition: text,
      rule: text,
      actor: text,
      channel: text,
      account: text,
    }),
  });

  it("is read as it was written, whatever the filters hold", () => {
    // Half of a surrogate pair is no text that an address can hold.
    fc.assert(
      fc.property(route, (one) => {
        fc.pre(
          JSON.stringify(one) === JSON.stringify(one).toWellFormed() && !JSON.stringify(one).includes("\\ud"),
        );
        expect(readRoute(writeRoute(one))).toEqual(one);
      }),
    );
  });

  it("of anything else is a list, and never throws", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (hash) => {
        expect(["list", "case", "why", "activity"]).toContain(readRoute(hash).view);
      }),
    );
    expect(readRoute("#/case/../../x")).toMatchObject({ view: "list", filter: NO_FILTER });
    expect(readRoute("#/case/0123456789abcdef0123456789abcdef/<b>?severity=high,x")).toMatchObject({
      view: "case",
      tab: "",
      filter: { severities: ["high"] },
    });
  });
});

describe("filtering", () => {
  const rows = manyAlerts(30)
    .map(rowFor)
    .map((row) => ({ row, words: wordsOf(row) }));

  it("wants every word of the search, in any order and case", () => {
    const found = filterRows(rows, { ...NO_FILTER, text: "DAVE group  210987654321" });
    expect(found.length).toBeGreaterThan(0);
    for (const { actor, accountId } of found)
      expect([actor.name, accountId]).toEqual(["dave@example.com", "210987654321"]);
  });

  it("shows who was told unless asked for more, and counts the filters that are set", () => {
    const [first, ...others] = rows;
    const kept =
      first === undefined ? [] : [{ ...first, row: { ...first.row, disposition: "suppressed" as const } }];
    const all = [...kept, ...others];
    expect(filterRows(all, NO_FILTER)).toHaveLength(29);
    expect(filterRows(all, { ...NO_FILTER, disposition: "all" })).toHaveLength(30);
    expect(filterRows(all, { ...NO_FILTER, disposition: "suppressed" })).toHaveLength(1);
    expect([filtersSet(NO_FILTER), filtersSet({ ...NO_FILTER, text: "x", severities: ["high"] })]).toEqual([
      0, 2,
    ]);
  });
});

describe("the window of a long list", () => {
  const sight = fc.record({
    count: fc.nat(20_000),
    height: fc.integer({ min: 20, max: 100 }),
    top: fc.nat(2_000_000),
    room: fc.nat(3000),
  });

  it("has every row in sight and few others", () => {
    fc.assert(
      fc.property(sight, (one) => {
        const { from, to } = windowOf(one);
        const first = Math.floor(one.top / one.height);
        const last = Math.min(one.count, Math.ceil((one.top + one.room) / one.height));
        expect(first >= one.count || (from <= first && to >= last)).toBe(true);
        expect(from >= 0 && to >= from && to <= one.count).toBe(true);
        expect(to - from).toBeLessThanOrEqual(Math.ceil(one.room / one.height) + 18);
      }),
    );
  });

  it("scrolls as little as is needed to show a row", () => {
    const one = { count: 100, height: 50, top: 500, room: 300 };
    expect([scrollTo(12, one), scrollTo(3, one), scrollTo(30, one)]).toEqual([500, 150, 1250]);
  });

  it("keeps the first row in sight where it is, whatever comes and goes", () => {
    const ids = fc.uniqueArray(fc.nat(500).map(String), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(ids, ids, fc.nat(3000), (before, after, top) => {
        const one = {
          count: before.length,
          height: 50,
          top: Math.min(top, before.length * 50 - 1),
          room: 300,
        };
        const kept = before.slice(Math.floor(one.top / 50)).find((id) => after.includes(id));
        const place = keepPlace(before, after, one);
        expect(kept === undefined ? place === one.top : after[Math.floor(place / 50)] === kept).toBe(true);
      }),
    );
  });
});

describe("keys", () => {
  const none = { ctrlKey: false, metaKey: false, altKey: false, target: null };
  it("do what the help says, but not in fields and not with the browser's own", () => {
    expect(actionOf({ ...none, key: "a" })).toBe("acknowledge");
    expect(actionOf({ ...none, key: "a", ctrlKey: true })).toBeUndefined();
    const field = { localName: "input" } as unknown as EventTarget;
    expect(actionOf({ ...none, key: "a", target: field })).toBeUndefined();
    expect(actionOf({ ...none, key: "constructor" })).toBeUndefined();
  });
});

describe("the picture over time", () => {
  it("counts records by their own time, in as many bars as fit, and loses none", () => {
    const times = fc.array(
      fc.date({ min: new Date("2026-11-01"), max: new Date("2026-11-07"), noInvalidDate: true }),
      { minLength: 1, maxLength: 80 },
    );
    fc.assert(
      fc.property(times, (all) => {
        const activity = makeActivity();
        for (const [index, time] of all.entries()) activity.seen(time.toISOString(), index % 3 === 0);
        const { buckets, minutes, seen } = activity.picture();
        expect(buckets.length).toBeLessThanOrEqual(72);
        expect([seen, buckets.reduce((sum, one) => sum + one.seen, 0)]).toEqual([all.length, all.length]);
        const bars = foldAlerts(
          all.map((time) => ({ startTime: time.toISOString(), severity: "high" })),
          buckets,
          minutes,
        );
        expect(bars.length).toBeLessThanOrEqual(72);
        expect(bars.reduce((sum, one) => sum + one.alerts, 0)).toBe(all.length);
        expect(bars.reduce((sum, one) => sum + one.seen, 0)).toBe(all.length);
      }),
    );
  });

  it("counts deliveries by destination, with retries and what was given up", () => {
    const activity = makeActivity(() => 0);
    const news = { destination: "slack", ruleId: "r", alertId: "a", reason: "503", attempts: 1 };
    activity.delivery({ ...news, kind: "failed" });
    activity.delivery({ ...news, kind: "delivered", attempts: 2 });
    activity.delivery({ ...news, kind: "dead" });
    activity.seen("no time", false);
    expect(activity.picture()).toMatchObject({
      deliveries: [{ destination: "slack", delivered: 1, afterRetry: 1, failedAttempts: 1, dead: 1 }],
      recent: [{ kind: "dead" }, { kind: "delivered" }, { kind: "failed" }],
      seen: 1,
    });
  });
});
