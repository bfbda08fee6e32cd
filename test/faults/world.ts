/**
 * The world around the real code: EventBridge's and Lambda's retries, the two queues, a table, destinations with their
 * troubles, on virtual time. It keeps what happened; `verdict.ts` judges it.
 */
import { DeliveryError, type Destination } from "../../lambda/destinations/destination.ts";
import type { Ports } from "../../lambda/pipeline.ts";
import { makeDedup } from "../../lambda/dedup/dedup.ts";
import type { ClosePayload, DedupPorts } from "../../lambda/dedup/ports.ts";
import { dispatch } from "../../lambda/dispatch.ts";
import { createReport } from "../../lambda/report.ts";
import { deliveriesOf, keyOf, type Part } from "../../lambda/state/alert-item.ts";
import { makeAlertStore } from "../../lambda/state/alert-store.ts";
import { asTable, makeMemoryTable, type MemoryTable } from "./memory-table.ts";
import { never, Process, type Weather } from "./process.ts";
import { makeQueueModel, type QueueModel, type Received } from "./queue-model.ts";
import { engine, envelopeOf, warmUp } from "./rules.ts";
import type { Schedule, Trouble } from "./schedule.ts";
import { START, VirtualTime } from "./virtual-time.ts";

const SECOND = 1_000;
const TIMEOUT = 60 * SECOND;
const ANSWERED_BEFORE = 8 * SECOND;
const WRITTEN_BEFORE = 1_500;
/** Seconds that the queue hides what it hands over: six times the function's timeout, as AWS advises. */
const VISIBILITY = 360;
/** Lambda's waits before it tries an asynchronous invocation again. */
const RETRIES = [60 * SECOND, 120 * SECOND];
const MOMENTS = 60_000;

/** A destination that took something. */
export type Take = {
  readonly alertId: string;
  readonly part: Part;
  readonly destination: string;
  readonly at: number;
  readonly process: Process;
  /** Whether its yes was heard. */
  heard: boolean;
};

/** A destination that was asked. */
export type Ask = {
  readonly part: Part;
  readonly destination: string;
  readonly alertId: string;
  readonly at: number;
  readonly process: Process;
  /** Whether the table said by then that it is delivered. */
  readonly afterSuccess: boolean;
  /** Milliseconds that it asked to be left alone for. */
  retryAfter: number;
};

/** What happened. */
export type History = {
  readonly ended: boolean;
  readonly table: MemoryTable;
  readonly takes: readonly Take[];
  readonly asks: readonly Ask[];
  /** Bodies of the dead-letter queue of deliveries, and numbers of the records in that of records. */
  readonly deadDeliveries: readonly string[];
  readonly deadRecords: ReadonlySet<number>;
  /** Timers of windows that ended in that of records. */
  readonly lostTimers: readonly ClosePayload[];
  readonly redelivery: QueueModel;
  readonly processes: readonly { readonly process: Process; readonly end: "done" | "failed" | "died" }[];
  /** Lines that the function wrote. */
  readonly lines: readonly string[];
};

/** Changes ports to broken ones, to see that the proof notices. */
export type Break = {
  readonly ports?: (ports: Ports) => Ports;
  readonly counting?: (ports: DedupPorts) => DedupPorts;
};

const same = <T>(ports: T): T => ports;

/** Runs a schedule to its end. */
export async function runSchedule(schedule: Schedule, broken: Break = {}): Promise<History> {
  await warmUp();
  const time = new VirtualTime();
  const memory = makeMemoryTable();
  const deadDeliveries = makeQueueModel(time.now);
  const redelivery = makeQueueModel(time.now, { maxReceives: 1_000, deadLetters: deadDeliveries });
  const takes: Take[] = [];
  const asks: Ask[] = [];
  const lines: string[] = [];
  const deadRecords = new Set<number>();
  const timers = new Set<string>();
  const lostTimers: ClosePayload[] = [];
  const processes: { process: Process; end: "done" | "failed" | "died" }[] = [];
  const faults = new Map(schedule.faults.map(({ call, fault }) => [call, fault]));
  const lateFaults = schedule.lateFaults.toSorted((a, b) => a.from - b.from);
  let calls = 0;
  let owners = 0;

  const during = ({ from, lasts }: { from: number; lasts: number }): boolean => {
    const at = (time.now() - START) / SECOND;
    return from <= at && at < from + lasts;
  };
  const weather: Weather = {
    nextFault: () => {
      const early = faults.get(calls++);
      const late = lateFaults[0];
      if (early !== undefined || late === undefined || time.now() < START + late.from * SECOND) return early;
      lateFaults.shift();
      return late.fault;
    },
    outage: (port) => {
      if (port === "table") return schedule.tableOutages.find((outage) => during(outage))?.how;
      if (port === "queue")
        return schedule.queueOutages.some((outage) => during(outage)) ? "fails-before" : undefined;
      return undefined;
    },
  };

  function destinationOf(index: number, process: Process): Destination {
    const id = `d${index}`;
    const fail = (message: string, retryable: boolean, retryAfter?: number): never => {
      throw new DeliveryError(message, { destination: id, retryable, retryAfter });
    };
    return {
      id,
      type: "test",
      updates: false,
      async deliver({ alert, kind }, deadline) {
        const part: Part = kind === "summary" ? "summary" : "first";
        const known = deliveriesOf(memory.get(keyOf(alert.id, part)))[id];
        const what = { destination: id, alertId: alert.id, process, part } as const;
        const ask = { ...what, at: time.now(), afterSuccess: known?.state === "delivered", retryAfter: 0 };
        asks.push(ask);
        const take = (): Take => {
          const taken = { ...what, at: time.now(), heard: false };
          takes.push(taken);
          return taken;
        };
        const trouble = schedule.destinations[index]?.troubles.find((one) => during(one));
        const how: Trouble | "fine" = trouble?.how ?? "fine";
        const untilDeadline = (): Promise<void> => process.sleep(Math.max(0, deadline - time.now()));
        switch (how) {
          case "refuses":
            return process.call("destination", () => fail("it refuses for good", false));
          case "fails":
            return process.call("destination", () => fail("it fails", true));
          case "throttles":
            return process.call("destination", () => {
              ask.retryAfter = trouble?.retryAfter ?? 0;
              return fail("slow down", true, trouble?.retryAfter);
            });
          case "times-out":
            await untilDeadline();
            return fail("it did not answer", true);
          case "late":
            await process.call("destination", take);
            await untilDeadline();
            return fail("it did not answer", true);
          case "hangs":
            return never();
          case "fine":
            (await process.call("destination", take)).heard = true;
            return `receipt of ${id}`;
          default:
            throw new Error(`there is no trouble ${String(how)}`);
        }
      },
    };
  }

  function portsFor(process: Process): Ports {
    const table = asTable(memory, (_, effect) => process.call("table", effect));
    const store = makeAlertStore(table, 90);
    const report = createReport((line) => process.alive && lines.push(line), time.now);
    const clock = { now: time.now, sleep: process.sleep };
    const send =
      (queue: QueueModel) =>
      (message: object, delay: number): Promise<void> =>
        process.call("queue", () => queue.send(JSON.stringify(message), Math.ceil(delay / SECOND)));
    const { ports: breakPorts = same, counting: breakCounting = same } = broken;
    return breakPorts({
      engine,
      isCanary: () => false,
      dedup: makeDedup(
        breakCounting({
          table,
          clock,
          schedule: (name, at, payload) =>
            process.call("queue", () => {
              if (timers.has(name)) return;
              timers.add(name);
              time.after(at - time.now(), () => void insistOn(payload, () => lostTimers.push(payload)));
            }),
          readAlert: async (id, deadline) => (await store.read(id, "first", deadline))?.alert,
          failed: (message, alert, error) => report.dedupFailed(alert, message, error),
        }),
      ),
      routing: {
        match: "first",
        routes: [],
        otherwise: schedule.destinations.map((_, index) => `d${index}`),
      },
      destinations: new Map(
        schedule.destinations.map((_, index) => [`d${index}`, destinationOf(index, process)]),
      ),
      store,
      redeliver: send(redelivery),
      bury: send(deadDeliveries),
      hide: (handle, milliseconds) =>
        process.call("queue", () => redelivery.changeVisibility(handle, Math.ceil(milliseconds / SECOND))),
      report,
      clock,
      newOwner: () => `owner-${++owners}`,
    });
  }

  /** One invocation to its end; undefined when it failed or died. */
  async function invoke(input: unknown): Promise<{ answer: unknown } | undefined> {
    const process = new Process(time, weather);
    const ends = time.now() + TIMEOUT;
    const called = time.after(TIMEOUT, () => process.die());
    const invocation = { answersBy: ends - ANSWERED_BEFORE, writtenBy: ends - WRITTEN_BEFORE };
    const run = dispatch(input, { ...portsFor(process), buildCases: async () => [] }, invocation).then(
      (answer) => ({ end: "done" as const, answer }),
      () => ({ end: "failed" as const, answer: undefined }),
    );
    const { end, answer } = await Promise.race([
      run,
      process.died.then(() => ({ end: "died" as const, answer: undefined })),
    ]);
    called();
    process.ended = time.now();
    processes.push({ process, end });
    return end === "done" ? { answer } : undefined;
  }

  /** An asynchronous invocation, with Lambda's tries. */
  async function insistOn(input: unknown, onFailure: () => void): Promise<void> {
    for (const wait of [...RETRIES, undefined]) {
      if ((await invoke(input)) !== undefined) return;
      if (wait === undefined) onFailure();
      else await time.sleep(wait);
    }
  }

  async function handOver(messages: readonly Received[]): Promise<void> {
    const Records = messages.map((message) => ({ ...message, eventSource: "aws:sqs" }));
    const ended = await invoke({ Records });
    if (ended === undefined) return;
    const { batchItemFailures } = ended.answer as { batchItemFailures: { itemIdentifier: string }[] };
    const staying = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const { messageId, receiptHandle } of messages)
      if (!staying.has(messageId)) redelivery.delete(receiptHandle);
  }

  /** Lambda's poller: whatever is visible goes to the function, ten at most at once. */
  const poll = (): void => {
    for (;;) {
      const messages = redelivery.receive(10, VISIBILITY);
      if (messages.length === 0) return;
      const [first] = messages;
      if (first !== undefined && faults.get(calls) === "twice") {
        calls++;
        void handOver([...messages, first]);
        void handOver([first]);
      } else void handOver(messages);
    }
  };
  schedule.records.forEach(({ kind, arrivals }, index) => {
    const envelope = envelopeOf(kind, index, START + (arrivals[0] ?? 0) * SECOND);
    for (const at of arrivals)
      time.after(at * SECOND, () => void insistOn(envelope, () => deadRecords.add(index)));
  });

  let moments = MOMENTS;
  let ended = false;
  while (!ended && moments > 0) {
    const due = redelivery.nextVisible();
    const called = due === undefined ? undefined : time.after(due - time.now(), poll);
    // One moment at a time while messages are under way: each may change when the next is due.
    const idle = await time.run(1);
    moments--;
    called?.();
    ended = idle && redelivery.nextVisible() === undefined;
  }
  return {
    ended,
    table: memory,
    takes,
    asks,
    deadDeliveries: deadDeliveries.bodies(),
    deadRecords,
    lostTimers,
    redelivery,
    processes,
    lines,
  };
}
