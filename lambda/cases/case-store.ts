/** Cases in the table: what the API, the page and the scopes read, and the one way that people change them. */
import type { Alert } from "../alerts/alert-schema.ts";
import type { Answer, Case, CaseRow, CloseReason, HistoryEntry, ScopeName, Status } from "./case-schema.ts";

/** Which cases. Times are ISO 8601, UTC; what is left out does not filter. */
export type CaseFilter = {
  /** startTime from here on, and before there. */
  readonly from?: string;
  readonly to?: string;
  readonly severities?: readonly Alert["severity"][];
  readonly statuses?: readonly Status[];
  /** Unless given, delivered ones only. */
  readonly dispositions?: readonly Alert["disposition"][];
  readonly ruleId?: string;
  /** The actor's key (see `actorKeyOf`), ARN or name. */
  readonly actor?: string;
  readonly channels?: readonly Alert["channel"]["name"][];
  /** False: those without a number, which the background has not been at yet. */
  readonly numbered?: false;
  /** Accounts that the asker may see; others are as if they were not there. */
  readonly accountIds?: readonly string[];
};

/** A part of a list, newest first. */
export type CasePage = {
  readonly rows: readonly CaseRow[];
  /** What `cursor` asks for the next part; absent at the end. A page may be short, even empty, and have one. */
  readonly next?: string;
};

/** What a person does. At least one of `status` and `comment`. */
export type CaseChange = {
  readonly by: string;
  readonly status?: Status;
  /** Of closing: required there. */
  readonly reason?: CloseReason;
  readonly comment?: string;
  /** The same id twice is one change: clients try again after an answer was lost. */
  readonly idempotencyKey?: string;
};

/** What came of a change: `refused` says why, in a whole sentence. */
export type Changed =
  | { readonly ok: true; readonly row: CaseRow; readonly entry: HistoryEntry }
  | { readonly ok: false; readonly why: "not-found" | "refused"; readonly message: string };

/** A published alert, in the order of its number. */
export type Numbered = { readonly number: number; readonly publishedAt: string; readonly row: CaseRow };

/** A cursor that this store did not make, or made for another question. */
export class CursorError extends Error {
  override readonly name = "CursorError";
}

/** Cases. `deadline` is in milliseconds since 1970; every call rejects with the table's error when it fails. */
export type CaseStore = {
  /**
   * Cases, newest first. An actor's key or ARN and a rule have an index; a name is looked for day by day.
   * @throws CursorError; RangeError when `from`, `to` or the limit (1 to 1,000) is none
   */
  list(
    filter: CaseFilter,
    page: { readonly limit: number; readonly cursor?: string },
    deadline: number,
  ): Promise<CasePage>;
  read(id: string, deadline: number): Promise<Case | undefined>;
  /** The records behind an alert, oldest first, at most `limit`, and whether those are all. */
  records(
    id: string,
    limit: number,
    deadline: number,
  ): Promise<{ readonly alerts: readonly Alert[]; readonly all: boolean }>;
  change(id: string, change: CaseChange, deadline: number): Promise<Changed>;
  /** The window of an alert is closed: lists show the count and the end of its summary. False when it has none. */
  summarise(id: string, deadline: number): Promise<boolean>;
  /** What the background computed and stored of a scope (a `Scope` of that name); undefined when nothing yet. */
  readScope(id: string, scope: ScopeName, deadline: number): Promise<unknown>;
  /** Stores a scope once; false when there is one already. */
  writeScope(id: string, scope: ScopeName, value: unknown, deadline: number): Promise<boolean>;
  /** Gives the alert its number: one more than the last one's, exactly once, visible in order. */
  publish(id: string, deadline: number): Promise<number | undefined>;
  /** Published alerts, newest first: numbers below `before`, at most `limit`. Consistent: 12 is never seen before 11. */
  published(
    range: { readonly before?: number; readonly limit: number },
    deadline: number,
  ): Promise<readonly Numbered[]>;
  /** The published alert of a number. */
  byNumber(number: number, deadline: number): Promise<Numbered | undefined>;
};

/** The answers that messages show: those with weight, the heaviest first, three at most. */
export function weightiest(answers: readonly Answer[]): Answer[] {
  return answers
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, 3);
}
