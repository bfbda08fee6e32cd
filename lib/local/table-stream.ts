/**
 * What Lambda does for a function with a table's stream as its event source: hands over the items that came into being,
 * in order, those that pass the mapping's filter, one batch at a time; and again from the first change that the function
 * named as failed, until the mapping's patience ends. dynalite has no streams, so the writes that it took are watched
 * instead (`local-table.ts`); and there is one shard, so a batch that fails holds up what comes after it, as on AWS.
 *
 *     PutItem ALERT#5f… / ALERT taken   →   { Records: [{ eventName: "INSERT", dynamodb: { Keys: … }, … }] }
 */
import { compileEventPattern } from "../../lambda/engine/event-pattern/compile.ts";
import { matchesEventPattern } from "../../lambda/engine/event-pattern/match.ts";
import type { LocalClock } from "./local-clock.ts";
import type { InvocationResult } from "./local-lambda.ts";
import type { StreamSourceSpec } from "./stream-source-spec.ts";

/** The key of an item that came into being, as DynamoDB writes it. */
export type NewItem = { readonly table: string; readonly keys: Readonly<Record<string, unknown>> };

/** What the loop works with. */
export type TableStreamOptions = {
  readonly spec: StreamSourceSpec;
  readonly clock: LocalClock;
  readonly region: string;
  invoke(event: unknown): Promise<InvocationResult>;
  /** Keeps what was given up. */
  bury(letter: object): Promise<void>;
  /** Told of each batch that failed as a whole, and of what was given up. */
  onProblem(line: string): void;
};

/** The loop. */
export type TableStream = {
  /** Takes an item that came into being. */
  take(item: NewItem): void;
  /** Changes that are not done with. */
  depth(): number;
  /** Batches that were handed over, tries again included. */
  batches(): number;
  /** Stops once what is under way is done. */
  stop(): Promise<void>;
};

type Change = {
  readonly sequence: string;
  readonly record: Readonly<Record<string, unknown>>;
  failures: number;
};

/** Between two tries, in milliseconds: doubling to a minute. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;

/** Starts the loop. */
export function startTableStream(options: TableStreamOptions): TableStream {
  const { spec, clock, region } = options;
  const filters = spec.filters.map((pattern) => compileEventPattern(pattern));
  const waiting: Change[] = [];
  let sequence = 0;
  let batches = 0;
  let stopped = false;
  let calledOff: (() => void) | undefined;
  let working: Promise<void> | undefined;

  const pump = (): void => {
    if (stopped || working !== undefined || calledOff !== undefined || waiting.length === 0) return;
    working = work().finally(() => {
      working = undefined;
      pump();
    });
  };
  const work = async (): Promise<void> => {
    // What came at the same moment goes together.
    await new Promise((resolve) => setImmediate(resolve));
    const batch = waiting.slice(0, spec.batchSize);
    batches += 1;
    const result = await options.invoke({ Records: batch.map(({ record }) => record) });
    if (!result.ok) options.onProblem(`building cases failed: ${result.error.errorMessage}`);
    const done = doneOf(result, batch);
    waiting.splice(0, done);
    const [failed] = waiting;
    if (done === batch.length || failed === undefined) return;
    failed.failures += 1;
    if (failed.failures > spec.retries) {
      waiting.shift();
      options.onProblem(
        `a change of the table was given up after ${failed.failures} tries; the dead-letter queue says which`,
      );
      await options.bury(letterOf(failed, options));
      return;
    }
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failed.failures - 1));
    calledOff = clock.at(clock.now() + wait, () => {
      calledOff = undefined;
      setImmediate(pump);
    });
  };

  return {
    take({ table, keys }) {
      if (table !== spec.table || stopped) return;
      sequence += 1;
      const record = recordOf(keys, String(sequence).padStart(21, "0"), spec.streamArn, region);
      if (filters.length > 0 && !filters.some((filter) => matchesEventPattern(filter, record))) return;
      waiting.push({ sequence: record.dynamodb.SequenceNumber, record, failures: 0 });
      pump();
    },
    depth: () => waiting.length,
    batches: () => batches,
    async stop() {
      stopped = true;
      calledOff?.();
      await working;
    },
  };
}

/** What all streams of a run share. */
export type StreamsOptions = Pick<TableStreamOptions, "clock" | "region" | "onProblem"> & {
  /** The function that a mapping names; undefined when the run does not play it. */
  readonly lambdaOf: (name: string) => { call(event: unknown): Promise<InvocationResult> } | undefined;
  /** Puts what was given up into a queue. */
  readonly bury: (queueArn: string, letter: object) => Promise<void>;
  /** Has the listener told of each item that comes into being. */
  readonly watch: (listener: (item: NewItem) => void) => void;
};

/** Starts a loop for every stream that Lambda reads for a function of the run. */
export function startStreams(
  specs: readonly StreamSourceSpec[],
  { lambdaOf, bury, watch, ...shared }: StreamsOptions,
): TableStream[] {
  return specs.flatMap((spec) => {
    const lambda = lambdaOf(spec.functionName);
    if (lambda === undefined) return [];
    const stream = startTableStream({
      ...shared,
      spec,
      invoke: (event) => lambda.call(event),
      bury: (letter) => bury(spec.onFailure ?? "", letter),
    });
    watch((item) => stream.take(item));
    return [stream];
  });
}

/** A change as Lambda hands it over, with the view of a stream that has keys only. */
function recordOf(keys: NewItem["keys"], SequenceNumber: string, eventSourceARN: string, awsRegion: string) {
  return {
    eventID: SequenceNumber,
    eventName: "INSERT",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
      Keys: keys,
      SequenceNumber,
      SizeBytes: JSON.stringify(keys).length,
      StreamViewType: "KEYS_ONLY",
    },
    eventSourceARN,
  };
}

/** How many changes from the first on are done: up to the first that failed, none when the answer cannot be read. */
function doneOf(result: InvocationResult, batch: readonly Change[]): number {
  if (!result.ok) return 0;
  const answer = result.value as { readonly batchItemFailures?: unknown } | null | undefined;
  const named = answer?.batchItemFailures ?? [];
  if (!Array.isArray(named)) return 0;
  const places = named.map((one: unknown) => {
    const id = (one as { readonly itemIdentifier?: unknown } | null)?.itemIdentifier;
    return batch.findIndex(({ sequence }) => sequence === id);
  });
  // As Lambda does: an id that is not in the batch fails the whole batch.
  return places.includes(-1) ? 0 : Math.min(batch.length, ...places);
}

/** What Lambda sends to the on-failure destination of a stream: where the changes stand, not what they are. */
function letterOf({ sequence, failures }: Change, { spec }: TableStreamOptions): object {
  return {
    requestContext: {
      functionArn: spec.functionName,
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: failures,
    },
    version: "1.0",
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      shardId: "shardId-local",
      startSequenceNumber: sequence,
      endSequenceNumber: sequence,
      batchSize: 1,
      streamArn: spec.streamArn,
    },
  };
}
