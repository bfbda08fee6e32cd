/** The table of a local run, and the cases in it: what the page and the APIs of the run work on. */
import type { CaseStore } from "../../lambda/cases/case-store.ts";
import { makeCaseStore } from "../../lambda/cases/make-case-store.ts";
import { openTable, type Table } from "../../lambda/state/table.ts";
import type { LocalRun } from "./local-run.ts";
import { LOCAL_CREDENTIALS } from "./queues.ts";

/** What people write is kept so long; a local table expires nothing. */
const KEEP_DAYS = 90;

/** Opens them; no connection is made before the first call. */
export function openLocalCases({
  outputs,
  services,
  region,
}: Pick<LocalRun, "services" | "outputs" | "region">): {
  readonly table: Table;
  readonly cases: CaseStore;
} {
  const table = openTable({
    name: outputs["StateTable"] ?? "",
    endpoint: services.tables,
    region,
    credentials: LOCAL_CREDENTIALS,
  });
  return { table, cases: makeCaseStore(table, { keepDays: KEEP_DAYS, now: Date.now }) };
}
