/**
 * What delivering works with. Everything outside of the process is a port, the clock included: the proof that no alert
 * is lost (`test/faults`) runs a day of outages in milliseconds.
 */
import type { Destination } from "../destinations/destination.ts";
import type { Report } from "../report.ts";
import type { AlertStore, Part } from "../state/alert-store.ts";

/** What the redelivery queue holds: which delivery to try again. The alert itself is in the table. */
export type Redelivery = { readonly alertId: string; readonly part: Part; readonly destination: string };

/** What ends in the dead-letter queue of deliveries: who was not told, and why. */
export type DeadLetter = Redelivery & {
  readonly title: string;
  readonly severity: string;
  readonly reason: string;
  readonly attempts: number;
  /** First and last attempt, ISO 8601. */
  readonly since: string;
  readonly until: string;
};

/** Sends one message; `delay` is in milliseconds. Gives up by `deadline` (ms since 1970). */
export type Send<T> = (message: T, delay: number, deadline: number) => Promise<void>;

export type Clock = {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
};

/** The ports of delivering. */
export type DeliveryPorts = {
  /** By id. */
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly store: AlertStore;
  readonly redeliver: Send<Redelivery>;
  readonly bury: Send<DeadLetter>;
  readonly report: Report;
  readonly clock: Clock;
};

/** One invocation: its name in the table, and when it ends. */
export type Invocation = {
  readonly owner: string;
  /** When destinations must have answered, and when outcomes must be written, in milliseconds since 1970. */
  readonly answersBy: number;
  readonly writtenBy: number;
};
