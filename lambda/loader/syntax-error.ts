/**
 * The YAML parser's complaints in words that say how to mend the file. Its own words name the grammar ("compact
 * mappings"), which helps those who know YAML's grammar and nobody else.
 *
 *   name: Security group: opened      // a colon and a space inside plain text
 */
import type { YAMLError } from "yaml";
import { printable } from "./problem.ts";

type Advice = { readonly message?: string; readonly cure: string };

const ADVICE: Readonly<Record<string, Advice>> = {
  ALIAS_PROPS: { cure: "Write the value out instead of the alias." },
  BAD_ALIAS: {
    message: 'A value that begins with "*" or "&" is a YAML alias or anchor.',
    cure: "Put the value in quotes if it is text.",
  },
  BAD_DIRECTIVE: { cure: "Delete the line that begins with %." },
  BAD_DQ_ESCAPE: { cure: "Double the backslash, or use single quotes." },
  BAD_INDENT: { cure: "Indent the lines of one list or object alike, with spaces; close every bracket." },
  BAD_SCALAR_START: { cure: "Put the value in quotes." },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'There is a second ": " on this line.',
    cure: 'Put the value in quotes if it is text that contains ": ".',
  },
  MISSING_CHAR: { cure: "Close the quote or the bracket, and separate what is inside brackets by commas." },
  MULTILINE_IMPLICIT_KEY: { cure: 'Write "key: value" on one line; close quotes and brackets before it.' },
  MULTIPLE_DOCS: {
    message: "The file has more than one YAML document.",
    cure: 'Move what follows "---" to its own file.',
  },
  NON_STRING_KEY: {
    message: "A key is text, and this one is not.",
    cure: "Put the value in quotes if it begins with { or [, as {{…}} does.",
  },
  TAB_AS_INDENT: { message: "This line is indented with a tab.", cure: "Indent with spaces." },
  TAG_RESOLVE_FAILED: { cure: "Delete the tag: rules hold plain text, numbers, lists and objects." },
  UNEXPECTED_TOKEN: { cure: "Put the value in quotes if it is text; look for a comma or bracket too many." },
};

const OTHERWISE: Advice = { cure: "Write the file as plain YAML or JSON." };

/** The parser's error about a text as one sentence on what is wrong and one on the cure. */
export function describeSyntaxError(
  error: YAMLError,
  text: string,
): { kind: string; message: string; cure: string } {
  if (error.code === "RESOURCE_EXHAUSTION") {
    const message = "The file is nested too deeply to be read.";
    return { kind: "nesting", message, cure: "Split deep conditions into shared conditions." };
  }
  if (error.code === "DUPLICATE_KEY") {
    const key =
      /^["']?([\w$.-]+)/.exec(text.slice(error.pos[0], error.pos[0] + 60))?.[1] ?? "that begins here";
    return { kind: error.code, message: `The key ${key} stands here twice.`, cure: "Keep one of the two." };
  }
  const { message, cure } = ADVICE[error.code] ?? OTHERWISE;
  return { kind: error.code, message: message ?? `${printable(error.message)}.`, cure };
}
