/**
 * What the compatible API works on. Handed in, so that it runs the same behind a function URL, in `npm start` and in tests.
 */
import type { KeyStore } from "../api/key-store.ts";
import type { CaseStore } from "../cases/case-store.ts";
import type { ReadScope } from "../cases/scopes.ts";

/** The ports of the compatible API; times in milliseconds since 1970. */
export type LaceworkPorts = {
  readonly cases: Pick<CaseStore, "read" | "change" | "published" | "byNumber">;
  readonly readScope: ReadScope;
  readonly keys: Pick<KeyStore, "check" | "issueToken" | "checkToken" | "count">;
  /** One line of JSON; nothing secret is ever in it. */
  readonly log: (line: string) => void;
  readonly now: () => number;
  /** How many rows a page has at most. */
  readonly pageRows?: number;
};

/** Rows a page at most, as Lacework's own pages. */
export const PAGE_ROWS = 5_000;
/** How long each half of a request may take, the key and the answer: the clients wait for half a minute. */
export const REQUEST_MS = 12_000;
