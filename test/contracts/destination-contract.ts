/** What a destination's test hands over to the suites of this folder. */
import type { Destination, Notice } from "../../lambda/destinations/destination.ts";

/** What the other side does with one attempt; `error` is the code of a connection that failed. */
export type Reply =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly error: string }
  | "hang"
  | "refuse";

/** A destination against an other side that replies by script (the last reply repeats). */
export type Stage = {
  readonly destination: Destination;
  /** The body of every attempt that reached the other side, as text. */
  readonly sent: readonly string[];
  /** What the destination's clock says, in milliseconds since 1970. */
  readonly now: () => number;
};

/** A limit of the medium, which a message may reach and never pass. */
export type Limit = {
  /** For the test's name: "the title's 100 characters". */
  readonly of: string;
  readonly max: number;
  /** How much of it a message uses. */
  readonly measure: (body: string) => number;
  /** A notice whose message uses one more for each of `padding`, as long as nothing is cut. */
  readonly grow: (padding: number) => Notice;
  /** Whether the message says that something was cut. */
  readonly saysCut: (body: string) => boolean;
};

export type Contract = {
  readonly make: (replies: readonly Reply[]) => Stage;
  /** What the other side says when it took a message; 202 and `{}` unless given. */
  readonly taken?: Reply;
  /** What must never be in an error: the secret of the stage, where the medium has one. */
  readonly secret?: string;
  /** How long a delivery may take at most, in milliseconds. */
  readonly budget: number;
  /** Throws when a body breaks a limit of the medium, or shows a hostile text as anything but text. */
  readonly checkBody: (body: string) => void;
  /** Every limit of the medium that an alert can reach. */
  readonly limits: readonly Limit[];
};

/** For tests that are not about the invocation's end. */
export const NO_DEADLINE = Infinity;
