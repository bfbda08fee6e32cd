import { describe, expect, it } from "vitest";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import type { DedupPorts } from "../../lambda/dedup/ports.ts";
import type { Ports } from "../../lambda/pipeline.ts";
import { sampleAlert } from "../lambda/alerts/sample.ts";
import { prove } from "./prove.ts";
import { alertIdOf, WINDOWED } from "./rules.ts";
import type { Schedule } from "./schedule.ts";
import { judge } from "./verdict.ts";
import { type Break, runSchedule } from "./world.ts";

const ALERT = sampleAlert();

/** Found by seed 11: the opener of a window dies before its alert is recorded, and a record like it comes a second later. */
const UNTOLD: Schedule = {
  records: [
    { kind: "repeated", arrivals: [1] },
    { kind: "repeated", arrivals: [0] },
  ],
  destinations: [{ troubles: [] }],
  tableOutages: [{ from: 2, lasts: 280, how: "fails-before" }],
  queueOutages: [],
  faults: [{ call: 2, fault: "dies-after" }],
  lateFaults: [],
};

/** The proof itself; `npm run faults` runs more of it, and any seed again. */
describe("exact redelivery", () => {
  const random = Math.floor(Math.random() * 0x7fffffff);
  it.each([11, random])(
    "loses and repeats nothing in 2,000 schedules of faults, seed %i",
    async (seed) => {
      const { schedules, alerts, lost, repeated, failure } = await prove({ count: 2_000, seed });
      expect({ failure, seed }).toEqual({ failure: undefined, seed });
      expect({ schedules, lost, repeated }).toEqual({ schedules: 2_000, lost: 0, repeated: 0 });
      expect(alerts).toBeGreaterThan(1_000);
    },
    120_000,
  );

  it.each([280, 150, 20])(
    "mutes no record by an alert that nobody was told of, table down %i s",
    async (lasts) => {
      const schedule = { ...UNTOLD, tableOutages: [{ from: 2, lasts, how: "fails-before" as const }] };
      const history = await runSchedule(schedule);
      expect(judge(schedule, history).violations).toEqual([]);
      expect(history.takes.length).toBeGreaterThan(0);
    },
  );

  it("lets a record take the place of one that dies at every try", async () => {
    const dies = [60, 179].map((from) => ({ from, fault: "dies-before" as const }));
    const schedule = { ...UNTOLD, tableOutages: [], lateFaults: dies };
    const history = await runSchedule(schedule);
    expect(judge(schedule, history).violations).toEqual([]);
    expect(history.deadRecords).toEqual(new Set([1]));
    expect(history.takes.map(({ alertId }) => alertId)).toEqual([alertIdOf(WINDOWED, 0)]);
  });

  it("is found to be broken when alerts count as recorded that are not", async () => {
    const { violations } = judge(UNTOLD, await runSchedule(UNTOLD, { counting: assumeRecorded }));
    expect(violations.join("\n")).toMatch(/never told/);
  });

  const breaks: readonly (readonly [string, Break, RegExp])[] = [
    [
      "the redelivery queue is never sent to",
      { ports: (ports) => ({ ...ports, redeliver: async () => undefined }) },
      /never told|for ever/,
    ],
    [
      "dead letters are dropped",
      { ports: (ports) => ({ ...ports, bury: async () => undefined }) },
      /never told/,
    ],
    [
      "all claims have one name",
      { ports: (ports) => ({ ...ports, newOwner: () => "one" }) },
      /twice|asked again/,
    ],
    [
      "nobody looks after deliveries that another invocation holds",
      withStore((store) => ({ record: async (...all) => ({ ...(await store.record(...all)), busy: [] }) })),
      /for ever|never told/,
    ],
    [
      "successes are not recorded",
      withStore((store) => ({
        settle: async (...all) => (all[3].state === "delivered" ? undefined : store.settle(...all)),
      })),
      /twice|for ever/,
    ],
    [
      "no timer is made",
      { counting: (ports) => ({ ...ports, schedule: async () => undefined }) },
      /nobody is told of the/,
    ],
    [
      "a timer that failed is not made again",
      {
        counting: (ports) => ({
          ...ports,
          schedule: (...all) => ports.schedule(...all).catch(() => undefined),
        }),
      },
      /nobody is told of the/,
    ],
    [
      "what nobody is told of is not kept",
      withStore(() => ({ keep: async () => true })),
      /neither told nor kept/,
    ],
    [
      "a failure to keep is swallowed",
      withStore((store) => ({ keep: (...all) => store.keep(...all).catch(() => true) })),
      /neither told nor kept/,
    ],
    ["windows are closed without a summary", withClose(async () => undefined), /nobody is told of the/],
    [
      "a summary counts one too many",
      withClose(async (summary) => summary && { ...summary, count: summary.count + 1 }),
      /counts \d records, not/,
    ],
    [
      "a summary goes to nobody",
      withStore((store) => ({
        record: (alert, part, to, caller) => store.record(alert, part, part === "summary" ? [] : to, caller),
      })),
      /never told the summary/,
    ],
    [
      "an alert of a window goes to its first destination alone",
      withStore((store) => ({
        record: (alert, part, to, caller) =>
          store.record(alert, part, alert.rule.id === WINDOWED ? to.slice(0, 1) : to, caller),
      })),
      /never told/,
    ],
  ];
  it.each(breaks)("is found to be broken when %s", { timeout: 120_000 }, async (_, broken, violation) => {
    const { failure } = await prove({ count: 2_000, seed: 7, broken });
    expect(failure?.violations.join("\n")).toMatch(violation);
  });
});

function withStore(changes: (store: Ports["store"]) => Partial<Ports["store"]>): Break {
  return { ports: (ports) => ({ ...ports, store: { ...ports.store, ...changes(ports.store) } }) };
}

function withClose(change: (summary: Alert | undefined) => Promise<Alert | undefined>): Break {
  return {
    ports: (ports) => ({
      ...ports,
      dedup: { ...ports.dedup, close: async (...all) => change(await ports.dedup.close(...all)) },
    }),
  };
}

function assumeRecorded(ports: DedupPorts): DedupPorts {
  const { readAlert } = ports;
  return { ...ports, readAlert: async (id, deadline) => (await readAlert(id, deadline)) ?? { ...ALERT, id } };
}
