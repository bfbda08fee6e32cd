/** What the page's server and its app in the browser say to each other, in types alone: neither side loads the other. */
import type { Explanation } from "../explain/explanation-schema.ts";

/** What became of the deliveries to one destination. */
export type Deliveries = {
  readonly destination: string;
  readonly delivered: number;
  /** Those that needed more than one attempt. */
  readonly afterRetry: number;
  /** Attempts that failed, and deliveries given up. */
  readonly failedAttempts: number;
  readonly dead: number;
};

/** A stretch of time from `at` on. */
export type Bucket = { readonly at: string; readonly seen: number; readonly letThrough: number };

/** Something that went wrong with a delivery, or right at a later attempt. */
export type RecentDelivery = {
  readonly at: string;
  readonly kind: "failed" | "dead" | "delivered" | "repeat-failed";
  readonly destination: string;
  readonly ruleId: string;
  readonly reason: string;
  readonly attempts: number;
};

/** What the page draws of a live run. */
export type Picture = {
  readonly buckets: readonly Bucket[];
  /** How wide a bucket is, in minutes. */
  readonly minutes: number;
  readonly seen: number;
  readonly letThrough: number;
  readonly deliveries: readonly Deliveries[];
  /** Newest first. */
  readonly recent: readonly RecentDelivery[];
};

/** A fact of the record that a suppression may match on. */
export type OfferedFact = {
  readonly fact: string;
  readonly value: string | number | boolean;
  /** What it says, in two or three words. */
  readonly label: string;
  /** Whether it is proposed. */
  readonly chosen: boolean;
  /** Whether the caller wrote it, so that an attacker can write it too. */
  readonly callersChoice: boolean;
};

/** What a person fills in to suppress. */
export type SuppressionRequest = {
  readonly name: string;
  readonly reason: string;
  readonly owner: string;
  readonly expires: string;
  /** The facts to match on, of those that were offered. */
  readonly facts: readonly string[];
};

/** The file of a suppression, and what the loader says of it. */
export type SuppressionDraft = {
  readonly path: string;
  readonly yaml: string;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** Whether it would have kept this alert back; absent where it has errors, or the rule does not match any more. */
  readonly holds?: boolean;
};

/** Why a record did not fire, or did. */
export type WhyAnswer =
  | {
      readonly ok: true;
      /** The nearest first. */
      readonly explanations: readonly Explanation[];
      /** How many rules are tried on such a record. */
      readonly tried: number;
      /** The records that were pasted, where there are several. */
      readonly records: readonly string[];
    }
  | { readonly ok: false; readonly message: string };
