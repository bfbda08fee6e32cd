/**
 * What must be true of the windowed rule: whoever is a repeat is one of an alert that was told, and each window of more
 * than one record has a summary that counts them all and went to all. What lies whole in a dead-letter queue, record or
 * timer, is excused, and nothing else.
 */
import type { ClosePayload } from "../../lambda/dedup/ports.ts";
import { isObject } from "../../lambda/record/untrusted.ts";
import { alertOf, keyOf, type Part } from "../../lambda/state/alert-item.ts";
import { alertIdOf, WINDOWED } from "./rules.ts";
import type { Schedule } from "./schedule.ts";
import type { History } from "./world.ts";

/** Somebody who was told, or whose letter lies in the dead-letter queue. */
type Reached = { readonly alertId: string; readonly part: Part; readonly destination: string };

/** A delivery that has to be. */
export type Wanted = { readonly record: number; readonly alertId: string; readonly destination: string };

/** The first notices that the records of the windowed rule call for: of the alerts that they name. */
export function windowedDeliveries(
  { records, destinations }: Schedule,
  { table, deadRecords }: History,
  reached: readonly Reached[],
): Wanted[] {
  const ids = destinations.map((_, index) => `d${index}`);
  const dead = new Set([...deadRecords].map((record) => alertIdOf(WINDOWED, record)));
  const isTold = (alertId: string): boolean => ids.every((id) => has(reached, alertId, "first", id));
  return records.flatMap(({ kind }, record) => {
    if (kind !== "repeated" || deadRecords.has(record)) return [];
    const own = alertIdOf(WINDOWED, record);
    const member = table.items().find(({ sk }) => sk.startsWith("MEMBER#") && sk.endsWith(`#${own}`));
    const window = windowsIn(table).find(({ pk, id }) => pk === member?.pk && id === member["window"]);
    const alertId = window?.alertId ?? (member?.["of"] as string | undefined) ?? own;
    // Let through when its window could not be asked; or recorded, and its record brings it to its end when it is redriven.
    if (isTold(own) || (dead.has(alertId) && table.get(keyOf(alertId, "first")) !== undefined)) return [];
    return ids.map((destination) => ({ record, alertId, destination }));
  });
}

/** Windows whose repeats nobody was told of, or of another number than there were. */
export function unsummarised(schedule: Schedule, history: History, reached: readonly Reached[]): string[] {
  const { table, deadRecords, lostTimers } = history;
  const dead = new Set([...deadRecords].map((record) => alertIdOf(WINDOWED, record)));
  const ids = schedule.destinations.map((_, index) => `d${index}`);
  return windowsIn(table).flatMap(({ pk, id, alertId }) => {
    if (lostTimers.some((timer) => timer.partition === pk && timer.window === id)) return [];
    const members = table
      .items()
      .filter((item) => item.pk === pk && item.sk.startsWith("MEMBER#") && item["window"] === id)
      .map((item) => String(item["id"]));
    const all = new Set([alertId, ...members]);
    // Those that were told on their own, or are still to come from the queue, may have been counted or not.
    const sure = [...all].filter(
      (one) => one === alertId || (!dead.has(one) && table.get(keyOf(one, "first")) === undefined),
    );
    const item = table.get(keyOf(alertId, "summary"));
    if (item === undefined)
      return sure.length < 2 || [...all].some((one) => dead.has(one))
        ? []
        : [`nobody is told of the ${all.size} records of window ${id}`];
    const { count } = alertOf(item);
    const wrong = ids
      .filter((destination) => !has(reached, alertId, "summary", destination))
      .map((destination) => `${destination} was never told the summary of ${alertId}`);
    if (count < sure.length || count > all.size)
      wrong.push(`the summary of window ${id} counts ${count} records, not ${all.size}`);
    return wrong;
  });
}

function has(reached: readonly Reached[], alertId: string, part: Part, destination: string): boolean {
  return reached.some(
    (one) => one.alertId === alertId && one.part === part && one.destination === destination,
  );
}

type OfWindow = { readonly pk: string; readonly id: string; readonly alertId: string };

function windowsIn(table: History["table"]): OfWindow[] {
  return table.items().flatMap(({ pk, sk, windows }) => {
    if (sk !== "WINDOW" || !isObject(windows)) return [];
    return Object.entries(windows).map(([id, window]) => ({
      pk,
      id,
      alertId: (window as Pick<ClosePayload, "alertId">).alertId,
    }));
  });
}
