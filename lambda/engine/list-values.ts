/**
 * The values of dynamic lists at the time of a record. The engine knows only that they are somewhere else: whoever
 * evaluates hands it a port, which is asked for a record that a rule with such a list may match, and for no other.
 *
 *     const lists: ListsPort = { asOf: async (names, time) => new Map([["prod-buckets", { list, note }]]) };
 *     await engine.evaluate(record, Date.now(), lists);
 *
 * A list that cannot be had stays unknown, and a rule that compares with it alerts: `inList` and `notInList` both hold.
 * A suppression that compares with it does not.
 */
import { literalsOf, type NormalCondition } from "./conditions.ts";
import { ResolvedList } from "./resolved-list.ts";

/** What is known of a list at a time. */
export type ListAnswer = {
  /** With its values; undefined when they cannot be had. */
  readonly list: ResolvedList | undefined;
  /** What whoever reads the alert should know of them: that they are stale, or not there. A sentence. */
  readonly note?: string;
};

/** Where the values come from. */
export type ListsPort = {
  /**
   * The lists of these names as they were at a time.
   * @param time when the record's call was made, in milliseconds since 1970
   */
  asOf(names: readonly string[], time: number): Promise<ReadonlyMap<string, ListAnswer>>;
};

/** The lists that a judge compares with, by name; what is missing is unknown. */
export type ListValues = ReadonlyMap<string, ListAnswer>;

/** The names of the dynamic lists in a condition, each once. */
export function dynamicListsOf(condition: NormalCondition): readonly string[] {
  const lists = literalsOf(condition).flatMap(({ value }) => (value instanceof ResolvedList ? [value] : []));
  return [...new Set(lists.filter(({ dynamic }) => dynamic).map(({ name }) => name))];
}

/** What is to be said of lists that a match rests on. */
export function notesOf(values: ListValues): readonly string[] {
  return [...values.values()].flatMap(({ note }) => (note === undefined ? [] : [note]));
}
