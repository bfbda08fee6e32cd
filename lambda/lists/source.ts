/**
 * What a query asks and what it gets. A source gives the declared column of every row as it came; what becomes a value
 * of the list is decided by `read-values.ts`, the same for all of them.
 */
import type { ListQuery } from "../engine/list-schema.ts";

/** What a source gave: the column of each row (undefined where the row has none), or that nothing has changed. */
export type Fetched =
  | { readonly kind: "rows"; readonly rows: readonly unknown[]; readonly etag?: string }
  | { readonly kind: "same" };

/** How a source is asked. */
export type Asking = {
  /** The mark of what is known already: where the source still has it, nothing needs to be fetched. */
  readonly etag?: string | undefined;
  /** More rows than this are not wanted: the source stops one behind it. */
  readonly maxRows: number;
  /** When it must have answered, in milliseconds since 1970. */
  readonly deadline: number;
};

/** Asks one type of query; rejects with a ListError, or the SDK's error, when it cannot. */
export type Source<T extends ListQuery["type"]> = (
  query: Extract<ListQuery, { readonly type: T }>,
  asking: Asking,
) => Promise<Fetched>;

/** Every type of query. */
export type Sources = { readonly [T in ListQuery["type"]]: Source<T> };
