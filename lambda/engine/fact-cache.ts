/**
 * The facts that a rule set names, numbered once, and their values for the record at hand, each resolved when the first
 * predicate asks for it. Values are kept in one array for all records and told apart by the number of the record, so
 * that thousands of facts cost a record nothing until they are asked for.
 */
import { parseFactPath } from "../record/fact-path.ts";
import { type FactReader, readerOf } from "../record/fact-reader.ts";
import type { CloudTrailRecord } from "../record/record.ts";

const NO_RECORD: CloudTrailRecord = { eventSource: "", eventName: "" };

/** Gives the value of a numbered fact of the current record. */
export class FactCache {
  readonly #numbers = new Map<string, number>();
  readonly #readers: FactReader[] = [];
  readonly #values: unknown[] = [];
  readonly #turns: number[] = [];
  #turn = 0;
  #record = NO_RECORD;

  /**
   * The number of a fact; the same name has the same number.
   * @throws FactPathError when the name cannot be parsed.
   */
  number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#readers.push(readerOf(parseFactPath(name))) - 1;
    this.#values.push(undefined);
    this.#turns.push(0);
    this.#numbers.set(name, number);
    return number;
  }

  /** Reads a fact of any record, without remembering it: for what is read once a record. */
  reader(number: number): FactReader {
    const reader = this.#readers[number];
    if (reader === undefined) throw new RangeError(`there is no fact number ${number}`);
    return reader;
  }

  /** Makes this the record at hand. */
  turnTo(record: CloudTrailRecord): void {
    this.#record = record;
    this.#turn++;
  }

  /** The value of a fact of the record at hand. */
  get(number: number): unknown {
    if (this.#turns[number] === this.#turn) return this.#values[number];
    const value = this.#readers[number]?.(this.#record);
    this.#values[number] = value;
    this.#turns[number] = this.#turn;
    return value;
  }

  /** Lets go of the record, so that the cache keeps no large record alive. */
  release(): void {
    this.#record = NO_RECORD;
  }
}
