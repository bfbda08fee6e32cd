/** Cases in memory, for the tests of what reads them: lists by time, actor, account and disposition, in pages. */
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { rowOf } from "../../../lambda/cases/case-row.ts";
import type { Case, CaseRow, ScopeName } from "../../../lambda/cases/case-schema.ts";
import type { CaseFilter, CaseStore } from "../../../lambda/cases/case-store.ts";
import { sampleAlert } from "../alerts/sample.ts";

/** What a test may ask of a store in memory. */
type MemoryCases = Pick<CaseStore, "list" | "read" | "records" | "readScope"> & {
  readonly asked: CaseFilter[];
};

/** A row with an id of its own; each test changes what it is about. */
export function rowWith(changes: Partial<CaseRow> & { readonly id: string }): CaseRow {
  return { ...rowOf(sampleAlert(), { createdAt: "2026-11-20T10:15:31.000Z" }), ...changes };
}

/** The id of a number, as alerts have them. */
export function idOf(number: number): string {
  return number.toString(16).padStart(32, "0");
}

/** A case of an alert, with nothing done to it. */
export function caseOf(alert: Alert, changes: Partial<Case> = {}): Case {
  return {
    row: rowOf(alert, { createdAt: "2026-11-20T10:15:31.000Z" }),
    alert,
    history: [],
    integrations: [],
    ...changes,
  };
}

/** A store of these; `empty` puts a page without rows before each of a list. */
export function memoryCases(
  found: readonly Case[],
  {
    rows = found.map(({ row }) => row),
    records = {},
    scopes = {},
    empty = false,
  }: {
    readonly rows?: readonly CaseRow[];
    readonly records?: Readonly<Record<string, readonly Alert[]>>;
    readonly scopes?: Partial<Record<ScopeName, unknown>>;
    readonly empty?: boolean;
  } = {},
): MemoryCases {
  const asked: CaseFilter[] = [];
  return {
    asked,
    list(filter, { limit, cursor }) {
      asked.push(filter);
      const at = cursor === undefined ? 0 : Number(cursor);
      if (empty && Number.isInteger(at)) return Promise.resolve({ rows: [], next: String(at + 0.5) });
      const matching = rows
        .filter((row) => matches(row, filter))
        .toSorted((a, b) => (a.startTime + a.id > b.startTime + b.id ? -1 : 1));
      const from = Math.floor(at);
      const page = matching.slice(from, from + limit);
      const end = from + page.length;
      return Promise.resolve(end < matching.length ? { rows: page, next: String(end) } : { rows: page });
    },
    read: (id) => Promise.resolve(found.find(({ row }) => row.id === id)),
    records(id, limit) {
      const all = records[id] ?? found.filter(({ row }) => row.id === id).map(({ alert }) => alert);
      return Promise.resolve({ alerts: all.slice(0, limit), all: all.length <= limit });
    },
    readScope: (_, scope) => Promise.resolve(scopes[scope]),
  };
}

function matches(row: CaseRow, filter: CaseFilter): boolean {
  return (
    (filter.from === undefined || row.startTime >= filter.from) &&
    (filter.to === undefined || row.startTime < filter.to) &&
    (filter.dispositions ?? ["delivered"]).includes(row.disposition) &&
    (filter.actor === undefined || row.actor.key === filter.actor) &&
    (filter.accountIds === undefined || filter.accountIds.includes(row.accountId ?? ""))
  );
}
