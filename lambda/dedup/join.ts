/**
 * A record joins a window that another opened. First it is there (its member), then it counts: whoever dies in between
 * leaves a record that the close counts all the same. A window whose alert was never recorded, because its maker died,
 * is taken over: repeats of what nobody was told of are no repeats. As long as its maker may be alive, such a record is
 * neither: after a moment it is sent back to be tried again.
 *
 *     A opens at 16:00:00 and dies; B at 16:00:01   → untold, tried again at 16:01 and 16:03
 *     B at 16:03:01, A not recorded, its lease over → B stands for the window and goes out
 */
import type { Alert } from "../alerts/alert-schema.ts";
import type { Counting } from "./counting.ts";
import { type Member, moveMember, putMember } from "./members.ts";
import type { Admission } from "./ports.ts";
import { scheduleClose } from "./schedule-close.ts";
import { countInto, takeOver, type Window } from "./windows.ts";

/** How long a record waits for the alert that it would be a repeat of, between looks, in milliseconds. */
const PAUSES_MS = [100, 200, 300];

/** How it went; `maker`: the record stands for the window now; `closed`: too late for this one; `again`: look again; `untold`: its alert may still come. */
type Repeat = Extract<Admission, { readonly kind: "repeat" }>;
export type Joining =
  | { readonly kind: "repeat"; readonly admission: Repeat }
  | { readonly kind: "maker"; readonly window: Window }
  | { readonly kind: "closed" | "again" | "untold" };

/** Joins; `member` is what the table has of the record already. */
export async function joinWindow(
  counting: Counting,
  window: Window,
  member: Member | undefined,
): Promise<Joining> {
  const { pk, ports, deadline, lease, alert, policy } = counting;
  const { table, clock } = ports;
  const fresh = member?.window !== window.id;
  const isOpen = window.closed === undefined;
  const isRecorded = isOpen && window.told === undefined && (await waitForAlert(counting, window));
  const isUntold = isOpen && window.told === undefined && !isRecorded;
  // Before it is a member: it may yet be sent back for good, and is counted once when it comes again.
  if (isUntold && window.lease >= clock.now()) return { kind: "untold" };
  if (fresh && !(await enterWindow(counting, window, member))) return { kind: "again" };
  if (!isOpen) return { kind: "repeat", admission: await repeat(counting, window) };
  if (isUntold) {
    const alertId = policy.threshold === undefined ? alert.id : window.alertId;
    const next = { alertId, maker: alert.id, lease };
    if (!(await takeOver(table, pk, window, next, deadline))) return { kind: "again" };
    return { kind: "maker", window: { ...window, ...next } };
  }
  const timer = window.timed === undefined ? await scheduleClose(counting, window) : undefined;
  const untimed = timer?.error;
  const flags = {
    ...(isRecorded ? { told: true as const } : {}),
    ...(timer !== undefined && untimed === undefined ? { timed: true as const } : {}),
  };
  const late = untimed === undefined ? {} : { untimed };
  if (!fresh && Object.keys(flags).length === 0)
    return { kind: "repeat", admission: { ...(await repeat(counting, window)), ...late } };
  const counted = await countInto(table, pk, window.id, fresh ? 1 : 0, flags, deadline);
  if (counted === undefined && fresh) return { kind: "closed" };
  return { kind: "repeat", admission: { ...(await repeat(counting, counted ?? window, fresh)), ...late } };
}

/** Whether the alert of a window is recorded, now or in a moment: most are that were not when a second record came. */
async function waitForAlert({ ports, deadline }: Counting, { alertId, lease }: Window): Promise<boolean> {
  const { clock, readAlert } = ports;
  for (const pause of PAUSES_MS) {
    if ((await readAlert(alertId, deadline)) !== undefined) return true;
    if (lease < clock.now()) return false;
    await clock.sleep(pause);
  }
  return (await readAlert(alertId, deadline)) !== undefined;
}

/** Puts the record's member into a window; false when it is elsewhere by now. */
export function enterWindow(
  { pk, ports, member, memberExpiresAt: expiresAt, deadline }: Counting,
  { id: to, alertId: of }: Window,
  known: Member | undefined,
): Promise<boolean> {
  if (known === undefined)
    return putMember(ports.table, pk, { ...member, window: to, of }, { expiresAt, deadline });
  const move = { from: known.window, to, of, at: ports.clock.now() };
  return moveMember(ports.table, pk, member, move, deadline);
}

async function repeat(counting: Counting, window: Window, fresh = false): Promise<Repeat> {
  const { alert, ports, deadline } = counting;
  const { alertId: of, count } = window;
  const admission = { kind: "repeat", alert: { ...alert, disposition: "deduplicated" }, of, count } as const;
  if (!fresh || !isMilestone(count)) return admission;
  const first = await ports.readAlert(of, deadline).catch((error: unknown) => {
    ports.failed("the new count of an alert could not be shown", alert, error);
  });
  return first === undefined ? admission : { ...admission, notify: grown(first, count, alert) };
}

function grown(first: Alert, count: number, { endTime }: Alert): Alert {
  return { ...first, count, endTime: endTime > first.endTime ? endTime : first.endTime };
}

/** 2, 5, 10, 20, 50, 100 …: often enough to see it grow, and a flood is told of a dozen times. */
function isMilestone(count: number): boolean {
  const power = 10 ** Math.floor(Math.log10(count));
  return count > 1 && [1, 2, 5].includes(count / power);
}
