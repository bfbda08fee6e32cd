/** A list, a table in memory and a query whose answers the test decides. */
import type { ListQuery } from "../../../lambda/engine/list-schema.ts";
import { ListError } from "../../../lambda/lists/list-error.ts";
import { type DynamicList, type RefreshOutcome, refreshList } from "../../../lambda/lists/refresh.ts";
import type { Asking, Fetched } from "../../../lambda/lists/source.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";

export const MINUTE = 60_000;
/** 2026-11-20T12:00:00Z. */
export const NOON = Date.UTC(2026, 10, 20, 12);
export const NAME = "prod-buckets";

const QUERY: ListQuery = {
  type: "resource-tags",
  resourceTypes: ["s3"],
  tags: { Environment: ["Prod"] },
  column: "name",
};

/** The list, asked every quarter of an hour and old after one hour. */
export function dynamicList(changes: Partial<DynamicList["dynamic"]> = {}): DynamicList {
  return {
    description: "Buckets tagged Environment=Prod.",
    kind: "exact",
    values: [],
    dynamic: {
      query: QUERY,
      refreshMs: 15 * MINUTE,
      onEmpty: "keep",
      maxValues: 10_000,
      maxAgeMs: 60 * MINUTE,
      ...changes,
    },
  };
}

/** What the query answers: rows, an error, or an answer as it comes. */
type Answer = readonly unknown[] | Error | Fetched;

/** The stage; `refresh` has the query answer at a time. */
export function makeStage(list: DynamicList = dynamicList()) {
  const memory = makeMemoryTable();
  let reads = 0;
  let broken = false;
  const inner = asTable(memory);
  const table: typeof inner = {
    ...inner,
    get: async (key, deadline) => {
      reads += 1;
      if (broken) throw new Error("the table is away");
      return inner.get(key, deadline);
    },
  };
  const asked: Asking[] = [];
  let time = NOON;
  let answer: Answer = [];
  const source = async (_query: unknown, asking: Asking): Promise<Fetched> => {
    asked.push(asking);
    if (answer instanceof Error) throw answer;
    return "kind" in answer ? answer : { kind: "rows", rows: answer };
  };
  const sources = {
    "aws-config": source,
    "resource-tags": source,
    s3: source,
    dynamodb: source,
    https: source,
  };
  const ports = { table, sources, now: () => time };
  return {
    list,
    memory,
    ports,
    asked,
    reads: () => reads,
    breakTable: (is: boolean) => void (broken = is),
    at: (to: number) => void (time = to),
    async refresh(at: number, with_: Answer, of: DynamicList = list): Promise<RefreshOutcome> {
      [time, answer] = [at, with_];
      return refreshList(NAME, of, ports, at + MINUTE);
    },
  };
}

export const refused = new ListError("AccessDeniedException: no");
