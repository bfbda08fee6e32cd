/**
 * The steps from what EventBridge sends to what destinations took, in order:
 *
 *     input ─▶ record ─▶ matches ─▶ alerts ─▶ thresholds and windows ─▶ routes ─▶ recorded ─▶ delivered
 *                                          │                        ├▶ repeats: kept, told where a medium can change
 *                                          │                        └▶ records that only count: kept
 *                                          └▶ suppressed and staged ones: kept, one line each, and no further
 *
 * It fails towards alerting. A rule that throws is reported and stops no other; a destination that fails delays no
 * other, and its alert waits in the redelivery queue. Everything is tried first; then, if a rule failed or an alert could
 * not even be brought to safety, the invocation fails, so that Lambda tries again (and finds in the table what is done)
 * and the record ends in the on-failure queue, under its alarm. Input that cannot be read fails too and lands there
 * whole. A suppression or a window that fails does not: its alert goes out, and says so.
 */
import type { Alert } from "./alerts/alert-schema.ts";
import { makeAlert } from "./alerts/alert.ts";
import { showText } from "./alerts/show-text.ts";
import { type Admission, UntoldError } from "./dedup/ports.ts";
import { tellOnce } from "./delivery/attempt.ts";
import { deliverAlerts, type Routed } from "./delivery/deliver-alerts.ts";
import { type Keeping, startKeeping } from "./delivery/keep-alerts.ts";
import { knownSince, withKnown } from "./delivery/known-since.ts";
import type { DeliveryPorts, Invocation } from "./delivery/ports.ts";
import type { Engine, Match } from "./engine/engine.ts";
import type { ListsPort } from "./engine/list-values.ts";
import type { Rule } from "./engine/rule.ts";
import { readEnvelope } from "./record/envelope.ts";
import type { CloudTrailRecord, Reading } from "./record/record.ts";
import { textAt } from "./record/untrusted.ts";
import { routeOf, type Routing } from "./routing.ts";
import type { AlertItem } from "./state/alert-item.ts";

/** Thresholds and windows: whether a match is an alert of its own. Times are in milliseconds since 1970. */
export type Dedup = {
  /** The same record and rule are given the same answer however often they come, as long as nothing was recorded for them. */
  admit(alert: Alert, rule: Rule, record: CloudTrailRecord, deadline: number): Promise<Admission>;
  /** The alert that stands for all of a window that a timer closes; undefined when there is nothing to add. */
  close(payload: unknown, deadline: number): Promise<Alert | undefined>;
};

/** What the pipeline works with, made once and used for every record. */
export type Ports = DeliveryPorts & {
  readonly engine: Pick<Engine, "evaluate"> & Partial<Pick<Engine, "candidates">>;
  /** The values of dynamic lists, where there are such lists. */
  readonly lists?: ListsPort;
  readonly dedup: Dedup;
  readonly routing: Routing;
  /** Whether a record is the canary's, which has done its work by arriving. */
  readonly isCanary: (record: CloudTrailRecord, deadline: number) => boolean | Promise<boolean>;
  /**
   * Where records also come a second way, later: the alert as it goes on, marked when nobody knew of it, or undefined when
   * there is nothing to do for it any more.
   */
  readonly reconcile?: (alert: Alert, deadline: number) => Promise<Alert | undefined>;
};

/** Input that is no CloudTrail record; its message says why. */
export class UnreadableRecordError extends Error {
  override readonly name = "UnreadableRecordError";
}

/** Rules that failed and alerts that are not in safe hands; `errors` holds the reason of each. */
export class PipelineError extends AggregateError {
  override readonly name = "PipelineError";
}

/**
 * Takes one input through all steps.
 * @throws UnreadableRecordError when it is no record; PipelineError, after everything was tried, when something failed.
 */
export async function processInput(input: unknown, ports: Ports, invocation: Invocation): Promise<void> {
  await processRecord(readRecord(input, ports), ports, invocation);
}

/**
 * Takes one record through the steps behind reading it.
 * @throws PipelineError, after everything was tried, when something failed.
 */
export async function processRecord(
  record: CloudTrailRecord,
  ports: Ports,
  invocation: Invocation,
): Promise<void> {
  if (await ports.isCanary(record, invocation.answersBy)) {
    ports.report.recordRead(false);
    return;
  }
  const { matches, problems, jqErrors } = await ports.engine.evaluate(record, ports.clock.now(), ports.lists);
  ports.report.recordRead(matches.length > 0);
  const failures: unknown[] = [];
  const fail = (error: unknown): void => void failures.push(error);
  for (const { ruleId, suppressionId, message } of problems) {
    if (suppressionId === undefined) {
      ports.report.ruleFailed(ruleId, message, record.eventID);
      failures.push(new Error(`the rule ${ruleId} failed: ${message}`));
    } else ports.report.suppressionFailed(suppressionId, ruleId, message, record.eventID);
  }
  for (const { ruleId, message } of jqErrors ?? []) ports.report.jqFailed(ruleId, message, record.eventID);
  const keeping = startKeeping(ports, invocation);
  // Beside the deliveries: a new alert of the same record does not wait for what is told of a repeat.
  const telling: Promise<void>[] = [];
  const aside = {
    keeping,
    fail,
    tell: (alert: Alert) => void telling.push(tellRepeat(alert, ports, invocation)),
  };
  const routed = await Promise.all(
    matches.map(async (match) => {
      try {
        return await admitMatch(match, record, ports, invocation, aside);
      } catch (error) {
        fail(error);
        return undefined;
      }
    }),
  );
  const outgoing = routed.filter((one) => one !== undefined);
  const [untold, unkept] = await Promise.all([
    deliverAlerts(outgoing, ports, invocation),
    keeping.failures(),
    ...telling,
  ]);
  throwIfAny([...failures, ...untold, ...unkept]);
}

/**
 * A window's time is over: whoever was told of its first alert is told of all of it.
 * @throws PipelineError when that could not be brought to safety.
 */
export async function closeWindow(payload: unknown, ports: Ports, invocation: Invocation): Promise<void> {
  const alert = await ports.dedup.close(payload, invocation.answersBy);
  if (alert === undefined) return;
  const first = await ports.store.read(alert.id, "first", invocation.answersBy);
  const told = Object.entries(first?.deliveries ?? {});
  const receipts = Object.fromEntries(
    told.flatMap(([id, { receipt }]) => (receipt === undefined ? [] : [[id, receipt]])),
  );
  const destinations = told.map(([id]) => id);
  throwIfAny(await deliverAlerts([{ alert, part: "summary", destinations, receipts }], ports, invocation));
}

function readRecord(input: unknown, { report }: Ports): CloudTrailRecord {
  const reading = readFromAws(input);
  if (reading.ok) return reading.record;
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

/** The alert of a match and where it goes; undefined when nobody needs to be told of it now. */
async function admitMatch(
  match: Match,
  record: CloudTrailRecord,
  ports: Ports,
  invocation: Invocation,
  {
    keeping,
    fail,
    tell,
  }: {
    readonly keeping: Keeping;
    readonly fail: (error: unknown) => void;
    readonly tell: (repeated: Alert) => void;
  },
): Promise<Routed | undefined> {
  const { rule } = match;
  const made = makeAlertOf(match, record, ports);
  const alert = ports.reconcile === undefined ? made : await ports.reconcile(made, invocation.answersBy);
  if (alert === undefined) return undefined;
  if (alert.disposition !== "delivered") {
    keeping.keep(alert, {});
    return undefined;
  }
  const admission = await admit(alert, rule, record, ports, invocation);
  if (admission.kind === "counting") keeping.keep(alert, { counted: true });
  if (admission.kind === "first") {
    const { kind: _, ...told } = admission;
    // It stands under the id of a burst's first record, and is one of its records itself.
    if (told.alert.id !== alert.id) keeping.keep(alert, { counted: true });
    return { ...told, part: "first", destinations: routeAlert(told.alert, rule, ports) };
  }
  if (admission.kind === "repeat") {
    if (admission.untimed !== undefined) fail(admission.untimed);
    const known = await ports.store.read(alert.id, "first", invocation.answersBy);
    if (known !== undefined && isOpen(known))
      return { alert: known.alert, part: "first", destinations: Object.keys(known.deliveries) };
    // Who was told of it on its own, at an earlier try, has it already.
    if (known === undefined)
      keeping.keep({ ...alert, disposition: "deduplicated" }, { of: admission.of }, admission.count);
    if (admission.notify !== undefined) tell(admission.notify);
  }
  return undefined;
}

/**
 * Whether the alert of a repeat, which was let through at an earlier try, when its window could not be asked, has not been
 * brought to its end: what was begun is finished, whatever the window says now.
 */
function isOpen({ deliveries }: AlertItem): boolean {
  return Object.values(deliveries).some(({ state }) => state === "pending");
}

function makeAlertOf(match: Match, record: CloudTrailRecord, { report }: Ports): Alert {
  try {
    return makeAlert(match, record);
  } catch (error) {
    const { id } = match.rule;
    report.ruleFailed(id, `no alert could be made: ${describe(error)}`, record.eventID);
    throw new Error(`no alert could be made for the rule ${id}: ${describe(error)}`, { cause: error });
  }
}

/**
 * A window that cannot be asked lets the alert through; a threshold cannot: one record alone is nothing, so Lambda asks
 * again. So it does about what may become a repeat of an alert that is on its way, or was lost on it.
 */
async function admit(
  alert: Alert,
  rule: Rule,
  record: CloudTrailRecord,
  { dedup, report }: Ports,
  { answersBy }: Invocation,
): Promise<Admission> {
  try {
    return await dedup.admit(alert, rule, record, answersBy);
  } catch (error) {
    if (error instanceof UntoldError) throw error;
    report.dedupFailed(alert, "asking whether it is a repeat", error);
    if (rule.threshold !== undefined) throw error;
    const note = `Whether this is a repeat could not be found out: ${describe(error)}`;
    return { kind: "first", alert: { ...alert, notes: [...(alert.notes ?? []), note] } };
  }
}

function routeAlert(alert: Alert, rule: Rule, { routing, destinations, report }: Ports): readonly string[] {
  const route = routeOf(alert, rule.destinations, routing);
  if (route.length > 0) return route;
  report.routedNowhere(alert);
  return [...destinations.keys()];
}

/** Best effort: the close of the window tells the true count, and does so for sure. Never rejects. */
async function tellRepeat(alert: Alert, ports: Ports, { answersBy }: Invocation): Promise<void> {
  const { store, destinations, report } = ports;
  const [first, known] = await Promise.all([
    store.read(alert.id, "first", answersBy).catch(() => undefined),
    knownSince(alert.id, ports, answersBy),
  ]);
  await Promise.all(
    Object.entries(first?.deliveries ?? {}).map(async ([id, { state, receipt }]) => {
      if (state !== "delivered" || destinations.get(id)?.updates !== true) return;
      const notice = { alert, kind: "repeat", ...(receipt === undefined ? {} : { receipt }) } as const;
      const error = await tellOnce(withKnown(notice, known), id, ports, answersBy);
      if (error !== undefined) report.repeatFailed(alert, id, error);
    }),
  );
}

function throwIfAny(failures: readonly unknown[]): void {
  if (failures.length === 0) return;
  const reasons = failures.slice(0, 5).map((failure) => describe(failure));
  const more = failures.length > 5 ? `; and ${failures.length - 5} more` : "";
  throw new PipelineError(failures, `${failures.length} failed: ${reasons.join("; ")}${more}`);
}

function describe(error: unknown): string {
  return error instanceof Error ? showText(error.message, 600) : "something that is no error was thrown";
}
