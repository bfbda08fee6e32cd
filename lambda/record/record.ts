/**
 * The two shapes that come in: the CloudTrail record, and the EventBridge envelope around it.
 * "Record" is the CloudTrail object, never "event": `eventName` and `eventSource` keep CloudTrail's names.
 */

/** A CloudTrail record. Only what every record must have to be evaluated is typed; the rest is hostile `unknown`. */
export type CloudTrailRecord = {
  readonly eventSource: string;
  readonly eventName: string;
  readonly [field: string]: unknown;
};

/** The EventBridge event that carries a record in `detail`. */
export type Envelope = {
  readonly source: string;
  readonly "detail-type": string;
  readonly detail: unknown;
  readonly [field: string]: unknown;
};

/** What reading one piece of input gave: a record in its envelope, or the reason why there is none. */
export type Reading =
  | { readonly ok: true; readonly record: CloudTrailRecord; readonly envelope: Envelope }
  | { readonly ok: false; readonly reason: string };
