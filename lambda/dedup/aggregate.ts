/**
 * One alert for many records: how many, by whom, from when to when, and what they touched.
 *
 *     summarise(first, members).summary
 *     // "Root account used: 96 times by root between 16:00 and 16:59 UTC on 2026-11-20. The first: root called …"
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import type { Member } from "./members.ts";

const MAX_RESOURCES = 100;
const MAX_NAMES = 3;
const MAX_VALUES = 10;
const MAX_SUMMARY = 1000;

/** The alert of a window that has closed: its first alert, for all of its records. */
export function summarise(first: Alert, members: readonly Member[]): Alert {
  const all = aggregate(first, members);
  return {
    ...all,
    summary: showText(
      `${first.rule.name}: ${timesAndActors(all, members)}. The first: ${first.summary}`,
      MAX_SUMMARY,
    ),
  };
}

/** The alert of a burst: the record that reached the threshold, for all of them, under the id of the first. */
export function makeBurstAlert(
  alert: Alert,
  id: string,
  members: readonly Member[],
  distinct: string | undefined,
): Alert {
  const all = aggregate({ ...alert, id }, members);
  const values = [...new Set(members.flatMap(({ value }) => value ?? []))];
  const different =
    distinct === undefined
      ? ""
      : `, with ${values.length} different values of ${distinct}: ${listed(values, MAX_VALUES)}`;
  const text = `${alert.rule.name}: ${timesAndActors(all, members)}${different}. The last: ${alert.summary}`;
  return { ...all, summary: showText(text, MAX_SUMMARY) };
}

function aggregate(alert: Alert, members: readonly Member[]): Alert {
  const times = members.map(({ time }) => time).toSorted((a, b) => a - b);
  const resources = new Map([
    ...alert.resources.map((resource) => [resource.arn, resource] as const),
    ...members.flatMap((member) => member.resources.map((resource) => [resource.arn, resource] as const)),
  ]);
  const more = resources.size - MAX_RESOURCES;
  const notes = [
    ...(alert.notes ?? []),
    ...(more > 0
      ? [`Of ${resources.size} resources the first ${MAX_RESOURCES} are listed, and ${more} more are not.`]
      : []),
  ];
  return {
    ...alert,
    startTime: timeOf(times[0]) ?? alert.startTime,
    endTime: timeOf(times.at(-1)) ?? alert.endTime,
    count: Math.max(1, members.length),
    resources: [...resources.values()].slice(0, MAX_RESOURCES),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

function timeOf(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

function timesAndActors({ count, startTime, endTime }: Alert, members: readonly Member[]): string {
  const actors = [...new Set(members.map(({ actor }) => actor))];
  return `${count} times by ${listed(actors, MAX_NAMES)} ${between(startTime, endTime)}`;
}

function listed(names: readonly string[], most: number): string {
  const more = names.length - most;
  return names.slice(0, most).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Times to the minute; the days where there are two. */
function between(start: string, end: string): string {
  const [day, from] = [start.slice(0, 10), start.slice(11, 16)];
  const [lastDay, to] = [end.slice(0, 10), end.slice(11, 16)];
  if (day !== lastDay) return `between ${day} ${from} and ${lastDay} ${to} UTC`;
  return from === to ? `at ${from} UTC on ${day}` : `between ${from} and ${to} UTC on ${day}`;
}
