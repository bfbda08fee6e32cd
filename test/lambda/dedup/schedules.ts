import * as fc from "fast-check";
import type { Admission } from "../../../lambda/dedup/ports.ts";
import type { Rule } from "../../../lambda/engine/rule.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";
import type { Table } from "../../../lambda/state/table.ts";
import { alertOf, type Fault, makeRecord, makeWorld, MINUTE, START } from "./world.ts";

/**
 * Random lives of one rule: records that come up to a quarter of an hour late and out of order, twice, several at once
 * with their table calls interleaved, while calls fail and processes die and are tried again.
 */

const SPAN_S = 45 * 60;
const BATCH = 2 * MINUTE;
const FAULTS = ["fails before", "fails after", "dies before", "dies after"] as const;

/** A record: whose, when it happened, when it comes (each again of `comes` is a duplicate), what goes wrong. */
export type Arrival = {
  readonly id: string;
  readonly user: string;
  readonly value: string;
  readonly time: number;
  readonly comes: readonly number[];
  readonly faults: readonly ReadonlyMap<number, Fault>[];
  /** Every try of it dies. */
  readonly lost: boolean;
};

const faultsArbitrary = fc
  .array(fc.tuple(fc.nat(9), fc.constantFrom(...FAULTS)), { maxLength: 2 })
  .map((pairs) => new Map<number, Fault>(pairs));

/** Arrivals; `faulty` with faults, `losing` with records whose every try dies. */
export function arrivals(options: {
  readonly faulty: boolean;
  readonly losing?: boolean;
  readonly inOrder?: boolean;
}): fc.Arbitrary<Arrival[]> {
  const { faulty, losing = false, inOrder = false } = options;
  const one = fc.record({
    user: fc.constantFrom("alice", "alice", "bob"),
    value: fc.constantFrom("k1", "k2", "k3", "k4"),
    second: fc.nat(SPAN_S),
    delays: fc.array(fc.nat(15 * 60 - 1), { minLength: 1, maxLength: 3 }),
    faults: faulty ? fc.array(faultsArbitrary, { maxLength: 2 }) : fc.constant([]),
    lost: losing ? fc.nat(9).map((n) => n === 0) : fc.constant(false),
  });
  return fc.array(one, { minLength: 1, maxLength: 24 }).map((list) =>
    list.map(({ second, delays, ...rest }, index) => {
      const time = START + second * 1000;
      return {
        ...rest,
        id: `r${index}`,
        time,
        comes: inOrder ? [time] : delays.map((delay) => time + delay * 1000),
      };
    }),
  );
}

/** What became of everything. */
export type Outcome = {
  readonly world: ReturnType<typeof makeWorld>;
  /** All answers that a record got, and the one that it gets when all is over. */
  readonly answers: ReadonlyMap<string, readonly Admission[]>;
  readonly last: ReadonlyMap<string, Admission>;
  readonly alertIds: ReadonlyMap<string, string>;
  /** Windows that could not be closed, because the record that opened them was lost. */
  readonly loud: number;
};

/** Lives through the arrivals; `scheduler` decides which table call comes next among those that are waiting. */
export async function live(
  rule: Rule,
  list: readonly Arrival[],
  table: Table,
  scheduler?: fc.Scheduler,
): Promise<Outcome> {
  let interleaved = scheduler;
  const world = makeWorld(table, { pause: async () => interleaved?.schedule(Promise.resolve()) });
  const answers = new Map<string, Admission[]>();
  const alertIds = new Map<string, string>();
  let loud = 0;
  const advance = async (to: number): Promise<void> => {
    for (;;) {
      try {
        await world.advanceTo(to);
        return;
      } catch {
        loud++;
      }
    }
  };
  type Job = { readonly at: number; readonly arrival: Arrival; readonly attempt: number };
  const waiting: Job[] = list.flatMap((arrival) => arrival.comes.map((at) => ({ at, arrival, attempt: 0 })));
  while (waiting.length > 0) {
    waiting.sort((a, b) => a.at - b.at);
    const from = waiting[0]?.at ?? 0;
    const width = scheduler === undefined ? 1 : BATCH;
    const batch = waiting.splice(0, waiting.filter(({ at }) => at < from + width).length);
    await advance(Math.max(world.now, from));
    const jobs = batch.map(async ({ at, arrival, attempt }) => {
      const { id, lost, faults } = arrival;
      const record = recordOf(arrival);
      alertIds.set(id, alertOf(rule, record).id);
      const dies = new Map<number, Fault>([[attempt * 2 + 3, "dies after"]]);
      const plan = lost ? dies : (faults[attempt] ?? new Map<number, Fault>());
      try {
        const answer = await world.process(rule, record, plan);
        if (!lost) answers.set(id, [...(answers.get(id) ?? []), answer]);
      } catch {
        if (attempt < 2) waiting.push({ at: at + (attempt + 1) * MINUTE, arrival, attempt: attempt + 1 });
      }
    });
    const state = { running: true };
    const done = Promise.all(jobs).finally(() => (state.running = false));
    while (state.running) {
      if (scheduler !== undefined && scheduler.count() > 0) await scheduler.waitOne();
      else await new Promise((resolve) => setImmediate(resolve));
    }
    await done;
  }
  interleaved = undefined;
  const last = new Map<string, Admission>();
  if (!list.some(({ lost }) => lost)) {
    for (const arrival of list) last.set(arrival.id, await world.process(rule, recordOf(arrival)));
  }
  await advance(START + 48 * 60 * MINUTE);
  return { world, answers, last, alertIds, loud };
}

function recordOf({ id, user, value, time }: Arrival): CloudTrailRecord {
  return makeRecord(id, time, { user, requestParameters: { bucketName: "logs", key: value } });
}
