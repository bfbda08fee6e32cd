/**
 * The facts that a rule set names, numbered once, and their values for the record at hand, each resolved when the first
 * predicate asks for it. Values are kept in one array for all records and told apart by the number of the record, so
 * that thousands of facts cost a record nothing until they are asked for.
 */
import { DERIVED_ROOTS, factRoot } from "../record/derived-facts.ts";
import { type FactPath, parseFactPath } from "../record/fact-path.ts";
import { resolveFact } from "../record/facts.ts";
import type { CloudTrailRecord } from "../record/record.ts";

const INHERITED = Object.prototype;

/** Gives the value of a numbered fact of the current record. */
export class FactCache {
  readonly #numbers = new Map<string, number>();
  readonly #paths: FactPath[] = [];
  readonly #fields: (string | undefined)[] = [];
  readonly #values: unknown[] = [];
  readonly #turns: number[] = [];
  #turn = 0;
  #record: CloudTrailRecord = { eventSource: "", eventName: "" };

  /**
   * The number of a fact; the same name has the same number.
   * @throws FactPathError when the name cannot be parsed.
   */
  number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const path = parseFactPath(name);
    const number = this.#paths.push(path) - 1;
    // A single key of a record cannot collide, so it is read directly; inherited names (constructor) are not facts.
    const direct =
      path.segments.length === 1 && !(path.root in INHERITED) && !DERIVED_ROOTS.includes(path.root);
    this.#fields.push(direct ? path.root : undefined);
    this.#values.push(undefined);
    this.#turns.push(0);
    this.#numbers.set(name, number);
    return number;
  }

  /** Makes this the record at hand. */
  turnTo(record: CloudTrailRecord): void {
    this.#record = record;
    this.#turn++;
  }

  /** The value of a fact of the record at hand. */
  get(number: number): unknown {
    if (this.#turns[number] === this.#turn) return this.#values[number];
    const value = this.#resolve(number);
    this.#values[number] = value;
    this.#turns[number] = this.#turn;
    return value;
  }

  /** Lets go of the record, so that the cache keeps no large record alive. */
  release(): void {
    this.#record = { eventSource: "", eventName: "" };
  }

  #resolve(number: number): unknown {
    const path = this.#paths[number];
    if (path === undefined) return undefined;
    const field = this.#fields[number];
    if (field !== undefined) return this.#record[field];
    return resolveFact(factRoot(this.#record, path), path);
  }
}
