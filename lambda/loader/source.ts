/**
 * A rule file as text, turned into plain JSON data of which every part knows its line and column. YAML can say more
 * than JSON (aliases, merge keys, tags, numbers no double holds); whatever would reach the rule set as something other
 * than what the author sees in the file is refused here, so that the checks after this one see JSON and nothing else.
 *
 *   const { source, problems } = readSource("x.yaml", "conditions:\n  all: []\n");
 *   source?.data                                  // { conditions: { all: [] } }
 *   source?.at(["conditions", "all"], "key")      // { line: 2, column: 3 }
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Document, Node } from "yaml";
import { toPlainData } from "./plain-data.ts";
import { explainJsonError } from "./json-error.ts";
import type { Path, Position, Problem } from "./problem.ts";
import { describeSyntaxError } from "./syntax-error.ts";

/** A file that was read: its data, and where each part of it stands. */
export type Source = {
  readonly file: string;
  readonly text: string;
  readonly data: unknown;
  /** Where the value at a path begins, or its key. A path that leads nowhere gives the nearest thing above it. */
  at(path: Path, part?: "key" | "value"): Position;
  /** Offset in `text` where the scalar at a path begins, for a place inside of it; undefined for anything else. */
  offset(path: Path): number | undefined;
  /** The position of an offset in `text`. */
  positionOf(offset: number): Position;
};

/** A rule is a page of text; a file of this many characters is something else, or an attack on the parser. */
export const MAX_FILE_CHARACTERS = 1_000_000;

const MAX_SYNTAX_PROBLEMS = 20;

/** Reads one file. There is no source when its text cannot be understood; the problems then say why. */
export function readSource(file: string, text: string): { source?: Source; problems: Problem[] } {
  const lines = new LineCounter();
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problem = (offset: number, message: string, cure: string, field?: string): Problem => ({
    file,
    ...positionOf(offset),
    severity: "error",
    ...(field === undefined ? {} : { field }),
    message,
    cure,
  });

  if (text.length > MAX_FILE_CHARACTERS) {
    const message = `The file has ${text.length.toLocaleString("en")} characters.`;
    return {
      problems: [
        { ...problem(0, message, "A rule is a page of text: move what is not a rule elsewhere."), line: 1 },
      ],
    };
  }
  const isJson = file.endsWith(".json") && text.trim() !== "";
  const notJson = isJson ? jsonProblem(text, lines, problem) : undefined;
  if (notJson !== undefined) return { problems: [notJson] };
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    merge: false,
    resolveKnownTags: false,
    logLevel: "error",
    version: "1.2",
  });
  const problems = syntaxProblems(document, text, problem);
  if (document.errors.some((error) => error.code !== "DUPLICATE_KEY")) return { problems };
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return { problems: [...problems, problem(0, "The file is empty.", "Write its content, or delete it.")] };
  }
  const { data, whole, faults } = toPlainData(document);
  problems.push(...faults.map((fault) => problem(fault.offset, fault.message, fault.cure, fault.field)));
  if (!whole) return { problems };
  const source: Source = {
    file,
    text,
    data,
    at: (path, part = "value") => positionOf(offsetOf(document, path, part)),
    offset: (path) => scalarOffset(document, path),
    positionOf,
  };
  return { source, problems };
}

/**
 * A JSON file has to be JSON, though the YAML parser that knows its places would take more: `{"a": 1 "b": 2}`, with a
 * comma forgotten, it would take for something else, and what it refuses it explains in YAML's terms.
 */
function jsonProblem(
  text: string,
  lines: LineCounter,
  problem: (offset: number, message: string, cure: string) => Problem,
): Problem | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const { reason, offset } = explainJsonError(text, error);
    // The YAML parser, which otherwise counts the lines, is not asked.
    lines.addNewLine(0);
    for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1);
    const cure = "Look for a quote, comma or bracket that is missing or too many, here or just before.";
    return problem(offset ?? 0, `The file is no valid JSON: ${reason}.`, cure);
  }
}

function syntaxProblems(
  document: Document.Parsed,
  text: string,
  problem: (offset: number, message: string, cure: string) => Problem,
): Problem[] {
  const problems: Problem[] = [];
  const told = new Set<string>();
  for (const error of [...document.errors, ...document.warnings]) {
    const { kind, message, cure } = describeSyntaxError(error, text);
    // One fault of nesting is reported by the parser once a level.
    if (kind === "nesting" && told.has(kind)) continue;
    told.add(kind);
    problems.push(problem(error.pos[0], message, cure));
    if (kind === "nesting") break;
    if (problems.length === MAX_SYNTAX_PROBLEMS) break;
  }
  return problems;
}

function resolve(document: Document.Parsed, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function offsetOf(document: Document.Parsed, path: Path, part: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = startOf(document.contents) ?? 0;
  for (const [index, step] of path.entries()) {
    const parent = resolve(document, node);
    const last = index === path.length - 1;
    if (isMap(parent)) {
      // The last of equal keys is the one whose value counts.
      const pair = parent.items.findLast(
        (item) => isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair === undefined) return offset;
      const key = startOf(pair.key) ?? offset;
      if (last && part === "key") return key;
      node = pair.value;
      // An empty value has no place of its own: its key shows where it is missing.
      offset = isScalar(node) && node.range?.[0] === node.range?.[1] ? key : (startOf(node) ?? key);
    } else if (isSeq(parent) && typeof step === "number") {
      node = parent.items[step];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function scalarOffset(document: Document.Parsed, path: Path): number | undefined {
  let node: unknown = document.contents;
  for (const step of path) {
    const parent = resolve(document, node);
    if (isMap(parent))
      node = parent.items.findLast((item) => isScalar(item.key) && item.key.value === step)?.value;
    else if (isSeq(parent) && typeof step === "number") node = parent.items[step];
    else return undefined;
  }
  return isScalar(node) ? startOf(node) : undefined;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
