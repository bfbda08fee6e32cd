/**
 * What `compileEventPattern` makes and the matcher walks: branches of fields. A field is compiled once however many
 * branches name it, and fields of one name share the look-up of their leaves.
 *
 *   { detail: { $or: [{ a: [1], b: [2] }, { a: [3] }] } }
 *   // two names; three fields; branches [a = 1, b = 2] and [a = 3]
 */
import type { LeafTest } from "./leaf.ts";

/** One key that can continue a field's name, and how many segments are spelt after it. */
export type Step = {
  readonly key: string;
  readonly next: number;
  /** True for a key that every object seems to have, such as `constructor`. */
  readonly isInherited: boolean;
};

/** The dotted name of fields: `{"a.b": …}` and `{"a": {"b": …}}` are one field, in patterns and in events. */
export type FieldName = {
  readonly text: string;
  /** The name cut at its dots: the shortest keys that can spell it. */
  readonly segments: readonly string[];
  /** Filled by `stepsFrom`: what can follow each number of spelt segments. */
  readonly steps: (readonly Step[] | undefined)[];
  /** Position among the names that were compiled together. */
  readonly index: number;
};

/** What a pattern wants of one field. */
export type FieldTest = {
  readonly name: FieldName;
  /** True when the leaf is one that the field may have; null when no leaf will do (`exists: false` alone). */
  readonly passes: LeafTest | null;
  /** True when the field may also be missing (`exists: false`). */
  readonly absence: boolean;
  /** The values as the pattern has them. */
  readonly wanted: readonly unknown[];
};

/** Fields that must all hold. */
export type Branch = {
  /** In the order of their names, in which the rule engine visits them. */
  readonly byName: readonly FieldTest[];
  /** Those that only some branches have, shallow ones first: the order that decides fastest. */
  readonly own: readonly FieldTest[];
};

/** A valid event pattern, ready to match. */
export type CompiledEventPattern = {
  /** The fields that all branches have, shallow ones first. */
  readonly common: readonly FieldTest[];
  readonly branches: readonly Branch[];
};
