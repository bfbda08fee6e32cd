import { describe, expect, it, vi } from "vitest";
import { makeAlert } from "../../lambda/alerts/alert.ts";
import { UntoldError } from "../../lambda/dedup/ports.ts";
import { keptKey } from "../../lambda/cases/case-items.ts";
import { closeWindow, type Ports } from "../../lambda/pipeline.ts";
import { keyOf } from "../../lambda/state/alert-item.ts";
import { sampleMatch } from "./alerts/sample.ts";
import { down, fake } from "./delivery/stage.ts";
import { envelope, record, stageWith } from "./pipeline-stage.ts";

const alert = makeAlert(sampleMatch(), record);

/** What EventBridge brings of another record that matches. */
const envelopeOf = (eventID: string) => ({ ...envelope, detail: { ...record, eventID } });

const dedupWith = (changes: Partial<Ports["dedup"]>) => ({
  dedup: { admit: async () => ({ kind: "counting" as const }), close: async () => undefined, ...changes },
});

async function noTable(): Promise<never> {
  throw new Error("no table");
}

const repeatOfOne: Ports["dedup"]["admit"] = async (one) => ({
  kind: "repeat",
  alert: one,
  of: "1",
  count: 2,
});

async function untold(): Promise<never> {
  throw new UntoldError("not recorded yet");
}

describe("repeats and windows", () => {
  it("tells of a repeat only where a medium can change what it shows, and only once it shows something", async () => {
    const updating = fake("updating", async () => "ts-1", true);
    const plain = fake("plain");
    const failing = fake("failing", down("failing"), true);
    const repeat = { ...alert, count: 3 };
    let calls = 0;
    const admit: Ports["dedup"]["admit"] = async (one) =>
      calls++ === 0
        ? { kind: "first", alert: one }
        : { kind: "repeat", alert: one, of: alert.id, count: 3, notify: repeat };
    const { process, numbers, lines } = stageWith([updating, plain, failing], {}, dedupWith({ admit }));
    await process();
    await process(envelopeOf("second"));
    expect(updating.taken.slice(1)).toEqual([{ alert: repeat, kind: "repeat", receipt: "ts-1" }]);
    expect(plain.taken).toHaveLength(1);
    expect(lines).toContainEqual(expect.objectContaining({ message: "alert deduplicated", count: 3 }));
    expect(numbers()).toMatchObject({ Alerts: 2, AlertsDeduplicated: 1, "DeliveriesFailed@failing": 1 });
  });

  it("makes no alert while a threshold is counting, and keeps the record without listing it", async () => {
    const a = fake("a");
    const { process, numbers, memory } = stageWith([a], {}, dedupWith({}));
    await process();
    expect(a.taken).toEqual([]);
    expect(numbers()).toEqual({ Records: 1, RecordsMatched: 1 });
    const [item, ...more] = memory.items();
    expect(item).toMatchObject({ ...keptKey(alert.id), counted: true });
    expect(item).not.toHaveProperty("row");
    expect(more).toEqual([]);
  });

  it("keeps a repeat once, counted once, with the alert that it repeats, however often its record comes", async () => {
    const { process, numbers, memory } = stageWith([fake("a")], {}, dedupWith({ admit: repeatOfOne }));
    await process();
    await process();
    expect(numbers()).toEqual({ Records: 2, RecordsMatched: 2, Alerts: 1, AlertsDeduplicated: 1 });
    expect(memory.get(keptKey(alert.id))).toMatchObject({
      row: { disposition: "deduplicated", repeatOf: "1", count: 1 },
    });
  });

  it("keeps no repeat that was told on its own before", async () => {
    let calls = 0;
    const admit: Ports["dedup"]["admit"] = async (one) =>
      calls++ === 0 ? { kind: "first", alert: one } : { kind: "repeat", alert: one, of: "1", count: 2 };
    const { process, numbers, memory } = stageWith([fake("a")], {}, dedupWith({ admit }));
    await process();
    await process();
    expect(memory.get(keptKey(alert.id))).toBeUndefined();
    expect(numbers()).toMatchObject({ Alerts: 1, AlertsDelivered: 1 });
  });

  it("keeps the record that reaches a threshold, and its window with the alert that stands for all", async () => {
    const first = "0".repeat(32);
    const window = { partition: "WINDOW#1", id: "w", reach: 0, opened: 1, closes: 2 };
    const admit: Ports["dedup"]["admit"] = async (one) => ({
      kind: "first",
      alert: { ...one, id: first },
      window,
    });
    const { process, memory } = stageWith([fake("a")], {}, dedupWith({ admit }));
    await process();
    expect(memory.get(keptKey(alert.id))).toMatchObject({ counted: true });
    expect(memory.get(keyOf(first, "first"))).toMatchObject({ window, row: { id: first } });
  });

  it("tells at once while the table takes nothing that is kept, then fails, and the next try keeps it", async () => {
    const a = fake("a");
    const staged = { ...sampleMatch({ id: "ec2.amazonaws.com/staged" }), disposition: "staged" as const };
    const stage = stageWith([a], { matches: [staged, sampleMatch()] });
    const { store } = stage.ports;
    const works = { ...store };
    Object.assign(store, { keep: noTable });
    await expect(stage.process()).rejects.toThrow(/could not be kept/);
    expect(a.taken).toHaveLength(1);
    Object.assign(store, works);
    await stage.process();
    expect(a.taken).toHaveLength(1);
    expect(stage.numbers()).toMatchObject({ Alerts: 2, AlertsDelivered: 1, AlertsStaged: 1 });
  });

  it("tells a new alert at once while another of the same record, a repeat, is told where it hangs", async () => {
    const times: number[] = [];
    const slack = fake(
      "slack",
      async ({ kind }, deadline) => {
        if (kind === "repeat") await stage.time.sleep(deadline - stage.time.now());
        return "ts-1";
      },
      true,
    );
    const topic = fake("topic", async () => void times.push(stage.time.now()));
    const repeat = sampleMatch({ id: "ec2.amazonaws.com/repeat" });
    const grown = { ...makeAlert(repeat, record), count: 5 };
    let opened = false;
    const admit: Ports["dedup"]["admit"] = async (one, { id }) =>
      id !== repeat.rule.id || !opened
        ? { kind: "first", alert: one }
        : { kind: "repeat", alert: one, of: grown.id, count: 5, notify: grown };
    const stage = stageWith([slack, topic], { matches: [repeat] }, dedupWith({ admit }));
    await stage.process();
    opened = true;
    Object.assign(stage.ports.engine, {
      evaluate: async () => ({ matches: [repeat, sampleMatch()], candidates: 2, problems: [] }),
    });
    const began = stage.time.now();
    await stage.process(envelopeOf("second"));
    expect(times).toHaveLength(2);
    expect((times[1] ?? Infinity) - began).toBeLessThan(1_000);
    expect(slack.taken.map(({ kind }) => kind)).toEqual(["first", "first", "repeat"]);
  });

  it("gives up keeping in seconds, so that a flood of repeats on a throttled table does not hold every sandbox", async () => {
    const stage = stageWith([fake("a")], {}, dedupWith({ admit: repeatOfOne }));
    Object.assign(stage.ports.store, { keep: noTable });
    const began = stage.time.now();
    await expect(stage.process()).rejects.toThrow(/could not be kept/);
    expect(stage.time.now() - began).toBeLessThanOrEqual(12_000);
  });

  it("takes nothing that is kept for told: a repeat of it is let through", async () => {
    const { process, ports, memory, invocation } = stageWith([fake("a")], {}, dedupWith({}));
    await process();
    expect(memory.get(keptKey(alert.id))).toBeDefined();
    expect(await ports.store.read(alert.id, "first", invocation().answersBy)).toBeUndefined();
  });

  it("fails for a repeat whose window has no timer, when all else is delivered, so that Lambda tries it again", async () => {
    const a = fake("a");
    const other = sampleMatch({ id: "ec2.amazonaws.com/other" });
    const admit: Ports["dedup"]["admit"] = async (one, rule) =>
      rule.id === other.rule.id
        ? { kind: "first", alert: one }
        : { kind: "repeat", alert: one, of: "1", count: 2, untimed: new Error("no timer could be made") };
    const { process, numbers } = stageWith([a], { matches: [sampleMatch(), other] }, dedupWith({ admit }));
    await expect(process()).rejects.toThrow(/no timer could be made/);
    expect(a.taken).toHaveLength(1);
    expect(numbers()).toMatchObject({ Alerts: 2, AlertsDeduplicated: 1, AlertsDelivered: 1 });
  });

  it("does not let through what is like an alert that may still be recorded, and fails to be tried again", async () => {
    const a = fake("a");
    const { process, numbers } = stageWith([a], {}, dedupWith({ admit: untold }));
    await expect(process()).rejects.toThrow(/not recorded yet/);
    expect(a.taken).toEqual([]);
    expect(numbers()).toEqual({ Records: 1, RecordsMatched: 1 });
  });

  it("lets an alert through whose window cannot be asked, and says so in it", async () => {
    const a = fake("a");
    const { process, numbers } = stageWith([a], {}, dedupWith({ admit: noTable }));
    await process();
    expect(a.taken[0]?.alert.notes).toEqual(["Whether this is a repeat could not be found out: no table"]);
    expect(numbers()).toMatchObject({ Alerts: 1, DedupFailed: 1 });
  });

  it("asks Lambda to try again when a threshold cannot be asked: one record alone is no alert", async () => {
    const a = fake("a");
    const threshold = { count: 5, within: "10m", by: ["actor.arn"] };
    const { process } = stageWith(
      [a],
      { matches: [sampleMatch({ threshold })] },
      dedupWith({ admit: noTable }),
    );
    await expect(process()).rejects.toThrow("1 failed: no table");
    expect(a.taken).toEqual([]);
  });

  it("tells whoever had the first notice of the whole window when it closes, once", async () => {
    const [a, b] = [fake("a", async () => "ts-1"), fake("b")];
    const summary = { ...alert, count: 96 };
    const close = vi.fn<Ports["dedup"]["close"]>(async () => summary);
    const routing = { match: "first", routes: [], otherwise: ["a"] } as const;
    const dedup = { admit: async () => ({ kind: "first" as const, alert }), close };
    const stage = stageWith([a, b], {}, { dedup, routing });
    await stage.process();
    const payload = { engine: "close-window", window: "w" };
    for (let n = 0; n < 2; n++) await stage.play(closeWindow(payload, stage.ports, stage.invocation()));
    expect(close.mock.calls[0]?.[0]).toEqual(payload);
    expect(a.taken.slice(1)).toEqual([{ alert: summary, kind: "summary", receipt: "ts-1" }]);
    expect(b.taken).toEqual([]);
    expect(stage.numbers()).toMatchObject({ Alerts: 1, AlertsDelivered: 1, "Deliveries@a": 2 });
  });

  it("says nothing at the close of a window in which nothing came after the first", async () => {
    const a = fake("a");
    const stage = stageWith([a]);
    await stage.play(closeWindow({ engine: "close-window" }, stage.ports, stage.invocation()));
    expect(a.taken).toEqual([]);
  });
});
