/**
 * The record in a mail: its fields as rows, the request's first, as many as fit, and the count of those that did not.
 *
 *     recordRows({ eventName: "X", requestParameters: { groupId: "sg-0a1b" } }, 1000, ({ path, value }) => path.length + value.length)
 *     // [{ path: "requestParameters.groupId", value: "sg-0a1b" }, { path: "eventName", value: "X" }]
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import { leaves } from "./leaves.ts";

/** One field on one line; the last row may say instead how many there are more, with no path. */
export type RecordRow = { readonly path: string; readonly value: string };

const MAX_PATH = 150;
const MAX_VALUE = 300;

/** The rows of a record that together cost at most `room`; empty when not even the count of what is missing fits. */
export function recordRows(
  record: Alert["record"],
  room: number,
  cost: (row: RecordRow) => number,
): RecordRow[] {
  const rows: RecordRow[] = [];
  const costs: number[] = [];
  let used = 0;
  let total = 0;
  for (const leaf of leaves(requestFirst(record))) {
    total++;
    if (total > rows.length + 1) continue;
    const row = { path: showText(leaf.path, MAX_PATH), value: showText(leaf.value, MAX_VALUE) };
    const next = cost(row);
    if (used + next > room) continue;
    rows.push(row);
    costs.push(next);
    used += next;
  }
  if (total === rows.length) return rows;
  for (;;) {
    const more = {
      path: "",
      value: `… ${total - rows.length} more fields, which the record in CloudTrail has`,
    };
    if (used + cost(more) <= room) return [...rows, more];
    if (rows.pop() === undefined) return [];
    used -= costs.pop() ?? 0;
  }
}

function requestFirst({ requestParameters, ...rest }: Alert["record"]): Alert["record"] {
  return requestParameters === undefined ? rest : { requestParameters, ...rest };
}
