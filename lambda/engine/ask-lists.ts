/**
 * Asks for the values of dynamic lists. Apart from `list-values.ts`, since it is loaded when the first record needs a
 * list: most rule sets have no such lists, and a cold start should not wait for it.
 */
import type { ListsPort, ListValues } from "./list-values.ts";

/** Asks for lists; never rejects, because a list that cannot be read is one of which nothing is known. */
export async function valuesAt(
  names: readonly string[],
  eventTime: unknown,
  at: number,
  port: ListsPort | undefined,
): Promise<ListValues> {
  const time = typeof eventTime === "string" ? Date.parse(eventTime) : Number.NaN;
  try {
    if (port !== undefined) return await port.asOf(names, Number.isNaN(time) ? at : time);
  } catch {
    return unknownLists(names, "could not be read");
  }
  return unknownLists(names, "is not at hand here");
}

function unknownLists(names: readonly string[], why: string): ListValues {
  return new Map(names.map((name) => [name, { list: undefined, note: noteOfUnknown(name, why) }]));
}

/** The note of a list of which nothing is known. */
export function noteOfUnknown(name: string, why: string): string {
  return `The list ${name} ${why}: whatever is compared with it was taken to match.`;
}
