import { describe, expect, it } from "vitest";
import type { Case } from "../../../lambda/cases/case-schema.ts";
import { deliverAlerts } from "../../../lambda/delivery/deliver-alerts.ts";
import { knownOf, knownSince, withKnown } from "../../../lambda/delivery/known-since.ts";
import { redeliver } from "../../../lambda/delivery/redeliver.ts";
import { ANSWERS, CLOSED } from "../../contracts/notices.ts";
import { VirtualTime } from "../../faults/virtual-time.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { down, fake, makeStage } from "./stage.ts";

const alert = sampleAlert();
const computedAt = "2026-11-20T10:15:41.000Z";
const READY = {
  scope: "investigation",
  state: "ready",
  computedAt,
  value: { answers: ANSWERS },
  notes: [],
};
const closed = {
  row: { status: "closed", changedAt: CLOSED.at },
  alert: { ...alert, status: "closed" },
  history: [CLOSED],
  integrations: [],
} as unknown as Case;
const CASES = { read: async () => closed, readScope: async () => READY };
const KNOWN = { status: "closed", answers: ANSWERS, change: CLOSED, at: CLOSED.at };

const never = () => new Promise<never>(() => undefined);
const fails = async (): Promise<never> => Promise.reject(new Error("down"));
const throws = (): never => {
  throw new Error("down");
};

describe("what is known since the first notice", () => {
  it("is the answers, the status, the last change of it and when the latest came about", () => {
    expect(knownOf(READY, closed)).toEqual(KNOWN);
    expect(knownOf(READY, undefined)).toEqual({ answers: ANSWERS, at: computedAt });
    expect(knownOf(undefined, undefined)).toEqual({});
    const commented = { ...closed, history: [CLOSED, { ...CLOSED, id: "z", to: undefined, comment: "x" }] };
    expect(knownOf(undefined, commented).change).toBe(CLOSED);
  });

  it.each([
    undefined,
    null,
    7,
    "text",
    [],
    { state: "unavailable", why: "the table was down", value: { answers: ANSWERS } },
    { value: { answers: "text" } },
    {
      value: { answers: [null, 7, {}, { ...ANSWERS[0], answer: "perhaps" }, { ...ANSWERS[0], evidence: 1 }] },
    },
  ])("takes no answers from what is none: %j", (stored) => {
    expect(knownOf(stored, undefined)).toEqual({});
  });

  it("never rejects, and is waited for a second and a half at most, or until the deadline", async () => {
    for (const [cases, left, expected, waited] of [
      [CASES, 10_000, KNOWN, 0],
      [{ read: fails, readScope: CASES.readScope }, 10_000, { answers: ANSWERS, at: computedAt }, 0],
      [{ read: fails, readScope: fails }, 10_000, {}, 0],
      [{ read: throws, readScope: throws }, 10_000, {}, 0],
      [{ read: never, readScope: CASES.readScope }, 10_000, {}, 1_500],
      [{ read: never, readScope: never }, 400, {}, 400],
      [CASES, 0, {}, 0],
    ] as const) {
      const time = new VirtualTime();
      const start = time.now();
      const found = knownSince(alert.id, { cases, clock: time }, start + left);
      await time.run(100);
      expect(await found).toEqual(expected);
      expect(time.now() - start).toBe(waited);
    }
    expect(await knownSince(alert.id, { clock: new VirtualTime() }, Infinity)).toEqual({});
  });

  it("leaves a first notice open, and gives what changes a message the status of now", () => {
    expect(withKnown({ alert, kind: "first" }, KNOWN as never)).toMatchObject({
      alert: { status: "open" },
      answers: ANSWERS,
    });
    expect(withKnown({ alert, kind: "summary" }, KNOWN as never).alert.status).toBe("closed");
    expect(withKnown({ alert, kind: "summary" }, {})).toEqual({ alert, kind: "summary" });
  });
});

describe("deliveries", () => {
  it("tell no answers at first and never look for any, and carry them with the summary", async () => {
    const looks: string[] = [];
    const cases = {
      read: async (id: string) => (looks.push(id), closed),
      readScope: CASES.readScope,
    };
    const a = fake("a");
    const stage = makeStage([a], { cases });
    const tell = (part: "first" | "summary") =>
      stage.play(deliverAlerts([{ alert, part, destinations: ["a"] }], stage.ports, stage.invocation()));
    await tell("first");
    expect([a.taken, looks]).toEqual([[{ alert, kind: "first" }], []]);
    await tell("summary");
    expect(a.taken[1]).toMatchObject({ kind: "summary", answers: ANSWERS, alert: { status: "closed" } });
  });

  it("deliver the summary all the same when the table does not say", async () => {
    const a = fake("a");
    const stage = makeStage([a], { cases: { read: never, readScope: never } });
    await stage.play(
      deliverAlerts([{ alert, part: "summary", destinations: ["a"] }], stage.ports, stage.invocation()),
    );
    expect(a.taken).toEqual([{ alert, kind: "summary" }]);
  });

  it("carry them when a first notice is tried again", async () => {
    let attempts = 0;
    const a = fake("a", async () => (attempts++ === 0 ? down("a")() : undefined));
    const stage = makeStage([a], { cases: CASES });
    await stage.play(
      deliverAlerts([{ alert, part: "first", destinations: ["a"] }], stage.ports, stage.invocation()),
    );
    await stage.wait(30_000);
    const body = JSON.stringify(stage.queued[0]?.message);
    await stage.play(
      redeliver([{ messageId: "m", receiptHandle: "h", body }], stage.ports, stage.invocation()),
    );
    expect(a.taken).toMatchObject([{ kind: "first", answers: ANSWERS, alert: { status: "open" } }]);
  });
});
