/**
 * What delivering works with. Everything outside of the process is a port, the clock included: the proof that no alert
 * is lost (`test/faults`) runs a day of outages in milliseconds.
 */
import type { CaseStore } from "../cases/case-store.ts";
import type { Destination } from "../destinations/destination.ts";
import type { Report } from "../report.ts";
import type { AlertStore, Part } from "../state/alert-store.ts";

/** What the redelivery queue holds: which delivery to try again. The alert itself is in the table. */
export type Redelivery = { readonly alertId: string; readonly part: Part; readonly destination: string };

/** What ends in the dead-letter queue of deliveries: who was not told of what, and why. */
export type DeadLetter = {
  readonly reason: string;
  /** When it was given up, ISO 8601. */
  readonly until: string;
  /** Which delivery; absent when the message in `body` was none of ours. */
  readonly alertId?: string;
  readonly part?: Part;
  readonly destination?: string;
  readonly title?: string;
  readonly severity?: string;
  readonly attempts?: number;
  /** The first attempt, ISO 8601. */
  readonly since?: string;
  readonly body?: string;
};

/** Sends one message; `delay` is in milliseconds. Gives up by `deadline` (ms since 1970). */
export type Send<T> = (message: T, delay: number, deadline: number) => Promise<void>;
/** Hides a received message for so many milliseconds from now. Gives up by `deadline` (ms since 1970). */
export type Hide = (receiptHandle: string, milliseconds: number, deadline: number) => Promise<void>;

export type Clock = {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Rejects when the signal aborts. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
};

/** The ports of delivering. */
export type DeliveryPorts = {
  /** By id. */
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly store: AlertStore;
  /** What came to be known since the first notice; without it, nothing did. */
  readonly cases?: Pick<CaseStore, "read" | "readScope">;
  readonly redeliver: Send<Redelivery>;
  readonly bury: Send<DeadLetter>;
  readonly hide: Hide;
  readonly report: Report;
  readonly clock: Clock;
  /** A name that nobody has had, for one claim of one delivery. */
  readonly newOwner: () => string;
};

/** When one invocation ends, in milliseconds since 1970. */
export type Invocation = {
  /** When destinations must have answered. */
  readonly answersBy: number;
  /** When outcomes must be written. */
  readonly writtenBy: number;
};
