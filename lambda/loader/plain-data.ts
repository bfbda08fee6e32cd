/**
 * From a YAML tree to plain JSON data. What YAML allows and JSON cannot hold is a fault with its place, never a silent
 * change: `value: 012345678901` would become the number 12345678901 and no account id would ever equal it.
 */
import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Document, Node, Scalar, YAMLMap } from "yaml";
import { formatPath, quote } from "./problem.ts";
import type { Path } from "./problem.ts";

/** Something in the tree that JSON cannot hold as it was written. */
export type Fault = {
  readonly offset: number;
  readonly field: string | undefined;
  readonly message: string;
  readonly cure: string;
};

/** Aliases can blow a page up to gigabytes; no rule comes near this many values. */
const MAX_VALUES = 50_000;
/** json-rules-engine and we walk conditions recursively; people cannot read half of this. */
const MAX_DEPTH = 64;

type Walk = {
  readonly document: Document.Parsed;
  readonly faults: Fault[];
  /** Aliases that are being expanded: one inside itself never ends. */
  readonly open: Set<unknown>;
  values: number;
  stopped: boolean;
};

/**
 * The data of a document, and its faults. A faulty part is left out of the data or stands there as null; `whole` is
 * false when the document was too large to go on.
 */
export function toPlainData(document: Document.Parsed): { data: unknown; whole: boolean; faults: Fault[] } {
  const walk: Walk = { document, faults: [], open: new Set(), values: 0, stopped: false };
  if (document.directives?.yaml.version === "1.1") {
    const cure = "Delete the %YAML line: rules are YAML 1.2, where yes, no, on and off are text.";
    walk.faults.push({ offset: 0, field: undefined, message: "The file asks for YAML 1.1.", cure });
  }
  const data = plain(walk, document.contents, [], 0);
  return { data, whole: !walk.stopped, faults: walk.faults };
}

function fault(walk: Walk, offset: number, path: Path, message: string, cure: string): void {
  walk.faults.push({ offset, field: formatPath(path), message, cure });
}

function plain(walk: Walk, node: unknown, path: Path, site: number): unknown {
  if (walk.stopped) return null;
  const offset = site === 0 ? startOf(node) : site;
  walk.values += 1;
  if (walk.values > MAX_VALUES || path.length > MAX_DEPTH) {
    const what =
      path.length > MAX_DEPTH
        ? `more than ${MAX_DEPTH} levels`
        : `more than ${MAX_VALUES.toLocaleString("en")} values`;
    fault(
      walk,
      offset,
      path.slice(0, 6),
      `The file holds ${what}, aliases counted out.`,
      "Write it plainly and smaller.",
    );
    walk.stopped = true;
    return null;
  }
  if (isAlias(node)) return plainAlias(walk, node, path, offset);
  if (isMap(node)) return plainMap(walk, node, path, site);
  if (isSeq(node)) return node.items.map((item, index) => plain(walk, item, [...path, index], site));
  if (isScalar(node)) return plainScalar(walk, node, path, offset);
  return null;
}

function plainAlias(walk: Walk, node: unknown, path: Path, offset: number): unknown {
  const target = isAlias(node) ? node.resolve(walk.document) : undefined;
  if (target === undefined) {
    fault(
      walk,
      offset,
      path,
      "This alias refers to no anchor above it.",
      "Put the value in quotes if it is text.",
    );
    return null;
  }
  if (walk.open.has(target)) {
    fault(walk, offset, path, "This alias contains itself.", "Write the value out instead of the alias.");
    return null;
  }
  walk.open.add(target);
  const data = plain(walk, target, path, offset);
  walk.open.delete(target);
  return data;
}

function plainMap(walk: Walk, map: YAMLMap, path: Path, site: number): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? String(key.value) : "";
    const offset = site === 0 ? startOf(key) : site;
    if (name === "<<") {
      fault(walk, offset, [...path, name], "YAML merge keys are not read.", "Write the keys out here.");
    } else if (name === "__proto__") {
      fault(walk, offset, [...path, name], "No key may be called __proto__.", "Delete it.");
    } else {
      data[name] = plain(walk, value, [...path, name], site);
    }
  }
  return data;
}

function plainScalar(walk: Walk, node: Scalar, path: Path, offset: number): unknown {
  const { value } = node;
  if (typeof value !== "number") return value;
  const written = node.source ?? String(value);
  const advice = `Write it as text, "${written}": CloudTrail gives such values as text.`;
  if (!Number.isFinite(value)) {
    fault(walk, offset, path, `${written} is no number that JSON knows.`, "Write a finite number.");
  } else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    fault(walk, offset, path, `${quote(written)} is beyond 2^53, where numbers lose digits.`, advice);
  } else if (/^[-+]?0\d/.test(written)) {
    fault(walk, offset, path, `${quote(written)} would be read as the number ${value}.`, advice);
  } else {
    return value;
  }
  // Text of the same digits lets the checks that follow go on without a second complaint about the type.
  return written;
}

function startOf(node: unknown): number {
  return (node as Node | null | undefined)?.range?.[0] ?? 0;
}
