/**
 * Collects the problems of one file: a check says which part of the data it means, and the place in the text follows
 * from that. Checks never stop at their first finding, so whoever mends a file does it once.
 */
import type { Path, Problem } from "./problem.ts";
import { formatPath } from "./problem.ts";
import type { Source } from "./source.ts";

type Options = {
  /** What the reader should look at: the value (the usual case) or its key. */
  readonly part?: "key" | "value";
  readonly severity?: Problem["severity"];
  /** An exact place inside the value, where one is known. */
  readonly offset?: number | undefined;
};

/** Where the checks of one file put what they find. */
export type Report = {
  readonly source: Source;
  /** Adds a problem with the part of the data at `path`. */
  add(path: Path, message: string, cure: string, options?: Options): void;
  /** How many errors were added so far. */
  errors(): number;
};

/** A report that adds to the given list. */
export function createReport(source: Source, problems: Problem[]): Report {
  let errors = 0;
  return {
    source,
    add(path, message, cure, { part = "value", severity = "error", offset } = {}) {
      if (severity === "error") errors += 1;
      const position = offset === undefined ? source.at(path, part) : source.positionOf(offset);
      const field = formatPath(path);
      problems.push({
        file: source.file,
        ...position,
        severity,
        ...(field === "" ? {} : { field }),
        message,
        cure,
      });
    },
    errors: () => errors,
  };
}

/** What a value is, for people. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "text";
  if (typeof value === "object") return "an object";
  return value === undefined ? "nothing" : `a ${typeof value}`;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
