import { describe, expect, it } from "vitest";
import { admit } from "../../../lambda/dedup/admit.ts";
import { UntoldError } from "../../../lambda/dedup/ports.ts";
import type { Rule } from "../../../lambda/engine/rule.ts";
import { modelTable } from "./model-table.ts";
import { alertOf, Death, makeRecord, makeRule, makeWorld, MINUTE, START } from "./world.ts";

const rule = makeRule({});
const hour = makeRule({ dedup: { by: ["actor.arn"], window: "1h" } });

async function runAll(
  by: Rule,
  records: readonly ReturnType<typeof makeRecord>[],
  world = makeWorld(modelTable()),
): Promise<{ world: typeof world; kinds: string[] }> {
  const kinds: string[] = [];
  for (const record of records) kinds.push((await world.process(by, record)).kind);
  return { world, kinds };
}

describe("repeats", () => {
  it("go out once, then raise the count, and after the window alert anew", async () => {
    const { kinds, world } = await runAll(rule, [
      makeRecord("a", START),
      makeRecord("b", START + MINUTE),
      makeRecord("c", START + 10 * MINUTE - 1),
      makeRecord("d", START + 10 * MINUTE),
    ]);
    expect(kinds).toEqual(["first", "repeat", "repeat", "first"]);
    expect(world.alerts.size).toBe(2);
  });

  it("are what has the same rule, account, actor, outcome and resource", async () => {
    const { kinds } = await runAll(rule, [
      makeRecord("a", START),
      makeRecord("b", START, { user: "bob" }),
      makeRecord("c", START, { bucket: "backups" }),
      makeRecord("d", START, { recipientAccountId: "210987654321" }),
      makeRecord("e", START, { errorCode: "AccessDenied" }),
      makeRecord("f", START, { ip: "192.0.2.9" }),
    ]);
    expect(kinds).toEqual(["first", "first", "first", "first", "first", "repeat"]);
  });

  it("are told apart by their parameters where CloudTrail names no resource", async () => {
    const { kinds } = await runAll(rule, [
      makeRecord("a", START, { resources: undefined }),
      makeRecord("b", START, { resources: undefined, bucket: "backups" }),
      makeRecord("c", START, { resources: undefined, requestParameters: null }),
      makeRecord("d", START, { resources: undefined, bucket: "backups" }),
    ]);
    expect(kinds).toEqual(["first", "first", "first", "repeat"]);
  });

  it("are by the rule's own facts where it names some, and never because none of them is there", async () => {
    const by = makeRule({ dedup: { by: ["requestParameters.key"] } });
    const { kinds } = await runAll(by, [
      makeRecord("a", START, { requestParameters: { key: "x" }, user: "alice" }),
      makeRecord("b", START, { requestParameters: { key: "x" }, user: "bob" }),
      makeRecord("c", START, { user: "alice" }),
      makeRecord("d", START, { user: "bob" }),
    ]);
    expect(kinds).toEqual(["first", "repeat", "first", "first"]);
  });

  it("are none where the rule says off", async () => {
    const off = makeRule({ dedup: { window: "off" } });
    const { kinds, world } = await runAll(off, [makeRecord("a", START), makeRecord("b", START)]);
    expect(kinds).toEqual(["first", "first"]);
    expect(world.timers.size).toBe(0);
  });

  it("may be a little older than the first, and not much older", async () => {
    const { kinds } = await runAll(rule, [
      makeRecord("a", START),
      makeRecord("b", START - 15 * MINUTE),
      makeRecord("c", START - 15 * MINUTE - 1),
    ]);
    expect(kinds).toEqual(["first", "repeat", "first"]);
  });

  it("give the same answer however often they come", async () => {
    const world = makeWorld(modelTable());
    const [a, b] = [makeRecord("a", START), makeRecord("b", START + 1)];
    for (const record of [a, b, b, a, b]) await world.process(rule, record);
    expect((await world.process(rule, a)).kind).toBe("first");
    expect(await world.process(rule, b)).toMatchObject({ kind: "repeat", of: alertOf(rule, a).id, count: 2 });
    await world.advanceTo(START + 60 * MINUTE);
    expect([...world.summaries.values()].map(({ count }) => count)).toEqual([2]);
    // Long after the window has closed, too.
    expect((await world.process(rule, b)).kind).toBe("repeat");
    expect((await world.process(rule, a)).kind).toBe("first");
    expect(world.alerts.size).toBe(1);
  });

  it("say that they are repeats, and of what, and are shown at 2, 5, 10, 20, 50 …", async () => {
    const world = makeWorld(modelTable());
    const shown: number[] = [];
    for (let at = 0; at < 60; at++) {
      const admission = await world.process(rule, makeRecord(`r${at}`, START + at * 1000));
      if (admission.kind !== "repeat") continue;
      expect(admission.alert.disposition).toBe("deduplicated");
      if (admission.notify === undefined) continue;
      shown.push(admission.notify.count);
      expect(admission.notify).toMatchObject({
        id: alertOf(rule, makeRecord("r0", START)).id,
        startTime: new Date(START).toISOString(),
        endTime: new Date(START + at * 1000).toISOString(),
      });
    }
    expect(shown).toEqual([2, 5, 10, 20, 50]);
  });

  it("of an alert that nobody ever recorded take its place", async () => {
    const world = makeWorld(modelTable());
    await expect(
      world.process(rule, makeRecord("a", START), new Map([[3, "dies before"]])),
    ).rejects.toBeInstanceOf(Death);
    expect(world.alerts.size).toBe(0);
    // As long as its maker may be at it, it is its alert, and nobody else is told that it is a repeat of that.
    await expect(world.process(rule, makeRecord("b", START))).rejects.toBeInstanceOf(UntoldError);
    expect(world.now - START).toBe(600);
    await world.advanceTo(START + MINUTE);
    expect((await world.process(rule, makeRecord("c", START + 5))).kind).toBe("first");
    expect((await world.process(rule, makeRecord("a", START))).kind).toBe("repeat");
    expect((await world.process(rule, makeRecord("b", START))).kind).toBe("repeat");
    await world.advanceTo(START + 60 * MINUTE);
    expect([...world.summaries.values()]).toMatchObject([
      { count: 3, id: alertOf(rule, makeRecord("c", START)).id },
    ]);
  });

  it("wait a moment for an alert that is about to be recorded", async () => {
    const world = makeWorld(modelTable());
    const [a, b] = [makeRecord("a", START), makeRecord("b", START)];
    let looks = 0;
    const ports = {
      ...world.ports(modelTable()),
      readAlert: async () => (++looks < 3 ? undefined : alertOf(rule, a)),
    };
    await admit(alertOf(rule, a), rule, a, ports, START + 30_000);
    const admission = await admit(alertOf(rule, b), rule, b, ports, START + 30_000);
    expect(admission).toMatchObject({ kind: "repeat", of: alertOf(rule, a).id });
    expect(world.now - START).toBe(300);
  });

  it("wait for no timer: one that cannot be made is asked for again", async () => {
    const world = makeWorld(modelTable());
    world.schedulerFails = true;
    await world.process(rule, makeRecord("a", START));
    const untimed = expect.objectContaining({ message: expect.stringContaining("no timer could be made") });
    // Its invocation shall fail, so that Lambda tries it again.
    expect(await world.process(rule, makeRecord("b", START))).toMatchObject({ kind: "repeat", untimed });
    expect(world.failures).toHaveLength(1);
    expect(world.timers.size).toBe(0);
    world.schedulerFails = false;
    const again = await world.process(rule, makeRecord("b", START));
    expect(again).toMatchObject({ kind: "repeat", count: 2 });
    expect(again).not.toHaveProperty("untimed");
    await world.process(rule, makeRecord("d", START));
    expect([...world.timers.values()].map(({ at }) => at)).toEqual([START + 26 * MINUTE]);
    expect(world.now - START).toBeLessThanOrEqual(2_000);
  });

  it("are left to the caller when the table does not answer", async () => {
    let now = START;
    const ports = {
      ...makeWorld(modelTable()).ports({
        ...modelTable(),
        get: () => Promise.reject(new Error("throttled")),
      }),
      clock: { now: () => now, sleep: async (ms: number) => void (now += ms) },
    };
    const record = makeRecord("a", START);
    await expect(admit(alertOf(rule, record), rule, record, ports, START + 60_000)).rejects.toThrow(
      "throttled",
    );
    expect(now - START).toBeLessThanOrEqual(5_000);
    expect(now - START).toBeGreaterThan(1_000);
  });
});

describe("the summary of a window", () => {
  it("says how often, by whom, from when to when, and what was touched", async () => {
    const records = Array.from({ length: 96 }, (_, at) =>
      makeRecord(`r${at}`, START + at * 37_000, { bucket: `bucket-${at % 3}` }),
    );
    const { world, kinds } = await runAll(hour, records);
    expect(kinds.filter((kind) => kind === "first")).toHaveLength(1);
    await world.advanceTo(START + 90 * MINUTE);
    const [summary] = world.summaries.values();
    expect(summary?.summary).toBe(
      "Object deleted: 96 times by alice between 16:00 and 16:58 UTC on 2026-11-20. The first: alice deleted from bucket-0",
    );
    expect(summary).toMatchObject({
      count: 96,
      startTime: "2026-11-20T16:00:00.000Z",
      endTime: "2026-11-20T16:58:35.000Z",
      disposition: "delivered",
    });
    expect(summary?.resources.map(({ arn }) => arn)).toEqual(
      [0, 1, 2].map((at) => `arn:aws:s3:::bucket-${at}`),
    );
  });

  it("lists a hundred resources and says how many more there are", async () => {
    const records = Array.from({ length: 130 }, (_, at) => makeRecord(`r${at}`, START, { bucket: `b${at}` }));
    const { world } = await runAll(hour, records);
    await world.advanceTo(START + 90 * MINUTE);
    const [summary] = world.summaries.values();
    expect(summary?.resources).toHaveLength(100);
    expect(summary?.notes).toEqual(["Of 130 resources the first 100 are listed, and 30 more are not."]);
  });

  it("is not made for a window of one record", async () => {
    const { world } = await runAll(rule, [makeRecord("a", START)]);
    expect(world.timers.size).toBe(0);
  });

  it("is the same when the close comes twice, and waits when it comes early", async () => {
    const { world } = await runAll(rule, [makeRecord("a", START), makeRecord("b", START + 5)]);
    const [timer] = world.timers.values();
    expect(await world.close(timer?.payload)).toBeUndefined();
    expect(world.timers.size).toBe(2);
    expect((await world.process(rule, makeRecord("c", START + 7))).kind).toBe("repeat");
    await world.advanceTo(START + 30 * MINUTE);
    const once = world.summaries.get(alertOf(rule, makeRecord("a", START)).id);
    expect(once?.count).toBe(3);
    await world.advanceTo(START + 500 * MINUTE);
    expect(await world.close(timer?.payload)).toEqual(once);
  });

  it("is exact although a record died between being there and being counted", async () => {
    const world = makeWorld(modelTable());
    await world.process(rule, makeRecord("a", START));
    await world.process(rule, makeRecord("b", START));
    for (const call of [2, 3, 4]) {
      const dying = world.process(rule, makeRecord(`c${call}`, START), new Map([[call, "dies after"]]));
      await dying.catch(() => undefined);
      await world.process(rule, makeRecord(`c${call}`, START));
    }
    await world.advanceTo(START + 60 * MINUTE);
    expect([...world.summaries.values()]).toMatchObject([{ count: 5 }]);
  });

  it("takes no more records: one that comes later alerts anew", async () => {
    const { world } = await runAll(rule, [makeRecord("a", START), makeRecord("b", START)]);
    await world.advanceTo(START + 30 * MINUTE);
    expect((await world.process(rule, makeRecord("late", START + MINUTE))).kind).toBe("first");
    expect((await world.process(rule, makeRecord("later", START + MINUTE))).kind).toBe("repeat");
  });

  it("fails loudly when its alert was never recorded, or the event is no timer's", async () => {
    const { world } = await runAll(rule, [makeRecord("a", START), makeRecord("b", START)]);
    const [timer] = world.timers.values();
    world.alerts.clear();
    world.now = START + 60 * MINUTE;
    await expect(world.close(timer?.payload)).rejects.toThrow(/was never recorded/);
    await expect(world.close({ engine: "close-window", partition: "x" })).rejects.toThrow(/names no window/);
  });
});
