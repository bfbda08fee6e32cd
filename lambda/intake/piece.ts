/**
 * What the bytes of a file come apart into. Every piece says where it begins, and a broken one where it breaks, so that
 * whoever wrote or cut the file finds it.
 */
import { explainJsonError } from "../loader/json-error.ts";
import type { Scan } from "./scan.ts";

/** Where a piece begins, or where in it the fault is. Both count from 1, the column in bytes. */
type Place = { readonly line: number; readonly column: number };

/** One JSON value, or what could not be read and why. */
export type Piece =
  | (Place & { readonly ok: true; readonly value: unknown })
  | (Place & { readonly ok: false; readonly reason: string });

/** A piece with the place of its first byte in the stream, from 0: reading can go on there. */
export type FoundPiece = Piece & { readonly offset: number };

/** Parses bytes as one JSON value. `before`: how many bytes of the stream came before these. */
export function parsePiece(bytes: Buffer, at: Scan, end: number, before = 0): FoundPiece {
  const offset = before + at.pos;
  const place = { line: at.line, column: at.pos - at.lineStart + 1 };
  const text = bytes.toString("utf8", at.pos, end);
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value, offset, ...place };
  } catch (error) {
    const { reason, offset: fault } = explainJsonError(text, error);
    return { ok: false, reason: `not valid JSON: ${reason}`, offset, ...placeOf(text, fault ?? 0, place) };
  }
}

/** The place of an offset in a text that begins at `start`. */
function placeOf(text: string, offset: number, start: Place): Place {
  const before = text.slice(0, offset);
  const lineBreak = before.lastIndexOf("\n");
  if (lineBreak === -1) return { line: start.line, column: start.column + Buffer.byteLength(before) };
  const lines = before.split("\n").length - 1;
  return { line: start.line + lines, column: Buffer.byteLength(before.slice(lineBreak + 1)) + 1 };
}

/** A piece that could not be read. */
export function brokenPiece(at: Scan, reason: string, before = 0): FoundPiece {
  return { ok: false, reason, offset: before + at.pos, line: at.line, column: at.pos - at.lineStart + 1 };
}
