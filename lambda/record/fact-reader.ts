/**
 * Readers of facts as rules name them: fields of the record, and what is derived from it.
 *
 *     readerOf(parseFactPath("userIdentity.type"))({ userIdentity: { type: "Root" }, … })   // "Root"
 *     readerOf(parseFactPath("actor.root"))({ userIdentity: { type: "Root" }, … })          // true
 */
import { DERIVED_ROOTS, factRoot } from "./derived-facts.ts";
import type { FactPath } from "./fact-path.ts";
import { resolveFact } from "./facts.ts";
import { type FactReader, isPlainKeys, recordReader } from "./record-reader.ts";

export type { FactReader } from "./record-reader.ts";

/** Whether a fact is nothing but keys to go down, so that reading it again costs no more than remembering it. */
export function isCheap(path: FactPath): boolean {
  return isPlainKeys(path) && !DERIVED_ROOTS.includes(path.root);
}

/** Makes the reader of a fact. */
export function readerOf(path: FactPath): FactReader {
  if (!DERIVED_ROOTS.includes(path.root)) return recordReader(path);
  return (record) => resolveFact(factRoot(record, path), path);
}
