import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CaseStore } from "../../../lambda/cases/case-store.ts";
import { makeCaseStore } from "../../../lambda/cases/make-case-store.ts";
import { asTable, makeMemoryTable, type MemoryTable } from "../../faults/memory-table.ts";
import { newAlert, soon, storesOver } from "./stores.ts";

/** The process died: nothing of it goes on. */
class Death extends Error {}

type Work = {
  readonly kind: "publish" | "close" | "comment";
  readonly alert: number;
  readonly dies?: number;
};
const ALERTS = 4;

const works: fc.Arbitrary<Work[]> = fc.array(
  fc.record(
    {
      kind: fc.constantFrom("publish" as const, "publish" as const, "close" as const, "comment" as const),
      alert: fc.nat({ max: ALERTS - 1 }),
      /** Twice the number of the call at which it dies, before its effect; one more: after it. */
      dies: fc.nat({ max: 24 }),
    },
    { requiredKeys: ["kind", "alert"] },
  ),
  { minLength: 1, maxLength: 8 },
);

function doWork(
  cases: CaseStore,
  { kind, alert }: Work,
  ids: readonly string[],
  nth: number,
): Promise<unknown> {
  const id = ids[alert] ?? "";
  if (kind === "publish") return cases.publish(id, soon());
  const what = kind === "close" ? ({ status: "closed", reason: "expected" } as const) : {};
  const idempotencyKey = `${nth}`;
  return cases.change(id, { by: "alice", comment: `c${nth}`, ...what, idempotencyKey }, soon());
}

/** The store of a process whose every call waits for its turn, and may be its last. */
function processOver(memory: MemoryTable, turn: () => Promise<unknown>, dies?: number): CaseStore {
  let calls = 0;
  let dead = false;
  const table = asTable(memory, async (_, effect) => {
    const call = calls++;
    await turn();
    if (dead || dies === 2 * call) {
      dead = true;
      throw new Death();
    }
    const result = effect();
    if (dies === 2 * call + 1) {
      dead = true;
      throw new Death();
    }
    return result;
  });
  return makeCaseStore(table, { keepDays: 90, now: Date.now });
}

async function recorded(memory: MemoryTable): Promise<string[]> {
  const { tell } = storesOver(asTable(memory));
  const ids: string[] = [];
  for (let n = 0; n < ALERTS; n++) ids.push((await tell(newAlert("2026-11-20T10:00:00Z"))).id);
  return ids;
}

describe("numbers", () => {
  it("are given once each and seen in order, however publishers and people interleave and die", async () => {
    let deaths = 0;
    await fc.assert(
      fc.asyncProperty(
        works,
        fc.scheduler(),
        fc.array(fc.nat({ max: 30 }), { maxLength: 4 }),
        async (all, s, looks) => {
          const memory = makeMemoryTable();
          const ids = await recorded(memory);
          const turn = (): Promise<unknown> => s.schedule(Promise.resolve());
          const seen: string[][] = [];
          const look = async (after: number): Promise<void> => {
            for (let n = 0; n < after; n++) await turn();
            const cases = makeCaseStore(asTable(memory), { keepDays: 90, now: Date.now });
            const published = await cases.published({ limit: 100 }, soon());
            const numbers = published.map(({ number }) => number);
            expect(numbers).toEqual(numbers.map((_, at) => numbers.length - at));
            seen.push(published.map(({ row }) => row.id).toReversed());
          };
          const running = all.map(async (work, nth) => {
            try {
              await doWork(processOver(memory, turn, work.dies), work, ids, nth);
            } catch (error) {
              if (!(error instanceof Death)) throw error;
              deaths++;
              // Streams and clients try again.
              await doWork(processOver(memory, turn), work, ids, nth);
            }
          });
          await s.waitFor(Promise.all([...running, ...looks.map((after) => look(after))]));
          await look(0);
          const final = seen.at(-1) ?? [];
          const wanted = new Set(all.filter(({ kind }) => kind === "publish").map(({ alert }) => ids[alert]));
          expect(final).toHaveLength(wanted.size);
          expect(new Set(final)).toEqual(wanted);
          for (const earlier of seen) expect(final.slice(0, earlier.length)).toEqual(earlier);
          // What the log shows of an alert is what the alert is, and every change is in its history once.
          const cases = makeCaseStore(asTable(memory), { keepDays: 90, now: Date.now });
          for (const { number, row } of await cases.published({ limit: 100 }, soon()))
            expect(row).toEqual({ ...(await cases.read(row.id, soon()))?.row, number });
          for (const [at, id] of ids.entries()) {
            const comments = (await cases.read(id, soon()))?.history.map(({ comment }) => comment);
            const asked = all.flatMap(({ kind, alert }, nth) =>
              kind !== "publish" && alert === at ? [`c${nth}`] : [],
            );
            expect(comments?.toSorted()).toEqual(asked);
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(deaths).toBeGreaterThan(150);
  });

  it("expire with their alerts, also where whoever appended the next one died right after", async () => {
    const memory = makeMemoryTable();
    const ids = await recorded(memory);
    await storesOver(asTable(memory)).cases.publish(ids[0] ?? "", soon());
    const puts = { left: 1 };
    const dying = makeCaseStore(
      asTable(memory, async (operation, effect) => {
        if (puts.left === 0) throw new Death();
        if (operation === "put") puts.left -= 1;
        return effect();
      }),
      { keepDays: 90, now: Date.now },
    );
    await expect(dying.publish(ids[1] ?? "", soon())).rejects.toThrow(Death);
    expect(memory.get({ pk: "NUMBERS", sk: "000000000001" })).not.toHaveProperty("expiresAt");
    await storesOver(asTable(memory)).cases.publish(ids[2] ?? "", soon());
    for (const sk of ["000000000001", "000000000002"])
      expect(memory.get({ pk: "NUMBERS", sk })).toHaveProperty("expiresAt", expect.any(Number));
    expect(memory.get({ pk: "NUMBERS", sk: "000000000003" })).not.toHaveProperty("expiresAt");
  });

  it("go on after an alert whose item is gone", async () => {
    const memory = makeMemoryTable();
    const [a = "", b = ""] = await recorded(memory);
    const cases = makeCaseStore(
      asTable(memory, async (operation, effect) => {
        const result = effect();
        return operation === "get" && (result as { pk?: string } | undefined)?.pk === gone
          ? (undefined as typeof result)
          : result;
      }),
      { keepDays: 90, now: Date.now },
    );
    let gone = "";
    expect(await cases.publish(a, soon())).toBe(1);
    gone = `ALERT#${a}`;
    expect(await cases.publish(b, soon())).toBe(2);
    expect(await cases.byNumber(1, soon())).toMatchObject({ number: 1, row: { id: a } });
  });

  it("are published at times that never go back", async () => {
    const memory = makeMemoryTable();
    const [a = "", b = ""] = await recorded(memory);
    let now = Date.parse("2026-11-20T10:00:00Z");
    const cases = makeCaseStore(asTable(memory), { keepDays: 90, now: () => now });
    await cases.publish(a, soon());
    now -= 60_000;
    await cases.publish(b, soon());
    const published = await cases.published({ limit: 2 }, soon());
    expect(published.map(({ publishedAt }) => publishedAt)).toEqual([
      "2026-11-20T10:00:00.000Z",
      "2026-11-20T10:00:00.000Z",
    ]);
  });
});
