/**
 * Finds out what is new among the cases, and tells those who watch. The table cannot call anybody, so it is looked at:
 * every few seconds while somebody watches, and at once when a live run says that an alert has arrived. The log of
 * published alerts gives what arrived since, however old its record is; the newest of the list give what people changed.
 *
 *     const watch = watchRows({ cases, every: 5000, now: Date.now, onProblem });
 *     const end = watch.subscribe((rows) => send(rows));
 *     watch.poke();
 */
import type { CaseRow } from "../../lambda/cases/case-schema.ts";
import type { CaseFilter } from "../../lambda/cases/case-store.ts";
import type { PagePorts } from "./ports.ts";

const LOOKED_AT = 200;
const PUBLISHED = 100;
const LIMIT_MS = 10_000;
/** Rows that are remembered, to tell a changed one from one that was told of already. */
const MAX_KNOWN = 20_000;
/** However often it is poked, it looks no more often than this, in milliseconds. */
const PAUSE_MS = 150;

/** Every case, whatever became of its alert. */
export const ALL_CASES: CaseFilter = { dispositions: ["delivered", "suppressed", "staged", "deduplicated"] };

type Listener = (rows: readonly CaseRow[]) => void;

/** Looks for what is new. */
export type RowWatch = {
  /** Told of rows that are new or have changed, at first of the newest; gives the function that ends it. */
  subscribe(listener: Listener): () => void;
  /** Something has happened: look soon. */
  poke(): void;
  /** A row that is known to have changed. */
  tell(row: CaseRow): void;
  stop(): void;
};

/** A watch that looks at nothing until somebody subscribes. */
export function watchRows(ports: Pick<PagePorts, "cases" | "every" | "now" | "onProblem">): RowWatch {
  const listeners = new Set<Listener>();
  const known = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  let busy = false;
  let poked = false;
  let lastNumber = 0;
  let lastProblem = "";

  const news = (rows: readonly CaseRow[]): CaseRow[] => {
    const changed = rows.filter((row) => known.get(row.id) !== signOf(row));
    for (const row of changed) {
      known.delete(row.id);
      known.set(row.id, signOf(row));
    }
    for (const id of known.keys()) {
      if (known.size <= MAX_KNOWN) break;
      known.delete(id);
    }
    return changed;
  };
  const tellAll = (rows: readonly CaseRow[]): void => {
    if (rows.length > 0) for (const listener of listeners) listener(rows);
  };
  const look = async (): Promise<void> => {
    const deadline = ports.now() + LIMIT_MS;
    const [{ rows }, numbered] = await Promise.all([
      ports.cases.list(ALL_CASES, { limit: LOOKED_AT }, deadline),
      ports.cases.published({ limit: PUBLISHED }, deadline),
    ]);
    const since = numbered.filter(({ number }) => number > lastNumber).map(({ row }) => row);
    lastNumber = Math.max(lastNumber, ...numbered.map(({ number }) => number));
    // The list is read for itself: where both have a row, it has the later state.
    tellAll(news([...new Map([...since, ...rows].map((row) => [row.id, row])).values()]));
  };
  const run = async (): Promise<void> => {
    timer = undefined;
    busy = true;
    poked = false;
    try {
      await look();
      lastProblem = "";
    } catch (error) {
      // Every few seconds the same words would say no more than once.
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== lastProblem) ports.onProblem(`the page cannot look for new alerts: ${problem}`);
      lastProblem = problem;
    }
    busy = false;
    if (listeners.size > 0) schedule(poked ? PAUSE_MS : ports.every);
  };
  const schedule = (milliseconds: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void run(), milliseconds);
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      if (listeners.size === 1 && !busy) schedule(0);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) clearTimeout(timer);
      };
    },
    poke() {
      if (poked) return;
      poked = true;
      if (!busy && listeners.size > 0) schedule(PAUSE_MS);
    },
    tell: (row) => tellAll(news([row])),
    stop() {
      listeners.clear();
      clearTimeout(timer);
    },
  };
}

function signOf(row: CaseRow): string {
  return JSON.stringify([row.status, row.disposition, row.count, row.endTime, row.number, row.changedAt]);
}
