/**
 * What must be true of every history, whatever went wrong in it. Each violation is a sentence that names the alert and the
 * destination; `lost` and `repeated` are counted apart, because they are what the product is judged by.
 */
import { isObject } from "../../lambda/record/untrusted.ts";
import { deliveriesOf, keyOf as itemKeyOf, type Part } from "../../lambda/state/alert-item.ts";
import { keptKey } from "../../lambda/cases/case-items.ts";
import { alertIdOf, DELIVERED, KEPT, WINDOWED } from "./rules.ts";
import type { Schedule } from "./schedule.ts";
import { unsummarised, type Wanted, windowedDeliveries } from "./windows.ts";
import type { Ask, History, Take } from "./world.ts";

/** The judgement of one history. */
export type Verdict = {
  /** Alerts that had to reach somebody. */
  readonly alerts: number;
  /** Deliveries that neither happened nor lie in a dead-letter queue. */
  readonly lost: number;
  /** Deliveries made again although their success had been recorded. */
  readonly repeated: number;
  /** Everything that is wrong, the lost and the repeated among it. */
  readonly violations: readonly string[];
};

type Letter = {
  readonly alertId: string;
  readonly part: Part;
  readonly destination: string;
  readonly reason: string;
  readonly since: string;
  readonly until: string;
};

/** An invocation that ended later than this, in milliseconds, had run out of time. */
const OUT_OF_TIME = 55_000;
/** How soon a destination is asked, in milliseconds, when the table and the queues work. */
const PROMPT = 2_000;
const DAY = 86_400_000;
/** Trying ends 26 hours after the first claim, which is minutes before the first attempt when its process died. */
const TRY_FOR = 25 * 3_600_000;

/** Judges a history. */
export function judge(schedule: Schedule, history: History): Verdict {
  const letters = history.deadDeliveries.map((body) => JSON.parse(body) as Letter);
  const reached = [...history.takes, ...letters];
  const wanted = [...wantedDeliveries(schedule), ...windowedDeliveries(schedule, history, reached)];
  const lost = wanted.filter(
    ({ record, alertId, destination }) =>
      !history.deadRecords.has(record) &&
      !reached.some(
        (one) => one.alertId === alertId && one.part === "first" && one.destination === destination,
      ),
  );
  const repeated = history.asks.filter(({ afterSuccess }) => afterSuccess);
  const violations = [
    ...(history.ended ? [] : ["it never comes to an end"]),
    ...lost.map(({ alertId, destination }) => `${destination} was never told of ${alertId}`),
    ...repeated.map(
      ({ alertId, destination }) =>
        `${destination} was asked again to take ${alertId}, recorded as delivered`,
    ),
    ...openDeliveries(history, wanted),
    ...unkept(schedule, history),
    ...unlisted(history),
    ...unsummarised(schedule, history, reached),
    ...duplicates(history),
    ...waiting(history),
    ...impatience(history),
    ...earlyDeaths(letters),
    ...sums(schedule, history),
  ];
  const alerts = new Set(wanted.map(({ alertId }) => alertId)).size;
  return { alerts, lost: lost.length, repeated: repeated.length, violations };
}

function wantedDeliveries({ records, destinations }: Schedule): Wanted[] {
  return records.flatMap(({ kind }, record) =>
    DELIVERED[kind].flatMap(({ ruleId, all }) => {
      const alertId = alertIdOf(ruleId, record);
      return destinations
        .slice(0, all ? destinations.length : 1)
        .map((_, index) => ({ record, alertId, destination: `d${index}` }));
    }),
  );
}

/** Whatever is in the table has an end, unless its record lies whole in a dead-letter queue. */
function openDeliveries({ table, deadRecords, lostTimers }: History, wanted: readonly Wanted[]): string[] {
  const excused = new Set([
    ...wanted.filter(({ record }) => deadRecords.has(record)).map(({ alertId }) => alertId),
    ...[...deadRecords].map((record) => alertIdOf(WINDOWED, record)),
  ]);
  return table.items().flatMap((item) => {
    if (!item.pk.startsWith("ALERT#")) return [];
    const alertId = item.pk.slice("ALERT#".length);
    // The timer's event lies whole where records do.
    if (item.sk === "SUMMARY" && lostTimers.some((timer) => timer.alertId === alertId)) return [];
    if (excused.has(alertId)) return [];
    return Object.entries(deliveriesOf(item)).flatMap(([destination, { state }]) =>
      state === "delivered" || state === "dead" ? [] : [`${alertId} is ${state} for ${destination} for ever`],
    );
  });
}

/** Whatever nobody was told of is kept, unless its record lies whole in a dead-letter queue. */
function unkept({ records }: Schedule, { table, deadRecords }: History): string[] {
  return records.flatMap(({ kind }, record) => {
    const ruleId = KEPT[kind];
    if (ruleId === undefined || deadRecords.has(record)) return [];
    const id = alertIdOf(ruleId, record);
    const found = table.get(itemKeyOf(id, "first")) ?? table.get(keptKey(id));
    return found === undefined ? [`${id}, a match of ${ruleId}, is neither told nor kept`] : [];
  });
}

/** Whatever is told or kept is found by lists: it has a row and the keys of the indexes, and its day is known. */
function unlisted({ table, processes }: History): string[] {
  const items = table.items();
  const days = new Set(items.filter(({ pk }) => pk === "DAYS").map(({ sk }) => sk));
  // A process that died, or had no time left, may have put an alert and not its day; its record comes again or lies whole.
  const troubled = processes.some(({ end }) => end !== "done");
  return items.flatMap((item) => {
    if (!item.pk.startsWith("ALERT#") || (item.sk !== "ALERT" && item.sk !== "KEPT")) return [];
    const { row, place, day, actorKey, ruleKey } = item;
    const shelf = item.sk === "ALERT" ? "told#" : "kept#";
    const keys = [day, actorKey, ruleKey].map((key) => String(key));
    const whole = isObject(row) && typeof place === "string" && keys.every((key) => key.startsWith(shelf));
    return whole && (days.has(String(day)) || troubled) ? [] : [`${item.pk} ${item.sk} is in no list`];
  });
}

/** A second take is excused only by what happened to the first: nobody heard the yes, or could not write it down. */
function duplicates({ takes, processes }: History): string[] {
  const died = new Set(processes.filter(({ end }) => end === "died").map(({ process }) => process));
  return [...Map.groupBy(takes, keyOf).values()].flatMap((same) =>
    same
      .toSorted((a, b) => a.at - b.at)
      .slice(0, -1)
      .filter(
        ({ heard, process }) => heard && !died.has(process) && !(isLate(process) && process.failures > 2),
      )
      .map(({ alertId, destination }) => `${destination} took ${alertId} twice, and nothing had happened`),
  );
}

function keyOf({ alertId, destination, part }: Pick<Take, "alertId" | "destination" | "part">): string {
  return `${alertId} ${destination} ${part}`;
}

function isLate({ started, ended }: Take["process"]): boolean {
  return ended - started > OUT_OF_TIME;
}

/** Where table and queues work, a destination is asked at once, whatever the others do. */
function waiting({ asks }: History): string[] {
  return asks
    .filter(({ at, process }) => process.failures === 0 && at - process.started > PROMPT)
    .map(
      ({ destination, alertId, at, process }) =>
        `${destination} waited ${at - process.started} ms for ${alertId}`,
    );
}

/** Nobody is asked again before the time that they asked for, or before trying ends. */
function impatience({ asks, processes }: History): string[] {
  const sound = new Set(
    processes
      .filter(({ process, end }) => end !== "died" && process.failures === 0)
      .map(({ process }) => process),
  );
  return [...Map.groupBy(asks, keyOf).values()].flatMap((same) =>
    same.flatMap((ask: Ask, at) => {
      const next = same[at + 1];
      const [first] = same;
      if (next === undefined || first === undefined || !sound.has(ask.process)) return [];
      const due = Math.min(ask.at + ask.retryAfter, first.at + TRY_FOR);
      return next.at < due
        ? [`${ask.destination} asked for ${ask.retryAfter} ms and got ${next.at - ask.at}`]
        : [];
    }),
  );
}

/** What may heal is tried for a day at least. */
function earlyDeaths(letters: readonly Letter[]): string[] {
  return letters
    .filter(
      ({ reason, since, until }) =>
        !reason.includes("for good") && Date.parse(until) - Date.parse(since) < DAY,
    )
    .map(
      ({ destination, alertId, since, until }) =>
        `${destination} was given up for ${alertId} between ${since} and ${until}`,
    );
}

/** The numbers add up: of records always, of alerts where no process took its numbers to its grave. */
function sums({ records }: Schedule, { lines, processes, table, deadRecords }: History): string[] {
  const totals: Record<string, number> = {};
  for (const line of lines) {
    const metrics: unknown = JSON.parse(line);
    if (!isObject(metrics) || metrics["_aws"] === undefined) continue;
    for (const [name, value] of Object.entries(metrics))
      if (typeof value === "number") totals[name] = (totals[name] ?? 0) + value;
  }
  const of = (...names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (totals[name] ?? 0), 0);
  const wrong: string[] = [];
  const same = (what: string, a: number, b: number): void => {
    if (a !== b) wrong.push(`${what}: ${a} is not ${b}`);
  };
  same("Records", of("Records"), of("RecordsMatched", "RecordsUnmatched", "RecordsUnreadable"));
  const readable = [...deadRecords].some((index) => records[index]?.kind !== "unreadable");
  const troubled = processes.some(
    ({ process, end }) => end === "died" || isLate(process) || (end === "failed" && process.failures > 0),
  );
  if (readable || troubled) return wrong;
  const ends = ["AlertsDelivered", "AlertsSuppressed", "AlertsDeduplicated", "AlertsStaged", "AlertsDead"];
  same("Alerts", of("Alerts"), of(...ends));
  const states = table.items().flatMap((item) => Object.values(deliveriesOf(item)));
  same("Deliveries", of("Deliveries"), states.filter(({ state }) => state === "delivered").length);
  return wrong;
}
