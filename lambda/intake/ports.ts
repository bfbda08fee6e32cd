/**
 * What reading log files works with beside the pipeline's ports. Everything outside of the process is a port, as in
 * `lambda/delivery/ports.ts`.
 */
import type { Invocation } from "../delivery/ports.ts";
import type { Ports } from "../pipeline.ts";
import type { CloudTrailRecord, Envelope } from "../record/record.ts";
import type { IntakeReport } from "./intake-report.ts";
import type { JsonValuesOptions } from "./json-values.ts";
import type { ObjectRef } from "./notifications.ts";
import type { Progress } from "./progress.ts";

/** A bucket that log files are taken from. */
export type IntakeBucket = {
  readonly name: string;
  /** What keys must begin with; every key when absent. */
  readonly prefix?: string;
  /** The account that must own it. */
  readonly accountId?: string;
};

/** What ends in the dead-letter queue of objects. Sent back to the queue as it is, it is read again. */
export type ObjectLetter = {
  readonly engine: "intake";
  readonly reason: string;
  /** When it was given up, ISO 8601. */
  readonly until: string;
  readonly bucket?: string;
  readonly key?: string;
  readonly versionId?: string;
  /** When the object was written, ISO 8601. */
  readonly written?: string;
  /** A message that names no object. */
  readonly body?: string;
};

/** The ports of the intake. */
export type IntakePorts = {
  readonly pipeline: Ports;
  readonly buckets: readonly IntakeBucket[];
  /** How long an object waits until it is read, in milliseconds: 0 where EventBridge brings nothing. */
  readonly grace: number;
  /** Gives the deployed event rules that would have delivered the envelope. */
  readonly delivering: (envelope: Envelope) => readonly unknown[];
  /** Whether a record is the canary's: it is no record for rules, and in whose time it came is not this way's to say. */
  readonly isCanary: (record: CloudTrailRecord, deadline: number) => boolean | Promise<boolean>;
  readonly passOver?: JsonValuesOptions["passOver"];
  /** The packed bytes of an object, until `deadline` (ms since 1970). Rejects with an S3 error. */
  readonly open: (
    object: ObjectRef,
    bucket: IntakeBucket,
    deadline: number,
  ) => Promise<AsyncIterable<Buffer>>;
  readonly progress: Progress;
  readonly bury: (letter: ObjectLetter, deadline: number) => Promise<void>;
  /** Hides a received message of a queue for so many milliseconds from now. */
  readonly hide: (
    message: { readonly queueArn: string; readonly receiptHandle: string },
    milliseconds: number,
    deadline: number,
  ) => Promise<void>;
  readonly report: IntakeReport;
};

/** When one invocation ends. */
export type IntakeInvocation = Invocation;
