/**
 * A condition tree as people read it: an indented line a condition, ✓ where it holds and ✗ where it does not, an arrow
 * at each comparison that the verdict rests on, with what would have had to differ.
 *
 *     ✗ all: each that fails (→) would have to hold
 *       ✓ eventName equal "DisableKey" — saw "DisableKey"
 *   →   ✗ errorCode exists false — saw "AccessDenied"; would hold without errorCode
 *
 * A long tree is shortened where it says least: first conditions that decided nothing, then all but a few of each group.
 */
import { printable, quote } from "../../lambda/loader/problem.ts";
import { counted } from "../words.ts";
import type {
  ExplainedComparison,
  ExplainedCondition,
  ExplainedGroup,
} from "../../lambda/explain/condition-schema.ts";

/** How a tree is shown. */
type TreeFormat = {
  /** How many lines at most. */
  readonly most: number;
  /** Whether to say of what decided the verdict what would have had to differ. */
  readonly toDiffer: boolean;
};

/** How much of a group is shown. */
type Detail = {
  readonly toDiffer: boolean;
  /** Whether groups that decided nothing are shown with what is in them. */
  readonly idle: boolean;
  readonly most: number;
};

const DETAILS: readonly Omit<Detail, "toDiffer">[] = [
  { idle: true, most: Number.POSITIVE_INFINITY },
  { idle: false, most: Number.POSITIVE_INFINITY },
  { idle: false, most: 10 },
  { idle: false, most: 4 },
  { idle: false, most: 2 },
];
/** Conditions can be nested deeper than a line is wide. */
const MAX_INDENT = 20;
/** A value of this length is not shown twice in a row. */
const MAX_REPEATED = 20;

/** The lines of a tree. */
export function formatTree(root: ExplainedCondition, { most, toDiffer }: TreeFormat): string[] {
  let lines: string[] = [];
  for (const detail of DETAILS) {
    lines = linesOf(root, 0, { ...detail, toDiffer });
    if (lines.length <= most) return lines;
  }
  return cutInTheMiddle(lines, most);
}

/** The beginning of a tree that is too deep, and what decided the verdict at its far end. */
function cutInTheMiddle(lines: readonly string[], most: number): string[] {
  const head = lines.slice(0, Math.ceil(most / 2));
  const deciding = lines.slice(head.length).filter((line) => line.startsWith("→"));
  const kept = deciding.slice(0, most - head.length - 1);
  return [...head, `  … ${counted(lines.length - head.length - kept.length, "line")} more`, ...kept];
}

function linesOf(
  node: ExplainedCondition,
  depth: number,
  detail: Detail,
  before?: ExplainedCondition,
): string[] {
  const indent = "  ".repeat(Math.min(depth, MAX_INDENT));
  if (node.kind === "comparison") {
    const arrow = node.decisive ? "→ " : "  ";
    return [`${arrow}${indent}${headOf(node)}${comparisonText(node, before, detail)}`];
  }
  const line = `  ${indent}${headOf(node)}${groupText(node)}`;
  if (!node.decisive && !detail.idle) return [`${line} (${counted(sizeOf(node), "comparison")})`];
  return [line, ...partsOf(node.conditions, depth + 1, indent, detail)];
}

/** The conditions of a group, those first to go that decided nothing, in the order in which they stand. */
function partsOf(
  parts: readonly ExplainedCondition[],
  depth: number,
  indent: string,
  detail: Detail,
): string[] {
  const kept = new Set(
    parts.toSorted((a, b) => Number(b.decisive) - Number(a.decisive)).slice(0, detail.most),
  );
  const left = parts.filter((part) => !kept.has(part));
  const lines = parts
    .filter((part) => kept.has(part))
    .flatMap((part, at, shown) => linesOf(part, depth, detail, shown[at - 1]));
  if (left.length === 0) return lines;
  const holding = left.filter(({ holds }) => holds).length;
  return [...lines, `    ${indent}… and ${left.length} more: ${holding} ✓, ${left.length - holding} ✗`];
}

function headOf({ holds, name }: ExplainedCondition): string {
  const mark = holds ? "✓ " : "✗ ";
  return name === undefined ? mark : `${mark}${printable(name)}: `;
}

/** How many comparisons are below a group. */
function sizeOf(node: ExplainedCondition): number {
  if (node.kind === "comparison") return 1;
  return node.conditions.reduce((sum, part) => sum + sizeOf(part), 0);
}

/** The group, and which of its conditions would have had to differ where there is a choice. */
function groupText(node: ExplainedGroup): string {
  if (node.kind === "shared") return `${printable(node.condition)} (shared condition)`;
  if (node.kind === "not" || !node.decisive) return node.kind;
  const deciding = node.conditions.filter(({ decisive }) => decisive).length;
  if (deciding < 2) return node.kind;
  const one = node.kind === "any" ? !node.holds : node.holds;
  if (one) return `${node.kind}: one that ${node.holds ? "fails" : "holds"} would be enough`;
  return `${node.kind}: each that ${node.holds ? "holds" : "fails"} would have to differ`;
}

function comparisonText(
  node: ExplainedComparison,
  before: ExplainedCondition | undefined,
  detail: Detail,
): string {
  const { fact, operator, value, saw, expected, list, toDiffer } = node;
  const compared = `${printable(fact)} ${printable(operator)} ${valueText(value, expected, list)}`;
  const met = list?.matched === undefined ? "" : `, which meets ${quote(list.matched)}`;
  const differ = toDiffer === undefined || !detail.toDiffer ? "" : `; ${toDiffer}`;
  const again = before?.kind === "comparison" && before.fact === fact && saw.length > MAX_REPEATED;
  return `${compared} — saw ${again ? "the same" : saw}${met}${differ}`;
}

const LIST_WORDS = { exact: "value", wildcard: "pattern", cidr: "range" } as const;

function valueText(
  value: unknown,
  expected: ExplainedComparison["expected"],
  list: ExplainedComparison["list"],
): string {
  if (expected !== undefined) return `${printable(expected.fact)} (${expected.saw})`;
  if (list !== undefined) return `${printable(list.name)} (${counted(list.values, LIST_WORDS[list.kind])})`;
  return quote(value);
}
