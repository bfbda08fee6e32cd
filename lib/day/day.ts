/**
 * The shipped day: one working day of a small company's account, as CloudTrail would have written it, with one small
 * attack in it. `examples/day.ndjson` holds these records; `npm start` plays that file. To change the day, change
 * the stories beside this file, then run `npx vitest run test/lib/day -u`; without `-u` that test fails while the file
 * differs.
 */
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { attack } from "./attack.ts";
import { code } from "./code.ts";
import { people } from "./people.ts";
import { routine } from "./routine.ts";

/** All records of the day in the order of their times. */
export function dayRecords(): CloudTrailRecord[] {
  const records = [...routine(), ...people(), ...code(), ...attack()];
  return records.toSorted((one, other) => compare(timeOf(one), timeOf(other)));
}

/** The day as the file has it: one record a line. */
export function dayText(): string {
  return dayRecords()
    .map((record) => `${JSON.stringify(record)}\n`)
    .join("");
}

function timeOf(record: CloudTrailRecord): string {
  return String(record["eventTime"]);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
