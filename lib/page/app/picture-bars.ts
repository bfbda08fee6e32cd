/**
 * The bars of the small picture: alerts a stretch of time, beside what a live run counted of records in the same
 * stretches. Without a run the stretch is chosen by the alerts alone. Pure.
 */
import type { CaseRow } from "../../../lambda/cases/case-schema.ts";
import type { Bucket } from "../exchange.ts";

const MINUTE = 60_000;
const MAX_BARS = 72;
const WIDTHS = [1, 5, 10, 15, 30, 60, 180, 360, 720, 1440, 10_080, 43_200];

/** One stretch of time from `at` on. */
export type Bar = {
  readonly at: string;
  readonly alerts: number;
  readonly bySeverity: Readonly<Record<string, number>>;
  readonly seen: number;
  readonly letThrough: number;
};

type Counted = { alerts: number; bySeverity: Record<string, number>; seen: number; letThrough: number };

/** Bars without gaps, the newest ones where there are too many. @param minutes how wide the buckets are */
export function foldAlerts(
  rows: readonly Pick<CaseRow, "startTime" | "severity">[],
  buckets: readonly Bucket[],
  minutes: number | undefined,
): Bar[] {
  const alerts = rows.filter(({ startTime }) => !Number.isNaN(Date.parse(startTime)));
  const all = [
    ...alerts.map(({ startTime }) => minuteOf(startTime)),
    ...buckets.map(({ at }) => minuteOf(at)),
  ];
  if (all.length === 0) return [];
  const first = all.reduce((least, one) => Math.min(least, one));
  const last = all.reduce((most, one) => Math.max(most, one));
  const count = (width: number): number => Math.floor(last / width) - Math.floor(first / width) + 1;
  // Records that were counted in wide buckets cannot be told apart any finer.
  const least = buckets.length === 0 ? 1 : (minutes ?? 1);
  const width = WIDTHS.find((one) => one >= least && count(one) <= MAX_BARS) ?? 43_200;
  const counted = new Map<number, Counted>();
  const at = (minute: number): Counted => {
    const start = Math.floor(minute / width) * width;
    const bar = counted.get(start) ?? { alerts: 0, bySeverity: {}, seen: 0, letThrough: 0 };
    counted.set(start, bar);
    return bar;
  };
  for (const { startTime, severity } of alerts) {
    const bar = at(minuteOf(startTime));
    bar.alerts += 1;
    bar.bySeverity[severity] = (bar.bySeverity[severity] ?? 0) + 1;
  }
  for (const bucket of buckets) {
    const bar = at(minuteOf(bucket.at));
    bar.seen += bucket.seen;
    bar.letThrough += bucket.letThrough;
  }
  const end = Math.floor(last / width) * width;
  const length = Math.min(count(width), MAX_BARS);
  return Array.from({ length }, (_, index) => {
    const start = end - (length - 1 - index) * width;
    const bar = counted.get(start) ?? { alerts: 0, bySeverity: {}, seen: 0, letThrough: 0 };
    return { at: new Date(start * MINUTE).toISOString(), ...bar };
  });
}

function minuteOf(time: string): number {
  return Math.floor(Date.parse(time) / MINUTE);
}
