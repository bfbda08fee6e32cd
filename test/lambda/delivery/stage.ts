/** Ports of delivering with a table in memory, queues that keep what they are sent, and time that only waiting moves. */
import type { DeadLetter, Redelivery } from "../../../lambda/delivery/ports.ts";
import { DeliveryError, type Destination, type Notice } from "../../../lambda/destinations/destination.ts";
import type { Ports } from "../../../lambda/pipeline.ts";
import { createReport } from "../../../lambda/report.ts";
import { makeAlertStore } from "../../../lambda/state/alert-store.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { VirtualTime } from "../../faults/virtual-time.ts";
import { sampleMatch } from "../alerts/sample.ts";

/** A destination that keeps what it takes. */
export type Fake = Destination & { readonly taken: Notice[] };

/** Makes one; `deliver` decides what it does, and by default it takes everything. */
export function fake(
  id: string,
  deliver: (notice: Notice, deadline: number) => Promise<string | undefined> = async () => undefined,
  updates = false,
): Fake {
  const taken: Notice[] = [];
  return {
    id,
    type: "test",
    updates,
    taken,
    async deliver(notice, deadline) {
      const receipt = await deliver(notice, deadline);
      taken.push(notice);
      return receipt;
    },
  };
}

/** What a destination throws that is down, or that refuses. */
export function down(destination: string, retryable = true, retryAfter?: number): () => Promise<never> {
  return async () => {
    throw new DeliveryError(`${destination} is down`, { destination, retryable, retryAfter });
  };
}

/** All of it. */
export function makeStage(destinations: readonly Destination[], changes: Partial<Ports> = {}) {
  const time = new VirtualTime();
  const memory = makeMemoryTable();
  const queued: { message: Redelivery; delay: number }[] = [];
  const letters: DeadLetter[] = [];
  const hidden: { handle: string; milliseconds: number }[] = [];
  const lines: Record<string, unknown>[] = [];
  let owners = 0;
  const ports: Ports = {
    engine: { evaluate: async () => ({ matches: [sampleMatch()], candidates: 1, problems: [] }) },
    dedup: { admit: async (alert) => ({ kind: "first", alert }), close: async () => undefined },
    routing: { match: "first", routes: [], otherwise: destinations.map(({ id }) => id) },
    isCanary: () => false,
    destinations: new Map(destinations.map((one) => [one.id, one])),
    store: makeAlertStore(asTable(memory), 90),
    redeliver: async (message, delay) => void queued.push({ message, delay }),
    bury: async (letter) => void letters.push(letter),
    hide: async (handle, milliseconds) => void hidden.push({ handle, milliseconds }),
    report: createReport((line) => lines.push(JSON.parse(line) as Record<string, unknown>), time.now),
    clock: time,
    newOwner: () => `owner-${++owners}`,
    ...changes,
  };
  const invocation = () => ({ answersBy: time.now() + 52_000, writtenBy: time.now() + 58_000 });
  /** Runs work while time passes, to its end. */
  async function play<T>(work: Promise<T>): Promise<T> {
    const done = work.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    await time.run(10_000);
    const ended = await done;
    if ("error" in ended) throw ended.error;
    return ended.value;
  }
  /** Lets time pass. */
  async function wait(milliseconds: number): Promise<void> {
    await play(time.sleep(milliseconds));
  }
  /** The numbers since the last call, those of destinations by `name@destination`. */
  function numbers(): Record<string, number> {
    lines.length = 0;
    ports.report.flush();
    const found: Record<string, number> = {};
    for (const { _aws, destination, ...counts } of lines) {
      if (_aws === undefined) continue;
      for (const [name, value] of Object.entries(counts))
        found[typeof destination === "string" ? `${name}@${destination}` : name] = Number(value);
    }
    return found;
  }
  return { time, memory, ports, queued, letters, hidden, lines, invocation, play, wait, numbers };
}
