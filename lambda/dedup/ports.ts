/**
 * What counting repeats works with, and what it says of an alert. Everything outside of the process is a port, as in
 * `lambda/delivery/ports.ts`.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import type { Clock } from "../delivery/ports.ts";
import type { WindowRef } from "../state/alert-item.ts";
import type { Table } from "../state/table.ts";

/** What a timer brings back: the window whose time is over. Times are in milliseconds since 1970. */
export type ClosePayload = {
  readonly engine: "close-window";
  /** The partition key and the id of the window. */
  readonly partition: string;
  readonly window: string;
  readonly alertId: string;
  /** The time that its records have: from, the first one's, and up to but not including the end. */
  readonly reach: number;
  readonly opened: number;
  readonly closes: number;
};

/** Makes a one-time timer, `at` milliseconds since 1970; a name that has one already keeps the one it has. */
export type Schedule = (name: string, at: number, payload: ClosePayload, deadline: number) => Promise<void>;

/** The ports of counting. */
export type DedupPorts = {
  readonly table: Table;
  /** An alert as it was recorded for delivery; undefined when it was not yet. */
  readonly readAlert: (alertId: string, deadline: number) => Promise<Alert | undefined>;
  readonly schedule: Schedule;
  readonly clock: Clock;
  /** How long the records behind an alert can be listed; as long as it is counted, unless given. */
  readonly keepDays?: number;
  /** Something that went wrong and keeps no alert back. */
  readonly failed: (message: string, alert: Alert, error: unknown) => void;
};

/** A record is like one whose alert nobody has recorded yet: it is no repeat of that, and must be asked about again. */
export class UntoldError extends Error {
  override readonly name = "UntoldError";
}

/** What becomes of an alert. */
export type Admission =
  /**
   * It goes out. A burst's alert stands for all records of the burst and has the id of its first. `window`: the one that
   * it stands for.
   */
  | { readonly kind: "first"; readonly alert: Alert; readonly window?: WindowRef }
  /**
   * It is a repeat of the alert `of`, which stands for about `count` records now. `notify`: that alert with its new
   * count, when it is time to tell destinations that can change what they show.
   */
  | {
      readonly kind: "repeat";
      readonly alert: Alert;
      readonly of: string;
      readonly count: number;
      readonly notify?: Alert;
      /** Why its window has no timer: whoever asked must be tried again, or nobody is told of the repeats. */
      readonly untimed?: unknown;
    }
  /** The rule's threshold is not reached. */
  | { readonly kind: "counting" };
