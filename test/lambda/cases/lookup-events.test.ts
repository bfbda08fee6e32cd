import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  type AskPage,
  type HistoryPage,
  KEPT_MS,
  makeLookup,
  MAX_PAGES,
} from "../../../lambda/cases/lookup-events.ts";
import { askHistory } from "../../../lambda/cases/past.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { ACCOUNT, DAY, type Done, MINUTE, NOW, recordOf } from "./history.ts";

const QUERY = { attribute: "Username", value: "alice" } as const;
const done: Done = {
  by: "alice",
  at: NOW - DAY,
  call: "DeleteVpc",
  ip: "192.0.2.1",
  how: "cli",
  region: "eu-west-1",
  mfa: "yes",
};
const text = (id: number): string => JSON.stringify(recordOf({ ...done, at: done.at - id * MINUTE }, id));

/** A lookup over a table in memory, whose pages come from `answer`. */
function stage(answer: (call: number, from: number) => HistoryPage | Error, requestsPerMinute = 60) {
  const memory = makeMemoryTable();
  const calls: {
    readonly region: string;
    readonly from: number;
    readonly to: number;
    readonly next?: string;
    readonly at: number;
  }[] = [];
  let time = NOW;
  const clock = { now: () => time, sleep: async (milliseconds: number) => void (time += milliseconds) };
  const askPage: AskPage = async (_, region, span) => {
    calls.push({ region, ...span, at: time });
    const page = answer(calls.length, span.from);
    if (page instanceof Error) throw page;
    return page;
  };
  const open = () => makeLookup({ table: asTable(memory), clock, askPage, requestsPerMinute });
  const lookup = open();
  const ask = (from = NOW - 60 * DAY, region = "eu-west-1", one = lookup) =>
    one(QUERY, region, from, NOW + DAY);
  return { memory, calls, ask, open, pass: (milliseconds: number) => void (time += milliseconds) };
}

describe("asking CloudTrail's history", () => {
  it("reads all pages, one after the other, and is complete then", async () => {
    const { ask, calls } = stage((call) =>
      call < 3 ? { records: [text(call)], next: `p${call}` } : { records: [text(3)] },
    );
    const found = await ask();
    expect(found).toMatchObject({ complete: true, askedAt: NOW, from: NOW - 60 * DAY });
    expect(found.deeds.map(({ eventID }) => eventID?.slice(-1))).toEqual(["1", "2", "3"]);
    expect(calls.map(({ next }) => next)).toEqual([undefined, "p1", "p2"]);
  });

  it("is not complete when there is more than it reads", async () => {
    const { ask, calls } = stage((call) => ({ records: [text(call)], next: "more" }));
    expect(await ask()).toMatchObject({
      complete: false,
      why: expect.stringContaining("more than the 250 latest") as string,
    });
    expect(calls).toHaveLength(MAX_PAGES);
  });

  it("keeps an answer for a quarter of an hour, for all invocations, and of each question its own", async () => {
    const { ask, calls, pass, open } = stage(() => ({ records: [text(1)] }));
    const first = await ask();
    pass(KEPT_MS - 1);
    expect(await ask(NOW - 60 * DAY + MINUTE, "eu-west-1", open())).toEqual(first);
    expect(calls).toHaveLength(1);
    await ask(NOW - 60 * DAY, "us-east-1");
    expect(calls).toHaveLength(2);
    pass(1);
    expect(await ask()).toMatchObject({ complete: true, askedAt: NOW + KEPT_MS });
    expect(calls).toHaveLength(3);
  });

  it("asks again when what it kept does not go back as far", async () => {
    const { ask, calls } = stage(() => ({ records: [] }));
    await ask(NOW - 30 * DAY);
    expect(await ask()).toMatchObject({ complete: true, from: NOW - 60 * DAY });
    expect(calls).toHaveLength(2);
  });

  it("makes no more requests in a minute than its budget, whoever asks, and more in the next", async () => {
    const { ask, calls, open, pass } = stage((call) => ({ records: [text(call)], next: "more" }), 3);
    expect(await ask()).toMatchObject({
      complete: false,
      why: expect.stringContaining("budget of 3 requests a minute") as string,
    });
    expect(await ask(NOW - 60 * DAY, "eu-west-1", open())).toMatchObject({ complete: false });
    expect(calls).toHaveLength(3);
    await ask(NOW - 60 * DAY, "us-east-1");
    expect(calls).toHaveLength(6);
    pass(2 * MINUTE);
    await ask();
    expect(calls).toHaveLength(9);
  });

  it("asks a Region once a second, whatever is asked and whoever asks: the quota is everybody's", async () => {
    const { calls, open } = stage((call) => ({
      records: [text(call)],
      ...(call % 2 === 0 ? {} : { next: "p" }),
    }));
    const sandboxes = [open(), open()];
    for (const [nth, value] of ["alice", "bob", "carol", "dave"].entries())
      await sandboxes[nth % 2]?.({ attribute: "Username", value }, "eu-west-1", NOW - DAY, NOW + DAY);
    await sandboxes[0]?.({ attribute: "Username", value: "eve" }, "us-east-1", NOW - DAY, NOW + DAY);
    const seconds = calls.map(({ at, region }) => `${region} ${Math.floor(at / 1000)}`);
    expect(seconds.length).toBeGreaterThanOrEqual(6);
    expect(new Set(seconds).size).toBe(seconds.length);
  });

  it("is not complete where no second is free until its time is up", async () => {
    const { open, memory, calls } = stage(() => ({ records: [] }));
    for (let second = 0; second < 20; second++)
      memory.put({ pk: "LOOKUPS#eu-west-1", sk: `SECOND#${NOW / 1000 + second}` }, undefined);
    expect(await open()(QUERY, "eu-west-1", NOW - DAY, NOW + 5_000)).toMatchObject({
      complete: false,
      why: expect.stringContaining("no time") as string,
    });
    expect(calls).toEqual([]);
  });

  it("gives what it has when it is throttled, says so without what was asked, and asks again next time", async () => {
    const throttled = Object.assign(new Error("Rate exceeded for alice"), { name: "ThrottlingException" });
    const { ask, calls } = stage((call) => (call % 2 === 1 ? { records: [text(1)], next: "p" } : throttled));
    const found = await ask();
    expect(found).toMatchObject({
      complete: false,
      why: "CloudTrail's history did not answer (ThrottlingException)",
    });
    expect(found.deeds).toHaveLength(1);
    await ask();
    expect(calls).toHaveLength(4);
  });

  it.each([
    [undefined],
    ["{"],
    ["[]"],
    ['{"eventName":"X"}'],
    ['{"eventName":"X","eventSource":"y","eventTime":"soon"}'],
  ])("is not complete with the record %s in it, and keeps the good ones", async (bad) => {
    const found = await stage(() => ({ records: [text(1), bad] })).ask();
    expect(found).toMatchObject({ complete: false, why: expect.stringContaining("1 records") as string });
    expect(found.deeds).toHaveLength(1);
  });

  it("asks for 90 days at most, which is all there is, and says how far that went", async () => {
    const { ask, calls } = stage(() => ({ records: [] }));
    expect(await ask(NOW - 100 * DAY)).toMatchObject({ complete: true, from: calls[0]?.from });
    expect(calls[0]?.from).toBeGreaterThan(NOW - 90 * DAY);
  });

  it("asks no host that a record made up", async () => {
    const { ask, calls } = stage(() => ({ records: [] }));
    expect(await ask(NOW - DAY, "evil.example/")).toMatchObject({ complete: false });
    expect(calls).toEqual([]);
  });

  it("never rejects, and keeps nothing of records but what is compared", async () => {
    const broken = makeLookup({
      table: asTable(makeMemoryTable(), async () => Promise.reject(new Error("down"))),
      clock: { now: () => NOW, sleep: async () => undefined },
      askPage: async () => ({ records: [] }),
      requestsPerMinute: 1,
    });
    expect(await broken(QUERY, "eu-west-1", NOW - DAY, NOW + DAY)).toMatchObject({ complete: false });
    const { ask, memory } = stage(() => ({ records: [text(1)] }));
    await ask();
    const kept = memory
      .items()
      .flatMap(({ document }) => (document instanceof Uint8Array ? [gunzipSync(document).toString()] : []));
    expect(kept).toHaveLength(1);
    expect(kept[0]).not.toContain("ASIAEXAMPLE");
  });
});

const history = (askedAt: number, from = NOW - 60 * DAY) => ({
  lookup: async () => ({ deeds: [], askedAt, from, complete: true }) as const,
  regions: ["eu-west-1"],
  allRegions: true,
  account: ACCOUNT,
  partition: "aws",
});

describe("what an answer covers", () => {
  const span = { at: NOW, account: ACCOUNT, deadline: NOW + DAY };

  it("is everything up to half an hour before, when it was asked a quarter of an hour before at the earliest", async () => {
    expect(await askHistory(history(NOW - 15 * MINUTE), QUERY, span)).toEqual({ deeds: [] });
    expect(await askHistory(history(NOW - 15 * MINUTE - 1), QUERY, span)).toHaveProperty("why");
  });

  it("is not the 60 days when it goes back less", async () => {
    expect(await askHistory(history(NOW, NOW - 59 * DAY), QUERY, span)).toHaveProperty("why");
    expect(await askHistory(history(NOW + 31 * DAY), QUERY, span)).toHaveProperty("why");
  });
});
