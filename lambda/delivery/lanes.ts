/**
 * A few at once, the others in their order: what keeps a hundred alerts from opening a hundred connections to one place.
 *
 *     const lanes = makeLanes(8);
 *     await Promise.all(alerts.map((alert) => lanes(() => send(alert))));   // never more than eight under way
 */

/** Runs work as soon as fewer than `limit` others are under way, in the order of the calls. */
export function makeLanes(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = limit;
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place goes straight to the next, so that none who comes meanwhile takes it.
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
