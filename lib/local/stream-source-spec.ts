/** What the template says of a table's stream that Lambda reads for a function. */
import { TemplateError } from "./template.ts";

/** A stream as an event source. */
export type StreamSourceSpec = {
  readonly streamArn: string;
  /** The table whose stream it is. */
  readonly table: string;
  /** The function, as the template refers to it. */
  readonly functionName: string;
  readonly batchSize: number;
  /** Patterns of which a change must match one; all pass where there is none. */
  readonly filters: readonly unknown[];
  /** How often a change that fails is tried again. */
  readonly retries: number;
  /** ARN of the queue that is told of what was given up. */
  readonly onFailure: string | undefined;
};

/** `arn:aws:dynamodb:us-east-1:123456789012:table/State/stream/2026-01-01T00:00:00.000` */
const STREAM_ARN = /:table\/([^/]+)\/stream\//;

/** Whether an event source's ARN is that of a stream. */
export function isStreamArn(arn: string): boolean {
  return STREAM_ARN.test(arn);
}

/** Reads the resolved properties of a mapping. Throws TemplateError for what the local run does not play. */
export function readStreamSource(
  id: string,
  properties: Readonly<Record<string, unknown>>,
): StreamSourceSpec {
  const streamArn = String(properties["EventSourceArn"]);
  const place = `Resources.${id}`;
  if (!includes(properties["FunctionResponseTypes"], "ReportBatchItemFailures"))
    throw new TemplateError(`${place}: the local run needs FunctionResponseTypes ReportBatchItemFailures`);
  if (Number(properties["ParallelizationFactor"] ?? 1) !== 1)
    throw new TemplateError(`${place}: the local run plays a ParallelizationFactor of 1 only`);
  const onFailure = at(at(properties["DestinationConfig"], "OnFailure"), "Destination");
  const filters = at(properties["FilterCriteria"], "Filters");
  return {
    streamArn,
    table: STREAM_ARN.exec(streamArn)?.[1] ?? "",
    functionName: String(properties["FunctionName"]),
    batchSize: Number(properties["BatchSize"] ?? 100),
    filters: (Array.isArray(filters) ? filters : []).map((filter: unknown) => patternIn(filter, place)),
    // Lambda's own number: for as long as the stream keeps the change.
    retries:
      Number(properties["MaximumRetryAttempts"] ?? -1) < 0
        ? Infinity
        : Number(properties["MaximumRetryAttempts"]),
    onFailure: typeof onFailure === "string" ? onFailure : undefined,
  };
}

function patternIn(filter: unknown, place: string): unknown {
  try {
    return JSON.parse(String(at(filter, "Pattern"))) as unknown;
  } catch (cause) {
    throw new TemplateError(`${place}: a filter's pattern is no JSON`, { cause });
  }
}

function includes(list: unknown, value: string): boolean {
  return Array.isArray(list) && list.includes(value);
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
