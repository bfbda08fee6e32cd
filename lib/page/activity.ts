/**
 * What a run has seen, let through and delivered, for the small picture over time. Counted a minute of the records' own
 * time, not of the clock: a day that is played in seconds shows as the day it was. Bounded, however long the run is.
 *
 *     const activity = makeActivity();
 *     activity.seen("2026-11-20T10:15:30Z", true);
 *     activity.picture()   // { buckets: [{ at: "2026-11-20T10:15:00.000Z", seen: 1, letThrough: 1 }], minutes: 1, … }
 */
import type { DeliveryNews } from "../local/detector-log.ts";
import type { Deliveries, Picture, RecentDelivery } from "./exchange.ts";

const MINUTE = 60_000;
/** Bars of the picture at most, and how wide one may be, in minutes. */
const MAX_BUCKETS = 72;
const WIDTHS = [1, 5, 10, 15, 30, 60, 180, 360, 720, 1440, 10_080];
/** Minutes that are counted, a week of them: of more, those furthest back are forgotten. */
const MAX_MINUTES = 10_080;
const MAX_DESTINATIONS = 100;
const MAX_RECENT = 50;

/** Counts, and tells whoever watches that something has changed. */
export type Activity = {
  /** One record at the event bus, with its own time. */
  seen(time: unknown, letThrough: boolean): void;
  delivery(news: DeliveryNews): void;
  picture(): Picture;
  /** Calls back after each change; gives the function that ends it. */
  watch(listener: () => void): () => void;
};

type Counts = { seen: number; letThrough: number };

/** An activity that has counted nothing yet. */
export function makeActivity(now: () => number = Date.now): Activity {
  const minutes = new Map<number, Counts>();
  const total: Counts = { seen: 0, letThrough: 0 };
  const deliveries = new Map<string, { -readonly [key in keyof Deliveries]: Deliveries[key] }>();
  const recent: RecentDelivery[] = [];
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    seen(time, letThrough) {
      const at = typeof time === "string" ? Date.parse(time) : Number.NaN;
      const minute = Math.floor((Number.isNaN(at) ? now() : at) / MINUTE);
      const counts = minutes.get(minute) ?? { seen: 0, letThrough: 0 };
      minutes.set(minute, counts);
      for (const one of [counts, total]) {
        one.seen += 1;
        if (letThrough) one.letThrough += 1;
      }
      if (minutes.size > MAX_MINUTES) minutes.delete(Math.min(...minutes.keys()));
      tell();
    },
    delivery(news) {
      const { destination } = news;
      if (!deliveries.has(destination) && deliveries.size >= MAX_DESTINATIONS) return;
      const counts = deliveries.get(destination) ?? {
        destination,
        delivered: 0,
        afterRetry: 0,
        failedAttempts: 0,
        dead: 0,
      };
      deliveries.set(destination, counts);
      if (news.kind === "delivered") counts.delivered += 1;
      else if (news.kind === "dead") counts.dead += 1;
      else counts.failedAttempts += 1;
      if (news.kind === "delivered" && news.attempts > 1) counts.afterRetry += 1;
      if (news.kind !== "delivered" || news.attempts > 1) {
        const { kind, ruleId, reason, attempts } = news;
        recent.unshift({ at: new Date(now()).toISOString(), kind, destination, ruleId, reason, attempts });
        recent.length = Math.min(recent.length, MAX_RECENT);
      }
      tell();
    },
    picture: () => ({
      ...fold(minutes),
      ...total,
      deliveries: [...deliveries.values()].toSorted((a, b) => (a.destination < b.destination ? -1 : 1)),
      recent: [...recent],
    }),
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** As many buckets as fit, of the width that shows the whole time; the newest ones where even the widest are too many. */
function fold(counted: ReadonlyMap<number, Counts>): Pick<Picture, "buckets" | "minutes"> {
  const all = [...counted.keys()];
  const first = all.reduce((least, minute) => Math.min(least, minute), Number.POSITIVE_INFINITY);
  const last = all.reduce((most, minute) => Math.max(most, minute), Number.NEGATIVE_INFINITY);
  const bars = (width: number): number => Math.floor(last / width) - Math.floor(first / width) + 1;
  const width = WIDTHS.find((one) => bars(one) <= MAX_BUCKETS) ?? 10_080;
  const folded = new Map<number, Counts>();
  for (const [minute, { seen, letThrough }] of counted) {
    const start = Math.floor(minute / width) * width;
    const counts = folded.get(start) ?? { seen: 0, letThrough: 0 };
    folded.set(start, { seen: counts.seen + seen, letThrough: counts.letThrough + letThrough });
  }
  const buckets = [...folded]
    .toSorted(([a], [b]) => a - b)
    .slice(-MAX_BUCKETS)
    .map(([start, { seen, letThrough }]) => ({
      at: new Date(start * MINUTE).toISOString(),
      seen,
      letThrough,
    }));
  return { buckets, minutes: width };
}
