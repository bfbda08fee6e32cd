/**
 * A schedule: which records arrive when, how often and by which path, and everything that goes wrong meanwhile. It is
 * plain data, so that one that fails shrinks to the few things that matter and can be run again.
 */
import * as fc from "fast-check";

/** What can go wrong with one call of the table, a queue or a destination. */
const FAULTS = [
  /** The process dies before the call has its effect, or after it. */
  "dies-before",
  "dies-after",
  /** The call fails before it has its effect, or after it: the answer is lost. */
  "fails-before",
  "fails-after",
  /** It takes longer than the invocation has. */
  "hangs",
  /** The queue brings the message a second time, at once. */
  "twice",
] as const;
export type Fault = (typeof FAULTS)[number];

/** How a destination answers while it has trouble. */
const TROUBLES = ["refuses", "fails", "throttles", "times-out", "late", "hangs"] as const;
export type Trouble = (typeof TROUBLES)[number];

/** Something is out of order for a while; times in seconds from the start of the schedule. */
type Outage = { readonly from: number; readonly lasts: number };

export type Schedule = {
  readonly records: readonly {
    /** Which rules it matches; `unreadable` is no record. */
    readonly kind: "none" | "one" | "two" | "repeated" | "staged" | "suppressed" | "unreadable";
    /** Seconds from the start at which each copy arrives. */
    readonly arrivals: readonly number[];
  }[];
  readonly destinations: readonly {
    readonly troubles: readonly (Outage & { readonly how: Trouble; readonly retryAfter: number })[];
  }[];
  readonly tableOutages: readonly (Outage & { readonly how: "fails-before" | "fails-after" })[];
  readonly queueOutages: readonly Outage[];
  /** By the number of the call, counted over everything. */
  readonly faults: readonly { readonly call: number; readonly fault: Fault }[];
  /** Of the first call at this time or later, in seconds from the start: attempts, closes and retries hours on. */
  readonly lateFaults: readonly { readonly from: number; readonly fault: Fault }[];
};

const seconds = (longest: number): fc.Arbitrary<number> => fc.nat({ max: longest });
/** Most troubles are short; some last longer than deliveries are tried. */
const lasts = fc.oneof(
  { weight: 6, arbitrary: seconds(120) },
  { weight: 3, arbitrary: seconds(3_600) },
  { weight: 1, arbitrary: seconds(30 * 3_600) },
);
/** When most happens: at the start, when windows close, and at any time until trying ends. */
const moment = (early: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 5, arbitrary: seconds(early) },
    { weight: 3, arbitrary: fc.integer({ min: 1_500, max: 2_100 }) },
    { weight: 2, arbitrary: seconds(30 * 3_600) },
  );
/** The first calls decide who opens a window and whose the alert is. */
const call = fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 60 }));
const outage = { from: moment(90), lasts };
const short = { from: moment(60), lasts: seconds(400) };

/** Any schedule. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  records: fc.array(
    fc.record({
      kind: fc.constantFrom(
        "one",
        "two",
        "repeated",
        "repeated",
        "repeated",
        "repeated",
        "none",
        "staged",
        "suppressed",
        "unreadable",
      ),
      arrivals: fc.array(fc.oneof(fc.constantFrom(0, 0, 1), seconds(200)), { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  destinations: fc.array(
    fc.record({
      troubles: fc.array(
        fc.record({
          ...outage,
          how: fc.constantFrom(...TROUBLES),
          retryAfter: fc.constantFrom(0, 0, 5_000, 120_000, 7_200_000, 40 * 3_600_000),
        }),
        { maxLength: 2 },
      ),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  tableOutages: fc.array(
    fc.record({ ...short, how: fc.constantFrom("fails-before" as const, "fails-after" as const) }),
    { maxLength: 2 },
  ),
  queueOutages: fc.array(fc.record(short), { maxLength: 2 }),
  faults: fc.array(fc.record({ call, fault: fc.constantFrom(...FAULTS) }), {
    maxLength: 6,
  }),
  lateFaults: fc.array(fc.record({ from: moment(400), fault: fc.constantFrom(...FAULTS) }), {
    maxLength: 4,
  }),
});
