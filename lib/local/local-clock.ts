/**
 * The time of a local run. While anything works it is the machine's; while all there is to do is to wait, for a
 * redelivery or a window's close, it runs `speed` times as fast: an outage of an hour and a window of ten minutes are
 * seen in seconds, and time limits of real connections stay what they are.
 *
 *     const clock = startClock({ speed: 60 });
 *     clock.at(clock.now() + 60_000, () => …);   // called after a second, unless work comes between
 */

/** The clock. Times are milliseconds since 1970. */
export type LocalClock = {
  readonly speed: number;
  now(): number;
  /** Holds the clock at the machine's pace until the function that it gives is called. */
  enter(): () => void;
  /** Calls `action` when that time has come. Gives what calls it off. */
  at(time: number, action: () => void): () => void;
  /** Resolves after so many milliseconds of this clock, and when the clock stops. */
  sleep(milliseconds: number): Promise<void>;
  /** When the next action is due; undefined when nobody waits. */
  next(): number | undefined;
  /** Calls everything off. */
  stop(): void;
};

type Alarm = { readonly time: number; readonly action: () => void; readonly calledOff: () => void };

/** Starts a clock at the machine's time. */
export function startClock({ speed }: { readonly speed: number }): LocalClock {
  const alarms = new Set<Alarm>();
  let ahead = 0;
  let working = 0;
  let hurryingSince: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  const now = (): number => {
    const real = Date.now();
    return real + ahead + (hurryingSince === undefined ? 0 : (real - hurryingSince) * (speed - 1));
  };
  const next = (): number | undefined =>
    alarms.size === 0 ? undefined : Math.min(...[...alarms].map(({ time }) => time));
  const keepPace = (): void => {
    ahead = now() - Date.now();
    hurryingSince = undefined;
    clearTimeout(timer);
    timer = undefined;
  };
  /** Settles the time that has passed and looks anew at what is due. */
  const look = (): void => {
    keepPace();
    const due = next();
    if (due === undefined) return;
    const waits = due - now();
    const hurries = working === 0 && waits > 0;
    if (hurries) hurryingSince = Date.now();
    const real = Math.max(0, waits) / (hurries ? speed : 1);
    timer = setTimeout(ring, Math.min(real, 2 ** 31 - 1));
  };
  const ring = (): void => {
    keepPace();
    const time = now();
    // A timer may be a millisecond early, which at this pace is more.
    const due = [...alarms].filter((alarm) => alarm.time - time <= 2 * speed);
    const latest = Math.max(time, ...due.map((alarm) => alarm.time));
    ahead += latest - time;
    for (const alarm of due.toSorted((a, b) => a.time - b.time)) {
      if (alarms.delete(alarm)) alarm.action();
    }
    look();
  };
  const add = (alarm: Alarm): (() => void) => {
    alarms.add(alarm);
    look();
    return () => {
      if (alarms.delete(alarm)) look();
    };
  };
  return {
    speed,
    now,
    next,
    enter() {
      working += 1;
      look();
      let entered = true;
      return () => {
        if (!entered) return;
        entered = false;
        working -= 1;
        look();
      };
    },
    at: (time, action) => add({ time, action, calledOff: () => {} }),
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        add({ time: now() + milliseconds, action: resolve, calledOff: resolve });
      }),
    stop() {
      const open = [...alarms];
      alarms.clear();
      look();
      for (const { calledOff } of open) calledOff();
    },
  };
}
