import { describe, expect, it } from "vitest";
import type { ExplainedCondition } from "../../../lambda/explain/condition-schema.ts";
import { explainedConditionSchema } from "../../../lambda/explain/condition-schema.ts";
import { shortenTree } from "../../../lambda/explain/shorten-tree.ts";

const comparison = (decisive: boolean, value: unknown = "x"): ExplainedCondition => ({
  kind: "comparison",
  holds: decisive,
  decisive,
  fact: "eventName",
  operator: "equal",
  value,
  saw: '"x"',
});
const group = (
  decisive: boolean,
  conditions: readonly ExplainedCondition[],
  kind: "any" | "all" = "any",
): ExplainedCondition => ({ kind, holds: decisive, decisive, conditions });

const sizeOf = (tree: ExplainedCondition): number => JSON.stringify(tree).length;
const within = (bytes: number) => (tree: ExplainedCondition) => sizeOf(tree) <= bytes;

describe("a condition tree that is too large", () => {
  const idle = group(
    false,
    Array.from({ length: 1_000 }, () => comparison(false)),
  );
  const decisive = group(true, [...Array.from({ length: 200 }, () => comparison(false)), comparison(true)]);
  const tree = group(true, [idle, decisive], "all");

  it("is itself where it fits", () => {
    expect(shortenTree(tree, within(1e9))).toEqual({ tree, left: 0 });
  });

  it("loses first what decided nothing", () => {
    const { tree: kept, left } = shortenTree(tree, within(sizeOf(decisive) + 200));
    expect(left).toBe(1_000);
    expect(kept).toMatchObject({ conditions: [{ conditions: [] }, decisive] });
  });

  it("keeps what decided when groups are cut to a few, and its root whatever the limit", () => {
    const { tree: kept } = shortenTree(tree, within(3_000));
    expect(sizeOf(kept)).toBeLessThanOrEqual(3_000);
    expect(JSON.stringify(kept)).toContain('"holds":true,"decisive":true,"fact"');
    expect(shortenTree(tree, within(0))).toEqual({ tree: { ...tree, conditions: [] }, left: 1_201 });
  });

  it("cuts long values, and is a tree all the same", () => {
    const long = group(true, [
      comparison(
        true,
        Array.from({ length: 2_000 }, (_, n) => `value ${n}`),
      ),
    ]);
    const { tree: kept, left } = shortenTree(long, within(3_000));
    expect(left).toBe(0);
    expect(sizeOf(kept)).toBeLessThanOrEqual(3_000);
    expect(explainedConditionSchema.safeParse(kept).success).toBe(true);
  });
});
