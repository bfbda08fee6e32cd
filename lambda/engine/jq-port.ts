/**
 * What the engine asks of jq, which it does not know itself: jq is WebAssembly in a thread of its own, loaded when a
 * record first needs it, and the engine is pure.
 *
 *     const [answer] = await jq.ask(record, [{ id: "iam.amazonaws.com/user-made", jq: 'select(.eventName == "CreateUser")' }]);
 *     answer   // { ruleId: "iam.amazonaws.com/user-made", matches: true, annotations: [] }
 */
import type { CloudTrailRecord } from "../record/record.ts";

/** A rule's expression. */
export type JqQuestion = { readonly id: string; readonly jq: string };

/** What one expression said of one record. */
export type JqAnswer = {
  readonly ruleId: string;
  /** Whether a result was anything but null or false. */
  readonly matches: boolean;
  /** Those results that are neither `true` nor the record itself: text as it is, all else as JSON, cut. Hostile text. */
  readonly annotations: readonly string[];
  /** jq's error on this record: results before it count, there are none after it. */
  readonly error?: string;
  /** Why nothing is known of this record: over its time, or jq could not be run. Then `matches` is false. */
  readonly failed?: string;
};

/** Asks jq; never rejects. There is one answer a question, in their order. */
export type JqPort = {
  ask(record: CloudTrailRecord, questions: readonly JqQuestion[]): Promise<readonly JqAnswer[]>;
};
