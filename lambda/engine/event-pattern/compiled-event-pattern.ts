/**
 * What `compileEventPattern` makes and the matcher walks: branches of fields, each field compiled once however many
 * branches name it.
 *
 *   { source: ["aws.ec2"], detail: { $or: [{ a: [1] }, { b: [2] }] } }
 *   // branches: [source, detail.a] and [source, detail.b]; three fields
 */
import type { LeafTest } from "./leaf.ts";

/** One key that can continue a field's name, and how many segments are spelt after it. */
export type Step = { readonly key: string; readonly next: number };

/** What a pattern wants of the field with one dotted name. */
export type FieldTest = {
  /** The keys from the root joined with dots: `{"a.b": …}` and `{"a": {"b": …}}` are one field, in events too. */
  readonly name: string;
  /** The name cut at its dots: the shortest keys that can spell it. */
  readonly segments: readonly string[];
  /** Filled by `stepsFrom`: what can follow each number of spelt segments. */
  readonly steps: (readonly Step[] | undefined)[];
  readonly passes: LeafTest | null;
  readonly absence: boolean;
  /** The values as the pattern has them. */
  readonly wanted: readonly unknown[];
  /** Position among the fields of the pattern. */
  readonly index: number;
};

/** Fields that must all hold. */
export type Branch = {
  /** In the order of their names, in which the rule engine visits them. */
  readonly byName: readonly FieldTest[];
  /** In the order that decides fastest: shallow fields first. */
  readonly byCost: readonly FieldTest[];
};

/** A valid event pattern, ready to match. */
export type CompiledEventPattern = {
  readonly branches: readonly Branch[];
  readonly fieldCount: number;
};
