/** Dynamic lists as people read them: one a line, and below it what is wrong and what changed last. */
import { printable } from "../../lambda/words/printable.ts";
import { textTable } from "../replay/text-table.ts";
import { counted } from "../words.ts";
import type { ListsReport } from "./lists-schema.ts";

type Shown = ListsReport["lists"][number];

const COLUMNS = ["LIST", "STATE", "KIND", "VALUES", "AGE", "EVERY", "QUERY"].map((head) => ({
  head,
  right: head === "VALUES" || head === "AGE",
}));

/**
 * A table of them, and for one that was named its values.
 *
 *     LIST          STATE  KIND   VALUES     AGE  EVERY  QUERY
 *     prod-buckets  stale  exact      12  2h 10m  15m    resource-tags
 *       last change: 1 came (acme-prod-logs), 0 went
 *       failing since 2026-11-20T10:00:00.000Z (8 times): AccessDenied: …
 */
export function formatLists({ outcomes, lists }: ListsReport): string {
  const lines = outcomes.map((outcome) => printable(outcomeLine(outcome)));
  const rows = lists.map(({ name, state, kind, values, ageSeconds, refreshMinutes, query }) => [
    printable(name),
    state,
    kind,
    values === undefined ? "-" : values.toLocaleString("en-US"),
    ageSeconds === undefined ? "-" : span(ageSeconds),
    span(refreshMinutes * 60),
    query,
  ]);
  const below = lists.map((list) => details(list).map((line) => `  ${printable(line)}`));
  if (lists.length > 0) lines.push(...textTable(COLUMNS, rows, below));
  else lines.push("No dynamic lists are deployed.");
  for (const { all = [] } of lists) for (const value of all) lines.push(printable(value));
  return lines.map((line) => `${line}\n`).join("");
}

function outcomeLine({
  list,
  result,
  count = 0,
  added = 0,
  removed = 0,
  reason = "",
}: ListsReport["outcomes"][number]): string {
  switch (result) {
    case "changed":
      return `${list}: ${counted(count, "value")}, ${added} came and ${removed} went.`;
    case "same":
      return `${list}: nothing has changed.`;
    case "kept":
      return `${list}: the query gave nothing, so the last values stay (on-empty: keep).`;
    case "overtaken":
      return `${list}: another refresh was faster.`;
    default:
      return `${list}: FAILED, so the last values stay: ${reason}`;
  }
}

function details({
  lastChange,
  failedAt,
  failures = 1,
  error,
  emptyAt,
  state,
  refused = 0,
}: Shown): string[] {
  const told: string[] = [];
  if (lastChange !== undefined && lastChange.added + lastChange.removed > 0) {
    const { added, removed, firstAdded, firstRemoved } = lastChange;
    told.push(`last change: ${some(added, firstAdded)} came, ${some(removed, firstRemoved)} went`);
  }
  if (refused > 0) told.push(`${counted(refused, "row")} of its query had no value in the column`);
  if (failedAt !== undefined)
    told.push(`its last refresh failed, at ${failedAt} (${failures} in a row): ${error ?? "unknown"}`);
  if (emptyAt !== undefined) told.push(`its query gave nothing at ${emptyAt}; the last values stay`);
  if (state === "unknown") told.push("has no values: what is compared with it is taken to match");
  return told;
}

function some(count: number, first: readonly string[]): string {
  if (count === 0) return "0";
  const more = count > first.length ? ", …" : "";
  return `${count} (${first.join(", ")}${more})`;
}

function span(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours >= 48) return `${Math.floor(hours / 24)}d`;
  return rest === 0 ? `${hours}h` : `${hours}h ${rest}m`;
}
