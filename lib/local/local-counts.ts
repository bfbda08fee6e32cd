/** What a local run counts, for who watches it and for the summary at its end. */
import type { LogCounts } from "./detector-log.ts";

/** What has happened so far. */
export type LocalCounts = Readonly<LogCounts> & {
  /** Envelopes that the bus took. */
  readonly seen: number;
  /** Envelopes that at least one event rule with a target let through. */
  readonly letThrough: number;
  /** Invocations of the detector, tries again included, but for those that build cases: they are as many as `caseBatches`. */
  readonly invocations: number;
  readonly caseBatches: number;
  /** Invocations that failed for good. */
  readonly failures: number;
  /** Messages waiting in the dead-letter queue of records, and in that of deliveries. */
  readonly deadLetters: number;
  readonly deadDeliveries: number;
  /** Deliveries that wait for their next attempt, and windows that are open. */
  readonly waiting: number;
  readonly windows: number;
};
