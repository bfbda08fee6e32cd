/**
 * All cases that the page knows, in order, and how it hears of more: everything is loaded in parts up to a bound, then
 * the stream adds what is new. Filtering is done here, in the browser: with ten thousand rows it takes milliseconds.
 */
import type { CaseRow } from "../../../lambda/cases/case-schema.ts";
import type { Picture } from "../exchange.ts";
import { fetchPicture, fetchRows, listen } from "./api.ts";
import { compareRows, type FoundRow, wordsOf } from "./filters.ts";

/** Rows that are loaded without being asked for. */
const MAX_ROWS = 10_000;
const TOLD_MS = 120;

/** What the page shows of the list; a new object after each change. */
export type Known = {
  readonly rows: readonly FoundRow[];
  readonly byId: ReadonlyMap<string, CaseRow>;
  /** Rows that arrived after the list was loaded and were not looked at yet. */
  readonly fresh: ReadonlySet<string>;
  readonly loading: boolean;
  /** Whether there are older ones that were not loaded. */
  readonly more: boolean;
  readonly isUp: boolean | undefined;
  readonly problem: string;
  readonly picture: Partial<Picture>;
};

/** The list. */
export type CaseList = {
  get(): Known;
  subscribe(listener: () => void): () => void;
  /** Told of rows that arrive while somebody looks, for those who cannot see them. */
  onArrival(listener: (rows: readonly CaseRow[]) => void): void;
  put(row: CaseRow): void;
  seen(ids: readonly string[]): void;
  loadMore(): Promise<void>;
  start(signal: AbortSignal): void;
};

/** An empty list; `start` begins to fill it. */
export function makeCaseList(): CaseList {
  const all = new Map<string, FoundRow>();
  const fresh = new Set<string>();
  const listeners = new Set<() => void>();
  const arrivals = new Set<(rows: readonly CaseRow[]) => void>();
  let cursor: string | undefined;
  let isLoaded = false;
  let limit = MAX_ROWS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let state: Known = {
    rows: [],
    byId: new Map(),
    fresh: new Set(),
    loading: true,
    more: false,
    isUp: undefined,
    problem: "",
    picture: {},
  };

  const change = (changes: Partial<Known>): void => {
    state = { ...state, ...changes };
    for (const listener of listeners) listener();
  };
  const retell = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const rows = [...all.values()].toSorted((a, b) => compareRows(a.row, b.row));
    change({ rows, byId: new Map(rows.map(({ row }) => [row.id, row])), fresh: new Set(fresh) });
  };
  /** Many changes within a moment are shown at once. */
  const retellSoon = (): void => {
    timer ??= setTimeout(retell, TOLD_MS);
  };
  const take = (rows: readonly CaseRow[]): CaseRow[] => {
    const arrived = rows.filter(({ id }) => !all.has(id));
    for (const row of rows) all.set(row.id, { row, words: wordsOf(row) });
    return arrived;
  };
  const load = async (): Promise<void> => {
    change({ loading: true, problem: "" });
    try {
      do {
        const page = await fetchRows(cursor);
        take(page.rows);
        cursor = page.next;
        if (!isLoaded) retell();
      } while (cursor !== undefined && all.size < limit);
    } catch (error) {
      change({ problem: error instanceof Error ? error.message : String(error) });
    }
    isLoaded = true;
    retell();
    change({ loading: false, more: cursor !== undefined });
  };

  /** After an interruption nobody knows what was missed: the newest are read again, the older ones are there. */
  const refresh = async (): Promise<void> => {
    const page = await fetchRows(undefined).catch(() => undefined);
    for (const { id } of take(page?.rows ?? [])) fresh.add(id);
    retell();
  };

  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onArrival: (listener) => void arrivals.add(listener),
    put(row) {
      take([row]);
      retell();
    },
    seen(ids) {
      const known = ids.filter((id) => fresh.delete(id));
      if (known.length > 0) retellSoon();
    },
    async loadMore() {
      limit += MAX_ROWS;
      await load();
    },
    start(signal) {
      void listen(
        signal,
        (news) => {
          if (news.event === "hello") {
            void (isLoaded ? refresh() : load());
            void fetchPicture().then(
              (picture) => change({ picture }),
              () => undefined,
            );
          } else if (news.event === "picture") change({ picture: news.picture });
          else if (news.event === "rows") {
            const arrived = take(news.rows);
            if (isLoaded && arrived.length > 0) {
              for (const { id } of arrived) fresh.add(id);
              for (const listener of arrivals) listener(arrived);
            }
            retellSoon();
          }
        },
        (isUp) => change({ isUp }),
      );
    },
  };
}
