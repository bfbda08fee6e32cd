import { describe, expect, it } from "vitest";
import { burstStart } from "../../../lambda/dedup/burst.ts";
import { modelTable } from "./model-table.ts";
import type { Point } from "../../../lambda/dedup/burst.ts";
import { alertOf, Death, makeRecord, makeRule, makeWorld, MINUTE, START } from "./world.ts";

const three = makeRule({ threshold: { count: 3, within: "10m", by: ["actor.arn"] } });
const users = makeRule({
  threshold: { count: 3, within: "10m", by: ["sourceIPAddress"], distinct: "userIdentity.userName" },
});
const at = (minutes: number): number => START + minutes * MINUTE;

describe("a threshold", () => {
  it("makes one alert of so many records, with the id of the first and all of them in it", async () => {
    const world = makeWorld(modelTable());
    const kinds: string[] = [];
    for (const [index, time] of [at(0), at(3), at(6), at(7), at(8)].entries()) {
      kinds.push((await world.process(three, makeRecord(`r${index}`, time, { bucket: `b${index}` }))).kind);
    }
    expect(kinds).toEqual(["counting", "counting", "first", "repeat", "repeat"]);
    const [alert] = world.alerts.values();
    expect(alert).toMatchObject({
      id: alertOf(three, makeRecord("r0", at(0))).id,
      count: 3,
      startTime: new Date(at(0)).toISOString(),
      endTime: new Date(at(6)).toISOString(),
      disposition: "delivered",
    });
    expect(alert?.resources.map(({ arn }) => arn).toSorted()).toEqual(
      [0, 1, 2].map((b) => `arn:aws:s3:::b${b}`),
    );
    expect(alert?.summary).toBe(
      "Object deleted: 3 times by alice between 16:00 and 16:06 UTC on 2026-11-20. The last: alice deleted from b2",
    );
    await world.advanceTo(at(60));
    expect([...world.summaries.values()]).toMatchObject([{ id: alert?.id, count: 5 }]);
  });

  it("slides: what is within the time of each other counts, wherever it begins", async () => {
    const world = makeWorld(modelTable());
    const kinds: string[] = [];
    for (const [index, time] of [at(0), at(9), at(10), at(18.9)].entries()) {
      kinds.push((await world.process(three, makeRecord(`r${index}`, time))).kind);
    }
    expect(kinds).toEqual(["counting", "counting", "counting", "first"]);
    expect([...world.alerts.values()]).toMatchObject([{ startTime: new Date(at(9)).toISOString() }]);
  });

  it("is reached by whichever comes last, in whatever order, and a record that comes again is one", async () => {
    const world = makeWorld(modelTable());
    const [a, b, c] = [makeRecord("a", at(0)), makeRecord("b", at(5)), makeRecord("c", at(9))];
    const kinds: string[] = [];
    for (const record of [c, c, a, c, a, b, b]) kinds.push((await world.process(three, record)).kind);
    expect(kinds).toEqual(["counting", "counting", "counting", "counting", "counting", "first", "first"]);
    expect([...world.alerts.keys()]).toEqual([alertOf(three, a).id]);
    expect((await world.process(three, makeRecord("d", at(-4)))).kind).toBe("repeat");
  });

  it("counts apart what its facts keep apart, and anew when a burst is over", async () => {
    const world = makeWorld(modelTable());
    const kinds: string[] = [];
    for (let index = 0; index < 4; index++) {
      const user = index % 2 === 0 ? "alice" : "bob";
      kinds.push((await world.process(three, makeRecord(`r${index}`, at(index), { user }))).kind);
    }
    expect(kinds).toEqual(["counting", "counting", "counting", "counting"]);
    for (let index = 4; index < 6; index++) await world.process(three, makeRecord(`r${index}`, at(index)));
    expect(world.alerts.size).toBe(1);
    for (let index = 20; index < 23; index++) await world.process(three, makeRecord(`r${index}`, at(index)));
    expect(world.alerts.size).toBe(2);
  });

  it("counts distinct values where it says so, and names them", async () => {
    const world = makeWorld(modelTable());
    const kinds: string[] = [];
    for (const [index, user] of ["alice", "alice", "alice", "bob", "bob", "carol"].entries()) {
      kinds.push((await world.process(users, makeRecord(`r${index}`, at(index), { user }))).kind);
    }
    expect(kinds).toEqual([...Array.from({ length: 5 }, () => "counting"), "first"]);
    const [alert] = world.alerts.values();
    expect(alert?.count).toBe(6);
    expect(alert?.summary).toContain("with 3 different values of userIdentity.userName: alice, bob, carol.");
    const nobody = makeRecord("n", at(40), { userIdentity: { type: "Root" } });
    expect((await world.process(users, nobody)).kind).toBe("counting");
  });

  it("reads a handful of items, however often the same few values come", async () => {
    const table = modelTable();
    let most = 0;
    const query: typeof table.query = async (...given) => {
      const items = await table.query(...given);
      most = Math.max(most, items.length);
      return items;
    };
    const world = makeWorld({ ...table, query });
    for (let index = 0; index < 600; index++) {
      const user = index % 2 === 0 ? "alice" : "bob";
      await world.process(users, makeRecord(`r${index}`, at(index / 60), { user }));
    }
    expect(world.alerts.size).toBe(0);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(10);
  });

  it("loses no burst when the process that reached it dies", async () => {
    for (let call = 0; call < 12; call++) {
      const world = makeWorld(modelTable());
      await world.process(three, makeRecord("a", at(0)));
      await world.process(three, makeRecord("b", at(1)));
      await world
        .process(three, makeRecord("c", at(2)), new Map([[call, "dies after"]]))
        .catch(() => undefined);
      world.now += MINUTE;
      await world.process(three, makeRecord("c", at(2)));
      expect([...world.alerts.keys()]).toEqual([alertOf(three, makeRecord("a", at(0))).id]);
    }
  });

  it("loses no burst either when that process never comes back: the next record makes its alert", async () => {
    const world = makeWorld(modelTable());
    await world.process(three, makeRecord("a", at(0)));
    await world.process(three, makeRecord("b", at(1)));
    // Dies when the window is open and its alert is not recorded.
    const last = world.process(three, makeRecord("c", at(2)), new Map([[5, "dies before"]]));
    await expect(last).rejects.toBeInstanceOf(Death);
    expect(world.alerts.size).toBe(0);
    world.now += MINUTE;
    expect(await world.process(three, makeRecord("d", at(3)))).toMatchObject({
      kind: "first",
      alert: { id: alertOf(three, makeRecord("a", at(0))).id, count: 4 },
    });
  });
});

describe("the start of a burst", () => {
  it.each([
    { times: [0, 5, 9], time: 9, start: 0 },
    { times: [0, 5, 10], time: 10, start: undefined },
    { times: [0, 5, 9], time: 0, start: 0 },
    { times: [1, 2, 3, 12, 13], time: 3, start: -6 },
    { times: [], time: 3, start: undefined },
  ])("of $times with $time in it is $start", ({ times, time, start }) => {
    expect(burstStart(points(...times), time, { count: 3, within: 10 })).toBe(start);
  });

  it("counts a value once", () => {
    const same = [0, 1, 2].map((time) => ({ from: time, to: time, value: "x" }));
    expect(burstStart(same, 2, { count: 2, within: 10 })).toBeUndefined();
  });
});

function points(...times: number[]): Point[] {
  return times.map((time) => ({ from: time, to: time, value: `v${time}` }));
}
