/**
 * The summary of an alert's window, where lists show it: how many records there were, and until when.
 */
import { showText } from "../alerts/show-text.ts";
import { alertOf, keyOf } from "../state/alert-item.ts";
import type { Table } from "../state/table.ts";
import { rowOfItem } from "./read-case.ts";
import { CaseBusyError, copyToNumbers, MAX_TRIES, revise } from "./revise.ts";

const MAX_SUMMARY = 500;

/** Writes the summary's count, end and text into the row; false when there is no summary or no alert. */
export async function summariseRow(table: Table, id: string, deadline: number): Promise<boolean> {
  const summary = await table.get(keyOf(id, "summary"), deadline);
  if (summary === undefined) return false;
  const { count, endTime, summary: text } = alertOf(summary);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const item = await table.get(keyOf(id, "first"), deadline);
    if (item === undefined) return false;
    const row = rowOfItem(item);
    const next = { ...row, count, endTime, summary: showText(text, MAX_SUMMARY) };
    const isSame = row.count === count && row.endTime === endTime && row.summary === next.summary;
    const written = isSame ? item : await revise(table, item, next, {}, deadline);
    if (written === undefined) continue;
    await copyToNumbers(table, written, deadline);
    return true;
  }
  throw new CaseBusyError(`alert ${id} could not be summarised: others keep changing it`);
}
