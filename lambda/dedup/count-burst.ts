/**
 * Counts towards a threshold. A record is put before others are looked for, so of two that come at once at least one
 * sees both. Records that a window has already are no part of another burst.
 */
import { burstStart } from "./burst.ts";
import type { Counting } from "./counting.ts";
import { type Member, putMember, readMembers } from "./members.ts";
import type { Threshold } from "./policy.ts";
import { putValue, readValues } from "./values.ts";
import { isCovered, type Windows } from "./windows.ts";

/** The first record of a burst, and of how many. */
type Opener = Member & { readonly count: number };

/** Puts the record, unless the table has it, and looks whether the threshold is reached with it; undefined when not. */
export async function findBurst(
  { pk, ports, member, expiresAt, memberExpiresAt, deadline }: Counting,
  windows: Windows,
  known: Member | undefined,
  threshold: Threshold,
): Promise<Opener | undefined> {
  const { within, distinct } = threshold;
  if (known === undefined) await putMember(ports.table, pk, member, { expiresAt: memberExpiresAt, deadline });
  if (isCovered(windows, member.time)) return undefined;
  if (distinct !== undefined && member.value === undefined) return undefined;
  if (distinct !== undefined && member.value !== undefined) {
    const sighting = { value: member.value, time: member.time };
    await putValue(ports.table, pk, sighting, within, { expiresAt, deadline });
    const values = await readValues(ports.table, pk, member.time, within, deadline);
    if (burstStart(values, member.time, threshold) === undefined) return undefined;
  }
  const near = await readMembers(ports.table, pk, member.time - within + 1, member.time + within, deadline);
  const waiting = near.filter((one) => one.window === undefined && !isCovered(windows, one.time));
  const points = waiting.flatMap(({ id, time, value }) => {
    const counted = distinct === undefined ? id : value;
    return counted === undefined ? [] : [{ from: time, to: time, value: counted }];
  });
  const start = burstStart(points, member.time, threshold);
  if (start === undefined) return undefined;
  const burst = waiting.filter(({ time }) => time >= start && time < start + within);
  const [earliest] = burst;
  return earliest === undefined ? undefined : { ...earliest, count: burst.length };
}
