/**
 * The store of cases over the state table: each of its calls is a module of its own, and here they get the table.
 *
 *     const cases = makeCaseStore(openTable({ name: "State" }), { keepDays: 90, now: Date.now });
 *     await cases.list({ severities: ["critical"] }, { limit: 50 }, deadline)
 */
import type { Table } from "../state/table.ts";
import type { CaseStore } from "./case-store.ts";
import { changeCase } from "./change-case.ts";
import { listCases } from "./list-cases.ts";
import { publish, readNumber, readPublished } from "./numbers.ts";
import { readCase } from "./read-case.ts";
import { readRecords } from "./read-records.ts";
import { readStoredScope, writeStoredScope } from "./stored-scopes.ts";
import { summariseRow } from "./summarise.ts";

/** The store; what it writes is kept for `keepDays`, and `now` is in milliseconds since 1970. */
export function makeCaseStore(
  table: Table,
  { keepDays, now }: { readonly keepDays: number; readonly now: () => number },
): CaseStore {
  return {
    list: (filter, page, deadline) => listCases(table, filter, page, deadline),
    read: (id, deadline) => readCase(table, id, deadline),
    records: (id, limit, deadline) => readRecords(table, id, limit, deadline),
    change: (id, change, deadline) => changeCase(table, id, change, { now, keepDays, deadline }),
    summarise: (id, deadline) => summariseRow(table, id, deadline),
    readScope: (id, scope, deadline) => readStoredScope(table, id, scope, deadline),
    writeScope: (id, scope, value, deadline) =>
      writeStoredScope(table, id, scope, value, { now: now(), keepDays, deadline }),
    publish: (id, deadline) => publish(table, id, now, deadline),
    published: (range, deadline) => readPublished(table, range, deadline),
    byNumber: (number, deadline) => readNumber(table, number, deadline),
  };
}
