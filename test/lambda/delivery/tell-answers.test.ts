import { describe, expect, it } from "vitest";
import type { Case, HistoryEntry } from "../../../lambda/cases/case-schema.ts";
import { deliverAlerts } from "../../../lambda/delivery/deliver-alerts.ts";
import { tellAnswers, type TellPorts, tellStatus } from "../../../lambda/delivery/tell-answers.ts";
import { keyOf } from "../../../lambda/state/alert-item.ts";
import { ANSWERS, CLOSED } from "../../contracts/notices.ts";
import { asTable } from "../../faults/memory-table.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { down, fake, type Fake, makeStage } from "./stage.ts";

const alert = sampleAlert();
const computedAt = "2026-11-20T10:15:41.000Z";
const INVESTIGATION = { computedAt, value: { answers: ANSWERS } };

/** A stage on which the alert was delivered to the destinations, and whoever may be told more of it. */
async function delivered(...destinations: readonly Fake[]) {
  const stage = makeStage(destinations);
  const ids = destinations.map(({ id }) => id);
  await stage.play(
    deliverAlerts([{ alert, part: "first", destinations: ids }], stage.ports, stage.invocation()),
  );
  for (const { taken } of destinations) taken.length = 0;
  stage.lines.length = 0;
  const ports: TellPorts = { ...stage.ports, table: asTable(stage.memory) };
  const deadline = () => stage.time.now() + 30_000;
  const answers = (given: Partial<TellPorts> = {}, investigation = INVESTIGATION) =>
    stage.play(tellAnswers(alert.id, investigation, { ...ports, ...given }, deadline()));
  const status = (entry: HistoryEntry, given: Partial<TellPorts> = {}) =>
    stage.play(tellStatus(alert.id, entry, { ...ports, ...given }, deadline()));
  return { stage, ports, answers, status };
}

/** An investigation with an answer of each weight. */
function weighing(...weights: readonly number[]): typeof INVESTIGATION {
  const answers = weights.map((weight) => Object.assign({}, ANSWERS[0], { id: `w${weight}`, weight }));
  return { computedAt, value: { answers } };
}

const changeable = (id: string, deliver?: Fake["deliver"]): Fake => fake(id, deliver, true);
const at = (time: string, to?: HistoryEntry["to"]): HistoryEntry => ({
  id: `${time}#0a`,
  at: time,
  by: "alice",
  ...(to === undefined ? { comment: "looking" } : { to }),
});

describe("tellAnswers", () => {
  it("tells those that can change what they show, with the receipt, and nobody else", async () => {
    const slack = changeable("slack", async () => "C1 1.0");
    const mail = fake("mail");
    const { answers } = await delivered(slack, mail);
    await answers();
    const weightiest = ANSWERS.slice(0, 3);
    expect(slack.taken).toEqual([
      { alert, kind: "answers", answers: weightiest, at: computedAt, receipt: "C1 1.0" },
    ]);
    expect(mail.taken).toEqual([]);
  });

  it("tells the three weightiest, and nothing when none has weight", async () => {
    const slack = changeable("slack");
    const { answers } = await delivered(slack);
    await answers({}, weighing(0));
    expect(slack.taken).toEqual([]);
    await answers({}, weighing(10, 50, 0, 90, 20));
    expect(slack.taken[0]?.answers?.map(({ weight }) => weight)).toEqual([90, 50, 20]);
  });

  it("tells once, however often the stream brings the alert, at once or later", async () => {
    const [slack, pager] = [changeable("slack"), changeable("pager")];
    const { ports, answers, stage } = await delivered(slack, pager);
    const tell = () => tellAnswers(alert.id, INVESTIGATION, ports, stage.time.now() + 30_000);
    await stage.play(Promise.all([tell(), tell()]));
    await answers();
    await answers({}, { ...INVESTIGATION, computedAt: "2026-11-20T10:16:00.000Z" });
    expect([slack.taken.length, pager.taken.length]).toEqual([1, 1]);
  });

  it("waits for a first notice that is on its way, and leaves one that will be tried again to its next attempt", async () => {
    const slow = changeable("slow");
    const dead = changeable("dead");
    const stage = makeStage([]);
    const destinations = new Map([slow, dead].map((one) => [one.id, one]));
    const ports = { ...stage.ports, destinations, table: asTable(stage.memory) };
    const caller = { owner: "o", now: stage.time.now(), deadline: stage.time.now() + 50_000 };
    await ports.store.record(alert, "first", ["slow", "dead"], caller);
    const queued = { state: "queued", reason: "down", due: stage.time.now() + 30_000 } as const;
    await ports.store.settle(alert.id, "first", "dead", queued, caller);
    void stage.time
      .sleep(3_500)
      .then(() => ports.store.settle(alert.id, "first", "slow", { state: "delivered" }, caller));
    await stage.play(tellAnswers(alert.id, INVESTIGATION, ports, stage.time.now() + 30_000));
    expect([slow.taken.length, dead.taken.length]).toEqual([1, 0]);
  });

  it("waits ten seconds at most, and never past its deadline", async () => {
    const hanging = changeable("hanging");
    const stage = makeStage([]);
    const ports = {
      ...stage.ports,
      destinations: new Map([["hanging", hanging]]),
      table: asTable(stage.memory),
    };
    const start = stage.time.now();
    const caller = { owner: "o", now: start, deadline: start + 50_000 };
    await ports.store.record(alert, "first", ["hanging"], caller);
    await stage.play(tellAnswers(alert.id, INVESTIGATION, ports, start + 30_000));
    expect(stage.time.now() - start).toBeLessThanOrEqual(10_000);
    const again = stage.time.now();
    await stage.play(tellAnswers(alert.id, INVESTIGATION, ports, again + 2_500));
    expect(stage.time.now() - again).toBeLessThanOrEqual(2_500);
    expect(hanging.taken).toEqual([]);
  });

  it("hides no destination behind one that fails, and says in the log who was not told", async () => {
    const first = { done: false };
    const bad = changeable("bad", async () => {
      if (first.done) return down("bad")();
      first.done = true;
      return undefined;
    });
    const good = changeable("good");
    const { answers, stage } = await delivered(bad, good);
    await answers();
    expect(good.taken).toHaveLength(1);
    expect(stage.lines).toEqual([
      expect.objectContaining({
        level: "error",
        message: "answers not told",
        alertId: alert.id,
        destination: "bad",
        reason: "bad is down",
      }),
    ]);
  });

  it("never rejects: not when the table is down, and not for an alert that is gone", async () => {
    const slack = changeable("slack");
    const { answers, stage, ports } = await delivered(slack);
    const broken = { update: async () => Promise.reject(new Error("throttled")) };
    await answers({ table: broken });
    const store = { ...ports.store, read: async () => Promise.reject(new Error("throttled")) };
    await answers({ store });
    await answers({ store: { ...ports.store, read: async () => undefined } });
    expect(slack.taken).toEqual([]);
    expect(stage.lines.map(({ message, reason }) => [message, reason])).toEqual([
      ["answers not told", "Error: throttled"],
      ["answers not told", "Error: throttled"],
    ]);
  });

  it("keeps the count of a window that has closed, and what somebody did meanwhile", async () => {
    const slack = changeable("slack");
    const { answers, ports, stage } = await delivered(slack);
    const caller = { owner: "s", now: stage.time.now(), deadline: stage.time.now() + 50_000 };
    await ports.store.record({ ...alert, count: 96 }, "summary", ["slack"], caller);
    await answers({ cases: casesWith("closed", [CLOSED]) });
    expect(slack.taken[0]).toMatchObject({
      kind: "answers",
      alert: { count: 96, status: "closed" },
      change: CLOSED,
      at: CLOSED.at,
    });
  });
});

describe("tellStatus", () => {
  it("tells what somebody did, with the status that it left and the answers that are there", async () => {
    const slack = changeable("slack", async () => "C1 1.0");
    const { status } = await delivered(slack);
    await status(CLOSED, { cases: casesWith("closed", [CLOSED]) });
    expect(slack.taken).toEqual([
      {
        alert: { ...alert, status: "closed" },
        kind: "status",
        change: CLOSED,
        answers: ANSWERS,
        at: CLOSED.at,
        receipt: "C1 1.0",
      },
    ]);
  });

  it("tells each change once and in order: what comes after a later one is not told any more", async () => {
    const slack = changeable("slack");
    const { status, stage } = await delivered(slack);
    const taken = at("2026-11-20T11:00:00.000Z", "acknowledged");
    const closed = at("2026-11-20T12:00:00.000Z", "closed");
    for (const entry of [taken, taken, closed, taken, closed]) await status(entry);
    expect(slack.taken.map(({ change }) => change?.to)).toEqual(["acknowledged", "closed"]);
    const marks = Object.keys(stage.memory.get(keyOf(alert.id, "first")) ?? {}).filter((key) =>
      key.startsWith("told-"),
    );
    expect(marks).toEqual(["told-status#slack"]);
  });

  it("tells a comment with the status of now", async () => {
    const slack = changeable("slack");
    const { status } = await delivered(slack);
    const comment = at("2026-11-20T11:30:00.000Z");
    await status(comment, { cases: casesWith("acknowledged", [comment]) });
    expect(slack.taken[0]).toMatchObject({ change: comment, alert: { status: "acknowledged" } });
  });

  it("tells all the same when what else is known cannot be read", async () => {
    const slack = changeable("slack");
    const { status, stage } = await delivered(slack);
    const start = stage.time.now();
    await status(CLOSED, {
      cases: { read: throttled, readScope: () => new Promise<never>(() => undefined) },
    });
    expect(slack.taken[0]).toMatchObject({ kind: "status", alert: { status: "closed" } });
    expect(stage.time.now() - start).toBeLessThanOrEqual(1_500);
  });
});

async function throttled(): Promise<never> {
  throw new Error("throttled");
}

/** Cases that say so much of every alert. */
function casesWith(status: Case["row"]["status"], history: Case["history"]): NonNullable<TellPorts["cases"]> {
  const changedAt = history.at(-1)?.at;
  return {
    read: async () =>
      ({ row: { status, changedAt }, alert: { ...alert, status }, history, integrations: [] }) as never,
    readScope: async (_, scope) => ({
      scope,
      state: "ready",
      computedAt,
      value: { answers: ANSWERS },
      notes: [],
    }),
  };
}
