/**
 * Whether an alert goes out, is a repeat, or waits for a threshold. One record opens a window and is told of at once;
 * those like it within the window raise its count. A rule with a threshold opens the window when the threshold is
 * reached, so that a burst is one alert too.
 *
 *     await admit(alert, rule, record, ports, deadline)
 *     // { kind: "first", alert }   { kind: "repeat", alert, of: "<alert id>", count: 5, notify }   { kind: "counting" }
 *
 * The same record always gets the same answer, however often and by however many invocations at once it is asked
 * about: every decision is one conditional write, and what was decided is found again.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { insist } from "../delivery/insist.ts";
import type { Rule } from "../engine/rule.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import { makeBurstAlert } from "./aggregate.ts";
import { findBurst } from "./count-burst.ts";
import { type Counting, makeCounting } from "./counting.ts";
import { enterWindow, joinWindow } from "./join.ts";
import { type Member, membersOf, readMember, readMembers } from "./members.ts";
import { NEAR_CLOSE_MS, policyOf } from "./policy.ts";
import { type Admission, type DedupPorts, UntoldError } from "./ports.ts";
import { findWindow, openWindow, readWindows, takeOver, type Window } from "./windows.ts";

/** How long the table may hold up an alert, in milliseconds. */
const PATIENCE_MS = 5_000;
/** From the caller's deadline to when its alert is recorded or never will be, in milliseconds. */
const RECORDING_MS = 15_000;
/** Others may open windows of the same key meanwhile, each time we try; more often than so is no chance. */
const MAX_TRIES = 30;

/**
 * Decides.
 * @param deadline when the caller stops waiting, in milliseconds since 1970
 * @throws UntoldError when it is like one whose alert may still come; the table's error, when it did not answer in time
 */
export async function admit(
  alert: Alert,
  rule: Rule,
  record: CloudTrailRecord,
  ports: DedupPorts,
  deadline: number,
): Promise<Admission> {
  const policy = policyOf(rule);
  if (policy === undefined) return { kind: "first", alert };
  const times = {
    lease: deadline + RECORDING_MS,
    deadline: Math.min(deadline, ports.clock.now() + PATIENCE_MS),
  };
  const counting = makeCounting(alert, rule, record, policy, ports, times);
  const decided = await insist(() => decide(counting), times.deadline, ports.clock);
  if (decided !== undefined) return decided;
  throw new UntoldError(
    `alert ${alert.id} is like one that is not recorded yet: when it is tried again, that is told or this one is`,
  );
}

/** What becomes of it; undefined as long as that hangs on an alert that may still come. */
async function decide(counting: Counting): Promise<Admission | undefined> {
  const { alert, pk, policy, ports, deadline } = counting;
  const { table } = ports;
  let left: string | undefined;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const [windows, member] = await Promise.all([
      readWindows(table, pk, deadline),
      readMember(table, pk, counting.member, deadline),
    ]);
    const made = windows.windows.find(({ maker }) => maker === alert.id);
    if (made !== undefined) {
      if (made.told !== undefined || (await renew(counting, made))) return first(counting, made);
      continue;
    }
    const joined = windows.windows.find(({ id }) => id === member?.window);
    const decided = member?.window !== undefined && member.window !== left && !mayBeMissed(member, joined);
    if (decided && joined === undefined) return gone(alert, member);
    const window = decided ? joined : findWindow(windows, counting.member.time);
    if (window !== undefined) {
      const joining = await joinWindow(counting, window, member);
      if (joining.kind === "repeat") return joining.admission;
      if (joining.kind === "untold") return undefined;
      if (joining.kind === "maker") return first(counting, joining.window);
      if (joining.kind === "closed") left = window.id;
      continue;
    }
    const opener =
      policy.threshold === undefined
        ? counting.member
        : await findBurst(counting, windows, member, policy.threshold);
    if (opener === undefined) return { kind: "counting" };
    const opening = makeWindow(counting, windows.version, opener, windows.windows);
    if (await openWindow(table, pk, windows, opening, counting)) {
      // So that it is known when the window is forgotten and the record comes once more.
      await enterWindow(counting, opening, policy.threshold === undefined ? member : counting.member);
      return first(counting, opening);
    }
  }
  throw new Error(`${MAX_TRIES} times others were faster`);
}

/** Its maker comes again: nobody may take the window over while it makes the alert once more. */
function renew({ pk, ports, lease, deadline }: Counting, window: Window): Promise<boolean> {
  const { alertId, maker } = window;
  return takeOver(ports.table, pk, window, { alertId, maker, lease }, deadline);
}

/** The alert that stands for a window. */
async function first(counting: Counting, window: Window): Promise<Admission> {
  const { alert, policy, pk, ports, deadline } = counting;
  const { id, reach, opened, closes } = window;
  const ref = { partition: pk, id, reach, opened, closes };
  if (policy.threshold === undefined) return { kind: "first", alert, window: ref };
  const members = await readMembers(ports.table, pk, reach, closes, deadline);
  const { distinct } = policy.threshold;
  return {
    kind: "first",
    alert: makeBurstAlert(alert, window.alertId, membersOf(members, window), distinct),
    window: ref,
  };
}

function makeWindow(
  { alert, policy, lease }: Counting,
  version: number,
  opener: Member & { readonly count?: number },
  others: readonly Window[],
): Window {
  const opened = opener.time;
  const next = others.map((other) => other.opened).filter((time) => time > opened);
  return {
    id: `${version + 1}-${alert.id.slice(0, 8)}`,
    reach: opened - policy.slack,
    opened,
    closes: Math.min(opened + policy.width, ...next),
    alertId: opener.id,
    maker: alert.id,
    lease,
    count: opener.count ?? 1,
  };
}

/** A window that closed when the record had only just come may not have counted it. */
function mayBeMissed({ at }: Member, window: Window | undefined): boolean {
  return window?.closed !== undefined && at > window.closed - NEAR_CLOSE_MS;
}

/** What a record was in a window that is forgotten. */
function gone(alert: Alert, { of = alert.id }: Member): Admission {
  if (of === alert.id) return { kind: "first", alert };
  return { kind: "repeat", alert: { ...alert, disposition: "deduplicated" }, of, count: 2 };
}
