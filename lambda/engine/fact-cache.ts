/**
 * The facts that a rule set names, each read the cheapest way. A field of the record is read where it stands, each time
 * a rule asks: remembering it would cost as much. A fact that takes work (`[*]` over a list, `actor.*`) is worked out
 * when the first rule asks, and remembered for the rules after it, until the next record.
 *
 *     const facts = new FactCache();
 *     const read = facts.reader("actor.name");
 *     facts.nextRecord();
 *     read(record);   // derives the actor
 *     read(record);   // knows it
 */
import { parseFactPath } from "../record/fact-path.ts";
import { type FactReader, isCheap, readerOf } from "../record/fact-reader.ts";

/** Gives readers that remember what they read of the record at hand. */
export class FactCache {
  readonly #readers = new Map<string, FactReader>();
  #record = 0;

  /**
   * The reader of a fact; the same name has the same reader.
   * @throws FactPathError when the name cannot be parsed.
   */
  reader(name: string): FactReader {
    const known = this.#readers.get(name);
    if (known !== undefined) return known;
    const path = parseFactPath(name);
    const reader = isCheap(path) ? readerOf(path) : this.#remembering(readerOf(path));
    this.#readers.set(name, reader);
    return reader;
  }

  /** Says that what is read from now on is of another record. */
  nextRecord(): void {
    this.#record++;
  }

  #remembering(read: FactReader): FactReader {
    let of = -1;
    let value: unknown;
    return (record) => {
      if (of !== this.#record) {
        value = read(record);
        of = this.#record;
      }
      return value;
    };
  }
}
