/**
 * What the bytes of a file come apart into. Every piece says where it begins, so that whoever wrote or cut the file
 * finds it.
 */
import type { Scan } from "./scan.ts";

/** Where a piece begins. Both count from 1, the column in bytes. */
type Place = { readonly line: number; readonly column: number };

/** One JSON value, or what could not be read and why. */
export type Piece =
  | (Place & { readonly ok: true; readonly value: unknown })
  | (Place & { readonly ok: false; readonly reason: string });

/** Parses bytes as one JSON value. */
export function parsePiece(bytes: Buffer, at: Scan, end: number): Piece {
  const place = { line: at.line, column: at.pos - at.lineStart + 1 };
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8", at.pos, end));
    return { ok: true, value, ...place };
  } catch (error) {
    return { ok: false, reason: syntaxReason(error), ...place };
  }
}

/** A piece that could not be read. */
export function brokenPiece(at: Scan, reason: string): Piece {
  return { ok: false, reason, line: at.line, column: at.pos - at.lineStart + 1 };
}

/**
 * What JSON.parse found wrong, without the snippet of the input that V8 puts into its messages: that is a stranger's
 * text, and the place says where to look.
 */
function syntaxReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const short = message
    .replace(/, (\.\.\.)?".*$/s, "")
    .replace(/ in JSON at position (\d+).*$/s, " $1 characters into it");
  return `not valid JSON: ${short}`;
}
