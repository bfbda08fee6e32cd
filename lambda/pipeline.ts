/**
 * The steps from what EventBridge sends to what destinations took, in order:
 *
 *     input ─▶ record ─▶ matches ─▶ alerts ─▶ every alert to every destination, at the same time
 *
 * It fails towards alerting. A rule that throws is reported and stops no other; a destination that fails delays no
 * other. Everything is tried first; then, if a delivery failed, the invocation fails, so that Lambda tries again and
 * what cannot be delivered ends in the on-failure queue. Input that cannot be read fails too and lands there whole.
 */
import type { Alert } from "./alerts/alert-schema.ts";
import { makeAlert } from "./alerts/alert.ts";
import type { Destination } from "./destinations/destination.ts";
import type { Engine } from "./engine/engine.ts";
import type { Rule } from "./engine/rule.ts";
import { readEnvelope } from "./record/envelope.ts";
import type { CloudTrailRecord } from "./record/record.ts";
import type { Counts, Report } from "./report.ts";

/** What the pipeline works with, made once and used for every record. */
export type Ports = {
  readonly engine: Pick<Engine, "evaluate">;
  readonly destinations: readonly Destination[];
  readonly report: Report;
};

/** Input that is no CloudTrail record; its message says why. */
export class UnreadableRecordError extends Error {
  override readonly name = "UnreadableRecordError";
}

/** Alerts that did not reach every destination; `errors` holds the reason of each. */
export class PipelineError extends AggregateError {
  override readonly name = "PipelineError";
}

/**
 * Takes one input through all steps.
 * @throws UnreadableRecordError when it is no record; PipelineError, after everything was tried, when something failed.
 */
export async function processInput(input: unknown, { engine, destinations, report }: Ports): Promise<void> {
  const counts: Counts = {
    RecordsEvaluated: 0,
    RecordsUnreadable: 0,
    Alerts: 0,
    Deliveries: 0,
    DeliveriesFailed: 0,
    RulesFailed: 0,
  };
  try {
    const record = readRecord(input, report, counts);
    const { alerts, failures } = await findAlerts(record, engine, report, counts);
    const undelivered = await deliverAll(alerts, destinations, report, counts);
    throwIfAny([...failures, ...undelivered]);
  } finally {
    report.counted(counts);
  }
}

function readRecord(input: unknown, report: Report, counts: Counts): CloudTrailRecord {
  const reading = readEnvelope(input);
  if (reading.ok) return reading.record;
  counts.RecordsUnreadable++;
  report.recordUnreadable(reading.reason);
  throw new UnreadableRecordError(`The input is no CloudTrail record: ${reading.reason}.`);
}

/** A rule that throws alerts nobody, so it is loud: an error line and a metric under an alarm, not a retry in vain. */
async function findAlerts(
  record: CloudTrailRecord,
  engine: Ports["engine"],
  report: Report,
  counts: Counts,
): Promise<{ alerts: Alert[]; failures: unknown[] }> {
  const { matches, problems } = await engine.evaluate(record);
  counts.RecordsEvaluated++;
  for (const { ruleId, message } of problems) {
    counts.RulesFailed++;
    report.ruleFailed(ruleId, message, record.eventID);
  }
  const alerts: Alert[] = [];
  const failures: unknown[] = [];
  for (const rule of matches) {
    try {
      alerts.push(makeAlert(rule, record));
    } catch (error) {
      // A match without an alert must not be lost: the record goes to the on-failure queue.
      failures.push(alertFailure(rule, error));
      counts.RulesFailed++;
      report.ruleFailed(rule.id, `no alert could be made: ${describe(error)}`, record.eventID);
    }
  }
  counts.Alerts = alerts.length;
  return { alerts, failures };
}

/** Tries every delivery at once and gives back the errors of those that failed. */
async function deliverAll(
  alerts: readonly Alert[],
  destinations: readonly Destination[],
  report: Report,
  counts: Counts,
): Promise<unknown[]> {
  const failures: unknown[] = [];
  const deliver = async (alert: Alert, destination: Destination): Promise<void> => {
    try {
      await destination.deliver(alert);
      counts.Deliveries++;
      report.delivered(alert, destination.id);
    } catch (error) {
      counts.DeliveriesFailed++;
      failures.push(error);
      report.deliveryFailed(alert, destination.id, error);
    }
  };
  await Promise.all(
    alerts.flatMap((alert) => destinations.map((destination) => deliver(alert, destination))),
  );
  return failures;
}

function throwIfAny(failures: readonly unknown[]): void {
  if (failures.length === 0) return;
  const reasons = failures.slice(0, 5).map((failure) => describe(failure));
  const more = failures.length > 5 ? `; and ${failures.length - 5} more` : "";
  throw new PipelineError(failures, `${failures.length} failed: ${reasons.join("; ")}${more}`);
}

function alertFailure(rule: Rule, cause: unknown): Error {
  return new Error(`no alert could be made for the rule ${rule.id}: ${describe(cause)}`, { cause });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : "something that is no error was thrown";
}
