import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Admission } from "../../../lambda/dedup/ports.ts";
import type { Rule } from "../../../lambda/engine/rule.ts";
import { modelTable } from "./model-table.ts";
import { type Arrival, arrivals, live, type Outcome } from "./schedules.ts";
import { makeRule, MINUTE, START } from "./world.ts";

const dedup = makeRule({});
const threshold = makeRule({ threshold: { count: 3, within: "4m", by: ["actor.arn"] } });
const distinct = makeRule({
  threshold: { count: 3, within: "6m", by: ["actor.arn"], distinct: "requestParameters.key" },
});
const WIDTH = 10 * MINUTE;

/** The alert that a record is or belongs to; undefined when it only counts. */
function alertIn(answer: Admission | undefined): string | undefined {
  if (answer?.kind === "first") return answer.alert.id;
  return answer?.kind === "repeat" ? answer.of : undefined;
}

function belongsTo(outcome: Outcome, id: string): string | undefined {
  return alertIn(outcome.last.get(id));
}

function groups(outcome: Outcome, list: readonly Arrival[]): Map<string, Arrival[]> {
  return Map.groupBy(
    list.filter(({ id }) => belongsTo(outcome, id) !== undefined),
    ({ id }) => belongsTo(outcome, id) ?? "",
  );
}

/** What is true of dedup however records come: told once, counted once, windows apart. */
function expectWindows(outcome: Outcome, list: readonly Arrival[]): void {
  const { world, alertIds } = outcome;
  const byAlert = groups(outcome, list);
  expect([...byAlert.keys()].toSorted()).toEqual([...world.alerts.keys()].toSorted());
  expect(list.every(({ id }) => belongsTo(outcome, id) !== undefined)).toBe(true);
  for (const [alertId, members] of byAlert) {
    expect(new Set(members.map(({ user }) => user)).size).toBe(1);
    expect(members.some(({ id }) => alertIds.get(id) === alertId)).toBe(true);
    expect(world.summaries.get(alertId)?.count ?? 1).toBe(members.length);
    const summary = world.summaries.get(alertId) ?? world.alerts.get(alertId);
    const times = members.map(({ time }) => time);
    expect(Date.parse(summary?.startTime ?? "")).toBe(Math.min(...times));
    expect(Date.parse(summary?.endTime ?? "")).toBe(Math.max(...times));
  }
}

/** Windows do not overlap, as long as nobody has to take one over. */
function expectApart({ world, alertIds }: Outcome, list: readonly Arrival[]): void {
  for (const user of ["alice", "bob"]) {
    const opened = list
      .filter((one) => one.user === user && world.alerts.has(alertIds.get(one.id) ?? ""))
      .map(({ time }) => time)
      .toSorted((a, b) => a - b);
    opened.slice(1).forEach((time, at) => expect(time - (opened[at] ?? 0)).toBeGreaterThanOrEqual(WIDTH));
  }
}

/** Sorted records, one after the other: who begins a window and how many are in it. */
function greedyWindows(list: readonly Arrival[]): string[] {
  const windows: { user: string; from: number; first: string; count: number }[] = [];
  for (const { id, user, time } of list.toSorted((a, b) => a.time - b.time)) {
    const open = windows.findLast((one) => one.user === user && time < one.from + WIDTH);
    if (open === undefined) windows.push({ user, from: time, first: id, count: 1 });
    else open.count++;
  }
  return windows.map(({ first, count }) => `${first} ${count}`).toSorted();
}

/** The alert that stands, in the end, for the window that a record joined. */
function windowAlert({ items }: ReturnType<typeof modelTable>, alertId: string): string | undefined {
  const member = [...items.values()].find(({ sk }) => sk.endsWith(alertId));
  const head = items.get(`${member?.pk} WINDOW`)?.["windows"] as
    | Record<string, { alertId: string }>
    | undefined;
  return head?.[String(member?.["window"])]?.alertId;
}

const within = (rule: Rule): number => Number.parseInt(rule.threshold?.within ?? "", 10) * MINUTE;

/** Whether some span of the rule's length has enough of these. */
function isBurst(rule: Rule, list: readonly Arrival[]): boolean {
  return list.some(({ time }) => {
    const there = list.filter((one) => one.time >= time && one.time < time + within(rule));
    const counted =
      rule.threshold?.distinct === undefined ? there.map(({ id }) => id) : there.map(({ value }) => value);
    return new Set(counted).size >= 3;
  });
}

/** What is true of thresholds however records come. */
function expectBursts(rule: Rule, outcome: Outcome, list: readonly Arrival[]): void {
  const { world, alertIds } = outcome;
  const ids = new Map(list.map((one) => [alertIds.get(one.id) ?? "", one]));
  const bursts = [...world.alerts.values()].map((alert) => ({ alert, first: ids.get(alert.id) }));
  for (const { alert, first } of bursts) {
    // Of an aggregate's first record, and reached.
    expect(first?.time).toBeGreaterThanOrEqual(Date.parse(alert.startTime));
    const span = list.filter(
      ({ user, time }) =>
        user === first?.user && time >= Date.parse(alert.startTime) && time <= Date.parse(alert.endTime),
    );
    expect(isBurst(rule, span)).toBe(true);
  }
  for (const user of ["alice", "bob"]) {
    const own = bursts
      .flatMap(({ first }) => (first?.user === user ? [first.time] : []))
      .toSorted((a, b) => a - b);
    own.slice(1).forEach((time, at) => expect(time).toBeGreaterThan(own[at] ?? 0));
    const free = list.filter((one) => {
      if (one.user !== user || belongsTo(outcome, one.id) !== undefined) return false;
      return !own.some((from) => one.time >= from && one.time < from + WIDTH);
    });
    expect(isBurst(rule, free)).toBe(false);
  }
  // Whoever is a repeat is one of an alert that was told.
  for (const alertId of groups(outcome, list).keys()) expect(world.alerts.has(alertId)).toBe(true);
}

/** Sorted records, one after the other: the first record of each burst. */
function greedyBursts(rule: Rule, list: readonly Arrival[]): string[] {
  const found: string[] = [];
  for (const user of ["alice", "bob"]) {
    let ends = 0;
    let free: Arrival[] = [];
    for (const one of list.filter((other) => other.user === user).toSorted((a, b) => a.time - b.time)) {
      if (one.time < ends) continue;
      free = [...free, one].filter(({ time }) => time > one.time - within(rule));
      if (!isBurst(rule, free)) continue;
      const [first = one] = free;
      found.push(first.id);
      ends = first.time + WIDTH;
      free = [];
    }
  }
  return found.toSorted();
}

const runs = (numRuns: number) => ({ numRuns });
/** Records of one time have no order of their own. */
const apart = (list: readonly Arrival[]): boolean =>
  new Set(list.map(({ time }) => time)).size === list.length;

describe("repeats, whatever comes", () => {
  it("are those of the sorted records when they come in order", () =>
    fc.assert(
      fc.asyncProperty(arrivals({ faulty: false, inOrder: true }).filter(apart), async (list) => {
        const outcome = await live(dedup, list, modelTable());
        expectWindows(outcome, list);
        const got = [...groups(outcome, list)].map(([alertId, members]) => {
          const first = members.find(({ id }) => outcome.alertIds.get(id) === alertId);
          return `${first?.id} ${members.length}`;
        });
        expect(got.toSorted()).toEqual(greedyWindows(list));
      }),
      runs(150),
    ));

  it("are told once and counted once: late, twice, at once, with faults and deaths", () =>
    fc.assert(
      fc.asyncProperty(arrivals({ faulty: true }), fc.scheduler(), async (list, scheduler) => {
        const outcome = await live(dedup, list, modelTable(), scheduler);
        expectWindows(outcome, list);
        expect(outcome.loud).toBe(0);
      }),
      runs(300),
    ));

  it("get one answer each, however often they come, as long as nobody dies", () =>
    fc.assert(
      fc.asyncProperty(arrivals({ faulty: false }), fc.scheduler(), async (list, scheduler) => {
        const outcome = await live(dedup, list, modelTable(), scheduler);
        expectWindows(outcome, list);
        expectApart(outcome, list);
        for (const { id } of list) {
          const answers = (outcome.answers.get(id) ?? []).map((answer) => alertIn(answer));
          expect(new Set(answers)).toEqual(new Set([belongsTo(outcome, id)]));
        }
      }),
      runs(150),
    ));

  it("are never repeats of what nobody was told of, unless that is said aloud", () =>
    fc.assert(
      fc.asyncProperty(arrivals({ faulty: true, losing: true }), fc.scheduler(), async (list, scheduler) => {
        const table = modelTable();
        const { world, answers, alertIds, loud } = await live(dedup, list, table, scheduler);
        const untold = list.filter(({ id, lost }) => {
          const alertId = alertIds.get(id) ?? "";
          const told = [
            alertId,
            windowAlert(table, alertId),
            ...(answers.get(id) ?? []).map((answer) => alertIn(answer)),
          ];
          return !lost && !told.some((one) => one !== undefined && world.alerts.has(one));
        });
        expect(untold.length === 0 || loud > 0).toBe(true);
      }),
      runs(150),
    ));
});

describe.each([
  ["records", threshold],
  ["distinct values", distinct],
])("a threshold of %s, whatever comes", (_, rule) => {
  it("is reached where the sorted records reach it, when they come in order", () =>
    fc.assert(
      fc.asyncProperty(arrivals({ faulty: false, inOrder: true }).filter(apart), async (list) => {
        const outcome = await live(rule, list, modelTable());
        expectBursts(rule, outcome, list);
        const firsts = list.filter(({ id }) => outcome.world.alerts.has(outcome.alertIds.get(id) ?? ""));
        expect(firsts.map(({ id }) => id).toSorted()).toEqual(greedyBursts(rule, list));
      }),
      runs(150),
    ));

  it("is one alert a burst, and no burst goes untold: late, twice, at once, with faults and deaths", () =>
    fc.assert(
      fc.asyncProperty(arrivals({ faulty: true }), fc.scheduler(), async (list, scheduler) => {
        const outcome = await live(rule, list, modelTable(), scheduler);
        expectBursts(rule, outcome, list);
        expect(outcome.loud).toBe(0);
      }),
      runs(300),
    ));
});

describe("the schedules", () => {
  it("have late, early and double records, bursts, repeats and deaths in them", () => {
    const sample = fc.sample(arrivals({ faulty: true }), { numRuns: 200, seed: 1 });
    const all = sample.flat();
    expect(all.some(({ comes }) => comes.length > 1)).toBe(true);
    expect(all.some(({ faults }) => faults.some((plan) => [...plan.values()].includes("dies after")))).toBe(
      true,
    );
    expect(sample.filter((list) => isBurst(threshold, list)).length).toBeGreaterThan(50);
    expect(all.every(({ time }) => time >= START)).toBe(true);
  });
});
