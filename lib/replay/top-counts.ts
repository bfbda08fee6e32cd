/**
 * Counts names and keeps the most frequent ones. Session names are chosen by the caller, so there may be millions: when
 * there are too many, the rarer half is let go into one number. The total stays exact; the counts of the names that
 * are left are then the least they can be.
 *
 *   counts.add("alice"); counts.add("bob"); counts.add("alice");
 *   counts.top(1)   // { top: [{ name: "alice", count: 2 }], others: { count: 1, names: 1 } }
 */
import { cutText } from "../../lambda/record/cut-text.ts";

const MAX_KEPT = 200;
const MAX_NAME = 200;

type Counted = { name: string; count: number };

/** The most frequent names, and what the others come to; `names` is null when they were too many to tell apart. */
export type Top = { top: Counted[]; others: { count: number; names: number | null } };

/** Counts of names in bounded memory. */
export class TopCounts {
  readonly #kept = new Map<string, number>();
  #letGo = 0;

  /** Counts a name once. Names that are alike in their first 200 characters count as one. */
  add(name: string): void {
    const short = cutText(name, MAX_NAME);
    const count = this.#kept.get(short);
    if (count !== undefined) {
      this.#kept.set(short, count + 1);
      return;
    }
    if (this.#kept.size >= MAX_KEPT) this.#prune();
    // A cut text may hold on to the whole it was cut from, and that to a record: a copy holds nothing.
    this.#kept.set(Buffer.from(short).toString(), 1);
  }

  /** The `limit` most frequent names, ties in the order of names. */
  top(limit: number): Top {
    const ordered = this.#ordered();
    const rest = ordered.slice(limit);
    return {
      top: ordered.slice(0, limit),
      others: {
        count: rest.reduce((sum, { count }) => sum + count, this.#letGo),
        names: this.#letGo > 0 ? null : rest.length,
      },
    };
  }

  #ordered(): Counted[] {
    return [...this.#kept]
      .map(([name, count]) => ({ name, count }))
      .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  }

  #prune(): void {
    for (const { name, count } of this.#ordered().slice(MAX_KEPT / 2)) {
      this.#kept.delete(name);
      this.#letGo += count;
    }
  }
}
