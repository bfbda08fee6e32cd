import { describe, expect, it } from "vitest";
import { makeCaseStore } from "../../../lambda/cases/make-case-store.ts";
import { makeDedup } from "../../../lambda/dedup/dedup.ts";
import type { ClosePayload } from "../../../lambda/dedup/ports.ts";
import { createEngine } from "../../../lambda/engine/engine.ts";
import type { Rule } from "../../../lambda/engine/rule.ts";
import { closeWindow, processInput } from "../../../lambda/pipeline.ts";
import { asTable } from "../../faults/memory-table.ts";
import { sampleRecord, sampleRule } from "../alerts/sample.ts";
import { fake, makeStage } from "../delivery/stage.ts";
import { soon } from "./stores.ts";

const CALL = "AuthorizeSecurityGroupIngress";
const rule = (changes: Partial<Rule>): Rule =>
  sampleRule({ conditions: { all: [{ fact: "eventName", operator: "equal", value: CALL }] }, ...changes });

/** The detector over a table in memory, and the store of cases over the same. */
function makeDetector(changes: Partial<Rule>) {
  const stage = makeStage([fake("a")]);
  const { memory, time, ports } = stage;
  const timers: ClosePayload[] = [];
  const table = asTable(memory);
  const engine = createEngine({ rules: [rule(changes)], conditions: {}, lists: {}, suppressions: [] });
  const dedup = makeDedup({
    table,
    clock: time,
    keepDays: 90,
    schedule: async (_, __, payload) => void timers.push(payload),
    readAlert: async (id, deadline) => (await ports.store.read(id, "first", deadline))?.alert,
    failed: (message) => expect.fail(message),
  });
  const detector = { ...ports, engine, dedup };
  const start = time.now();
  return {
    ...stage,
    cases: makeCaseStore(table, { keepDays: 90, now: time.now }),
    see: async (eventID: string, minute: number) => {
      const eventTime = new Date(start + minute * 60_000).toISOString();
      const detail = sampleRecord({ eventID, eventTime });
      const input = { "detail-type": "AWS API Call via CloudTrail", source: "aws.ec2", detail };
      await stage.play(processInput(input, detector, stage.invocation()));
    },
    close: async () => {
      await stage.wait(3_600_000);
      for (const payload of timers) await stage.play(closeWindow(payload, detector, stage.invocation()));
    },
  };
}

describe("the records behind an alert", () => {
  it("of a window are all that came, each once, however often they came", async () => {
    const { see, close, cases, memory } = makeDetector({});
    for (const [at, id] of ["one", "two", "three", "two"].entries()) await see(id, at);
    await close();
    const { rows } = await cases.list({}, { limit: 9 }, soon());
    expect(rows).toHaveLength(1);
    const id = rows[0]?.id ?? "";
    const { alerts, all } = await cases.records(id, 10, soon());
    expect(alerts.map(({ record }) => record["eventID"])).toEqual(["one", "two", "three"]);
    expect(all).toBe(true);
    expect((await cases.read(id, soon()))?.alert.count).toBe(3);
    const kept = await cases.list({ dispositions: ["deduplicated"] }, { limit: 9 }, soon());
    expect(kept.rows.map(({ repeatOf, count }) => [repeatOf, count])).toEqual([
      [id, 1],
      [id, 1],
    ]);
    const members = memory.items().filter(({ sk }) => sk.startsWith("MEMBER#"));
    const told = memory.get({ pk: `ALERT#${id}`, sk: "ALERT" });
    for (const { expiresAt } of members)
      expect(Number(expiresAt)).toBeGreaterThanOrEqual(Number(told?.["expiresAt"]));
  });

  it("of a burst are those that counted towards its threshold and those that came after", async () => {
    const { see, close, cases } = makeDetector({
      threshold: { count: 3, within: "10m", by: ["actor.arn"] },
    });
    await see("one", 0);
    await see("two", 1);
    expect((await cases.list({}, { limit: 9 }, soon())).rows).toEqual([]);
    await see("three", 2);
    await see("four", 3);
    const { rows } = await cases.list({}, { limit: 9 }, soon());
    expect(rows).toMatchObject([{ count: 3 }]);
    const id = rows[0]?.id ?? "";
    const eventIds = async () => {
      const { alerts, all } = await cases.records(id, 10, soon());
      return [alerts.map(({ record }) => record["eventID"]), all];
    };
    expect(await eventIds()).toEqual([["one", "two", "three", "four"], true]);
    await close();
    expect(await eventIds()).toEqual([["one", "two", "three", "four"], true]);
    expect(await cases.records(id, 2, soon())).toMatchObject({ all: false, alerts: [{}, {}] });
  });

  it("of a burst whose first record came last are whole, too", async () => {
    const { see, cases } = makeDetector({ threshold: { count: 3, within: "10m", by: ["actor.arn"] } });
    for (const [id, minute] of [
      ["late", 2],
      ["later", 3],
      ["first", 1],
    ] as const)
      await see(id, minute);
    const { rows } = await cases.list({}, { limit: 9 }, soon());
    const { alerts, all } = await cases.records(rows[0]?.id ?? "", 10, soon());
    expect(alerts.map(({ record }) => record["eventID"])).toEqual(["first", "late", "later"]);
    expect(all).toBe(true);
  });
});
