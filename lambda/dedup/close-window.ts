/**
 * The end of a window: it takes no more records, and those it has become one summary. The live count may have missed
 * one; the summary counts the members, so it is exact. Early, late and twice are harmless: an early timer is made
 * again, and a second close makes the same summary, which the alert store knows.
 *
 *     await closeWindow({ engine: "close-window", partition: "WINDOW#3f…", window: "1-5f…", … }, ports, deadline)
 *     // the alert with its count, or undefined when nothing came after it
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { insist } from "../delivery/insist.ts";
import { textAt, valueAt } from "../record/untrusted.ts";
import { summarise } from "./aggregate.ts";
import { makeMember, membersOf, readMembers } from "./members.ts";
import { CLOSE_AFTER_MS } from "./policy.ts";
import type { ClosePayload, DedupPorts } from "./ports.ts";
import { timerName } from "./schedule-close.ts";
import { markClosed } from "./windows.ts";

/** Schedules come to the minute; what is earlier than this is no timer of ours gone wrong by a little. */
const EARLY_MS = 60_000;

/** A window that cannot be summarised. */
class CloseWindowError extends Error {
  override readonly name = "CloseWindowError";
}

/**
 * Closes a window.
 * @returns the alert of all of it, to be delivered as part "summary"; undefined when its first alert said it all.
 * @throws CloseWindowError when the payload names no window, or its alert was never recorded; the table's own errors.
 */
export async function closeWindow(
  event: unknown,
  ports: DedupPorts,
  deadline: number,
): Promise<Alert | undefined> {
  const payload = readPayload(event);
  return insist(() => close(payload, ports, deadline), deadline, ports.clock);
}

async function close(payload: ClosePayload, ports: DedupPorts, deadline: number): Promise<Alert | undefined> {
  const { table, clock } = ports;
  const { partition, window: id } = payload;
  const now = clock.now();
  const due = payload.closes + CLOSE_AFTER_MS;
  if (now < due - EARLY_MS) {
    await ports.schedule(`${timerName(payload)}-again`, due, payload, deadline);
    return undefined;
  }
  // A window that the table has forgotten still has its members.
  const known = await markClosed(table, partition, id, now, deadline);
  const window = known ?? { ...payload, id };
  const alert = await ports.readAlert(window.alertId, deadline);
  if (alert === undefined) {
    throw new CloseWindowError(
      `alert ${window.alertId}, which stands for window ${id} of ${partition}, was never recorded: its record is in the records' dead-letter queue, or is still being tried`,
    );
  }
  const found = await readMembers(table, partition, window.reach, window.closes, deadline);
  const members = new Map(membersOf(found, window).map((member) => [member.id, member]));
  if (!members.has(alert.id)) members.set(alert.id, makeMember(alert, now));
  if (members.size <= alert.count) return undefined;
  return summarise(alert, [...members.values()]);
}

function readPayload(event: unknown): ClosePayload {
  const [partition, window, alertId] = ["partition", "window", "alertId"].map((key) => textAt(event, key));
  const [reach, opened, closes] = ["reach", "opened", "closes"].map((key) => valueAt(event, key));
  if (
    textAt(event, "engine") !== "close-window" ||
    partition === undefined ||
    window === undefined ||
    alertId === undefined ||
    typeof reach !== "number" ||
    typeof opened !== "number" ||
    typeof closes !== "number"
  ) {
    throw new CloseWindowError("the event of a timer names no window");
  }
  return { engine: "close-window", partition, window, alertId, reach, opened, closes };
}
