/**
 * One log file through the pipeline: each record that a deployed pattern would have let through, a few side by side, until
 * the end of the file or of the time. What was begun is always finished. Where it has to go on, nothing before is lost: that
 * is the first record that failed or was not begun. Those behind it that are done already are done once more, which tells
 * nobody twice (alert ids).
 */
import { isCanaryCall } from "../canary.ts";
import { PipelineError, processRecord } from "../pipeline.ts";
import { describe } from "./intake-report.ts";
import type { ObjectRef } from "./notifications.ts";
import type { IntakeBucket, IntakeInvocation, IntakePorts } from "./ports.ts";
import { BadObjectError, type LogRecord, NoRecordsError, type Position, readLog } from "./read-log.ts";

/** How far it came. */
export type ObjectEnding =
  | { readonly state: "done" }
  /** It holds no records; the reason says what it is. */
  | { readonly state: "skipped"; readonly reason: string }
  /** Time was up. */
  | { readonly state: "unfinished"; readonly at: Position }
  /** Records failed: of rules, of the table; a later try may work. */
  | { readonly state: "failed"; readonly at: Position; readonly reason: string }
  /** It is no whole log file; all that could be read was. */
  | { readonly state: "bad"; readonly reason: string };

/** Records whose alerts are on their way at once. */
const AT_ONCE = 8;
/** After so many failures it is the world that fails and not a record: the rest is left for later. */
const MOST_FAILURES = 16;
/** Milliseconds before the end of the invocation from which on no record is begun: the last ones need their time. */
const STOP_BEFORE_MS = 20_000;
/** The time that one record has at most, in milliseconds, so that what it holds in the table is not held for long. */
const RECORD_ANSWERS_MS = 40_000;
const RECORD_WRITES_MS = 46_000;
/** Lines about records of one object that cannot be read. */
const MOST_LINES = 5;

/** Reads an object from `from` on. @throws what opening it or its bytes throw */
export async function processObject(
  object: ObjectRef,
  bucket: IntakeBucket,
  from: Position | undefined,
  ports: IntakePorts,
  invocation: IntakeInvocation,
): Promise<ObjectEnding> {
  const { pipeline, report } = ports;
  const { clock } = pipeline;
  const stopAt = invocation.writtenBy - STOP_BEFORE_MS;
  const underWay = new Set<Promise<void>>();
  const failures: { readonly at: Position; readonly error: unknown }[] = [];
  let stopped: Position | undefined;
  let lines = 0;

  const begin = ({ record, at }: LogRecord): void => {
    const now = clock.now();
    const times = {
      answersBy: Math.min(invocation.answersBy, now + RECORD_ANSWERS_MS),
      writtenBy: Math.min(invocation.writtenBy, now + RECORD_WRITES_MS),
    };
    const work = processRecord(record, pipeline, times)
      .catch((error: unknown) => void failures.push({ at, error }))
      .finally(() => underWay.delete(work));
    underWay.add(work);
  };
  const take = async (records: readonly LogRecord[]): Promise<void> => {
    for (const one of records) {
      if (clock.now() >= stopAt || failures.length >= MOST_FAILURES) {
        stopped = one.at;
        return;
      }
      if (!isWanted(one, ports) || (await isCanary(one, ports, invocation))) continue;
      if (underWay.size >= AT_ONCE) await Promise.race(underWay);
      begin(one);
    }
  };

  let bad: Extract<ObjectEnding, { state: "bad" | "skipped" }> | undefined;
  try {
    const packed = await ports.open(object, bucket, invocation.answersBy);
    const { passOver } = ports;
    const options = {
      ...(passOver === undefined ? {} : { passOver }),
      ...(from === undefined ? {} : { from }),
    };
    for await (const { records, unreadable, passed } of readLog(packed, options)) {
      report.count("TrailRecords", records.length + unreadable.length + passed);
      for (const { reason, offset } of unreadable)
        report.unreadable(object, reason, offset, ++lines <= MOST_LINES);
      await take(records);
      if (stopped !== undefined) break;
    }
  } catch (error) {
    if (error instanceof NoRecordsError) bad = { state: "skipped", reason: error.message };
    else if (error instanceof BadObjectError) bad = { state: "bad", reason: error.message };
    else throw error;
  } finally {
    await Promise.all(underWay);
  }
  const first = failures.toSorted((a, b) => a.at.offset - b.at.offset)[0];
  if (first !== undefined)
    return { state: "failed", at: first.at, reason: reasonOf(failures.length, first.error) };
  if (stopped !== undefined) return { state: "unfinished", at: stopped };
  return bad ?? { state: "done" };
}

/** Candidates are found in a microsecond, and most records have none; only the few others are asked about delivery. */
function isWanted(
  { record, envelope }: LogRecord,
  { pipeline: { engine }, delivering }: IntakePorts,
): boolean {
  if (isCanaryCall(record)) return true;
  if (engine.candidates !== undefined && engine.candidates(record).length === 0) return false;
  return delivering(envelope).length > 0;
}

/** What makes the canary's call and is not the canary, is wanted as everything else is. */
async function isCanary(
  { record, envelope }: LogRecord,
  { isCanary: isOurs, delivering }: IntakePorts,
  { answersBy }: IntakeInvocation,
): Promise<boolean> {
  if (!isCanaryCall(record)) return false;
  return (await isOurs(record, answersBy)) || delivering(envelope).length === 0;
}

function reasonOf(many: number, first: unknown): string {
  const said = first instanceof PipelineError ? first.message : describe(first);
  return many === 1 ? `a record failed: ${said}` : `${many} records failed, the first one: ${said}`;
}
