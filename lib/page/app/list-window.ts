/**
 * Which rows of a long list stand in the document: those in sight and a few beside them, however long the list is. And
 * where the list has to be scrolled to, so that what somebody reads stays in its place when something arrives above.
 *
 *     windowOf({ count: 10_000, height: 64, top: 6400, room: 800 })   // { from: 92, to: 121 }
 */

/** Rows above and below the sight, so that a quick scroll shows no gap. */
const BESIDE = 8;

/** A list of `count` rows, each `height` pixels, scrolled to `top` in a view of `room` pixels. */
export type Sight = {
  readonly count: number;
  readonly height: number;
  readonly top: number;
  readonly room: number;
};

/** The rows from `from` up to, and without, `to`. */
export function windowOf({ count, height, top, room }: Sight): {
  readonly from: number;
  readonly to: number;
} {
  const first = Math.floor(top / height) - BESIDE;
  const last = Math.ceil((top + room) / height) + BESIDE;
  const from = Math.max(0, Math.min(first, count));
  return { from, to: Math.max(from, Math.min(last, count)) };
}

/** Where to scroll to, so that a row is in sight: as little as is needed. */
export function scrollTo(index: number, { height, top, room }: Sight): number {
  if (index * height < top) return index * height;
  return Math.max(top, (index + 1) * height - room);
}

/** Where to scroll to, so that the row that was first in sight still is, after the list has changed. */
export function keepPlace(
  before: readonly string[],
  after: readonly string[],
  { height, top }: Sight,
): number {
  const at = Math.floor(top / height);
  const rest = top - at * height;
  const places = new Map(after.map((id, index) => [id, index]));
  for (const id of before.slice(at)) {
    const index = places.get(id);
    if (index !== undefined) return index * height + rest;
  }
  return top;
}
