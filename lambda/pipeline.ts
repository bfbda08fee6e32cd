/**
 * The steps from what EventBridge sends to what destinations took, in order:
 *
 *     input ─▶ record ─▶ matches ─▶ alerts ─▶ every alert to every destination
 *                                          └▶ suppressed and staged ones: counted, one line each, and no further
 *
 * It fails towards alerting. A rule that throws is reported and stops no other; a destination that fails delays no
 * other. Everything is tried first; then, if a rule or a delivery failed, the invocation fails, so that Lambda tries
 * again and the record ends in the on-failure queue, under its alarm, instead of being lost with an alert that nobody
 * got. Input that cannot be read fails too and lands there whole. A suppression that fails does not: its alert goes
 * out, with a note that says so, and trying again would only send it twice.
 */
import type { Alert } from "./alerts/alert-schema.ts";
import { makeAlert } from "./alerts/alert.ts";
import { showText } from "./alerts/show-text.ts";
import { deliverAll } from "./deliveries.ts";
import type { Destination } from "./destinations/destination.ts";
import type { Engine } from "./engine/engine.ts";
import type { Rule } from "./engine/rule.ts";
import { readEnvelope } from "./record/envelope.ts";
import type { CloudTrailRecord, Reading } from "./record/record.ts";
import { textAt } from "./record/untrusted.ts";
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

/** Rules that failed and alerts that did not reach every destination; `errors` holds the reason of each. */
export class PipelineError extends AggregateError {
  override readonly name = "PipelineError";
}

/**
 * Takes one input through all steps, within `budget` milliseconds for the deliveries.
 * @throws UnreadableRecordError when it is no record; PipelineError, after everything was tried, when something failed.
 */
export async function processInput(
  input: unknown,
  { engine, destinations, report }: Ports,
  budget: number,
): Promise<void> {
  const deadline = Date.now() + budget;
  const counts: Counts = {
    RecordsEvaluated: 0,
    RecordsUnreadable: 0,
    Alerts: 0,
    AlertsSuppressed: 0,
    AlertsStaged: 0,
    Deliveries: 0,
    DeliveriesFailed: 0,
    RulesFailed: 0,
    SuppressionsFailed: 0,
  };
  try {
    const record = readRecord(input, report, counts);
    const { alerts, failures } = await findAlerts(record, engine, report, counts);
    await deliverAll(alerts, destinations, deadline, (outcome) => {
      const { alert, destination } = outcome;
      if (outcome.ok) {
        counts.Deliveries++;
        report.delivered(alert, destination);
      } else {
        counts.DeliveriesFailed++;
        failures.push(outcome.error);
        report.deliveryFailed(alert, destination, outcome.error);
      }
    });
    throwIfAny(failures);
  } finally {
    report.counted(counts);
  }
}

function readRecord(input: unknown, report: Report, counts: Counts): CloudTrailRecord {
  const reading = readFromAws(input);
  if (reading.ok) return reading.record;
  counts.RecordsUnreadable++;
  report.recordUnreadable(reading.reason);
  throw new UnreadableRecordError(`The input is no CloudTrail record: ${reading.reason}.`);
}

/**
 * Takes only what EventBridge delivers for CloudTrail: nobody but AWS can send events whose source begins with `aws.`.
 * The event patterns ask for that too; this is for whoever may invoke the function past them.
 */
function readFromAws(input: unknown): Reading {
  const reading = readEnvelope(input);
  if (!reading.ok) return reading;
  if (textAt(input, "detail-type") === undefined) {
    return { ok: false, reason: "a record without the EventBridge event that brings it" };
  }
  const source = textAt(input, "source") ?? "";
  if (source.startsWith("aws.")) return reading;
  const shown = JSON.stringify(showText(source, 100));
  return { ok: false, reason: `the event's source must begin with "aws.", as CloudTrail's do, got ${shown}` };
}

/** The alerts of a record that go out, and an error for each rule that did not come to a result: its alert may be missing. */
async function findAlerts(
  record: CloudTrailRecord,
  engine: Ports["engine"],
  report: Report,
  counts: Counts,
): Promise<{ alerts: Alert[]; failures: unknown[] }> {
  const { matches, problems } = await engine.evaluate(record, Date.now());
  counts.RecordsEvaluated++;
  const alerts: Alert[] = [];
  const failures: unknown[] = [];
  for (const { ruleId, suppressionId, message } of problems) {
    if (suppressionId === undefined) {
      counts.RulesFailed++;
      report.ruleFailed(ruleId, message, record.eventID);
      failures.push(new Error(`the rule ${ruleId} failed: ${message}`));
    } else {
      counts.SuppressionsFailed++;
      report.suppressionFailed(suppressionId, ruleId, message, record.eventID);
    }
  }
  for (const match of matches) {
    const { rule } = match;
    try {
      const alert = makeAlert(match, record);
      if (alert.disposition === "delivered") alerts.push(alert);
      else {
        counts[alert.disposition === "staged" ? "AlertsStaged" : "AlertsSuppressed"]++;
        report.kept(alert);
      }
    } catch (error) {
      failures.push(alertFailure(rule, error));
      counts.RulesFailed++;
      report.ruleFailed(rule.id, `no alert could be made: ${describe(error)}`, record.eventID);
    }
  }
  counts.Alerts = alerts.length;
  return { alerts, failures };
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
  return error instanceof Error ? showText(error.message, 600) : "something that is no error was thrown";
}
