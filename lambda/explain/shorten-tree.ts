/**
 * An explained condition tree that is too large to keep: it loses first what decided nothing, then the ends of long
 * values, then all but a few conditions of each group. The root and its verdict always stay.
 *
 *     shortenTree(tree, (candidate) => JSON.stringify(candidate).length <= 50_000)
 *     // { tree, left: 4_890 }: so many comparisons are not in it any more
 */
import { cutText } from "../record/cut-text.ts";
import type { ExplainedCondition } from "./condition-schema.ts";

type Detail = {
  /** Whether groups that decided nothing keep what is in them. */
  readonly idle: boolean;
  readonly most: number;
  /** How long a value may be, as JSON. */
  readonly value: number;
};

const EVERYTHING: Detail = { idle: true, most: Number.POSITIVE_INFINITY, value: Number.POSITIVE_INFINITY };
const DETAILS: readonly Detail[] = [
  { idle: false, most: Number.POSITIVE_INFINITY, value: 2_000 },
  { idle: false, most: 50, value: 500 },
  { idle: false, most: 10, value: 200 },
  { idle: false, most: 3, value: 200 },
];
const NOTHING: Detail = { idle: false, most: 0, value: 200 };

/** The tree itself when it fits, else the least shortened one that fits, at last the root alone. */
export function shortenTree(
  root: ExplainedCondition,
  fits: (candidate: ExplainedCondition) => boolean,
): { readonly tree: ExplainedCondition; readonly left: number } {
  const all = comparisonsIn(root);
  for (const detail of [EVERYTHING, ...DETAILS]) {
    const tree = shorten(root, detail);
    if (fits(tree)) return { tree, left: all - comparisonsIn(tree) };
  }
  const tree = shorten(root, NOTHING);
  return { tree, left: all - comparisonsIn(tree) };
}

function shorten(node: ExplainedCondition, detail: Detail): ExplainedCondition {
  if (node.kind === "comparison") {
    const value = JSON.stringify(node.value) ?? "";
    return value.length <= detail.value ? node : { ...node, value: cutText(value, detail.value) };
  }
  const kept =
    node.decisive || detail.idle
      ? node.conditions.toSorted((a, b) => Number(b.decisive) - Number(a.decisive)).slice(0, detail.most)
      : [];
  const stays = new Set(kept);
  return {
    ...node,
    conditions: node.conditions.filter((part) => stays.has(part)).map((part) => shorten(part, detail)),
  };
}

function comparisonsIn(node: ExplainedCondition): number {
  if (node.kind === "comparison") return 1;
  return node.conditions.reduce((sum, part) => sum + comparisonsIn(part), 0);
}
