/**
 * What came to be known of an alert since it was first told: the answers of its investigation, and what people did to its
 * case. Whatever changes a message that stands there already (a repeat, the close of a window) or comes late (a
 * redelivery) carries it, or it would take away what the message shows. It is worth a short look and no more: a table
 * that is slow or down never delays or stops a notice.
 *
 *     const notice = withKnown({ alert, kind: "summary" }, await knownSince(alert.id, ports, deadline))
 *     // { alert: { status: "closed", … }, kind: "summary", answers: […], change: { to: "closed", by: "alice", … }, at: "…" }
 */
import type { Answer, Case, HistoryEntry, Status } from "../cases/case-schema.ts";
import { weightiest } from "../cases/case-store.ts";
import type { Notice } from "../destinations/destination.ts";
import { isObject, textAt, valueAt } from "../record/untrusted.ts";
import type { DeliveryPorts } from "./ports.ts";

/** What is known by now; empty when nothing is, and when it could not be read. */
export type Known = {
  readonly status?: Status;
  readonly answers?: readonly Answer[];
  /** What somebody did last that changed the status. */
  readonly change?: HistoryEntry;
  /** When the latest of it came about, ISO 8601. */
  readonly at?: string;
};

/** How long a notice waits for it, in milliseconds. */
const LONGEST_LOOK_MS = 1_500;

/** Reads it; never rejects, and takes a second and a half at most. */
export async function knownSince(
  alertId: string,
  { cases, clock }: Pick<DeliveryPorts, "cases" | "clock">,
  deadline: number,
): Promise<Known> {
  if (cases === undefined) return {};
  const left = Math.min(deadline - clock.now(), LONGEST_LOOK_MS);
  if (left <= 0) return {};
  const by = clock.now() + left;
  const read = async (): Promise<Known> => {
    const [scope, found] = await Promise.allSettled([
      cases.readScope(alertId, "investigation", by),
      cases.read(alertId, by),
    ]);
    const investigation = scope.status === "fulfilled" ? scope.value : undefined;
    return knownOf(investigation, found.status === "fulfilled" ? found.value : undefined);
  };
  const found = new AbortController();
  try {
    const timeUp = clock.sleep(left, found.signal).then((): Known => ({}));
    // When the reading was faster, its sleep rejects, and nobody is left to hear it.
    timeUp.catch(() => undefined);
    return await Promise.race([read(), timeUp]);
  } catch {
    return {};
  } finally {
    found.abort();
  }
}

/** What a stored investigation, and a case, say. */
export function knownOf(investigation: unknown, found: Case | undefined): Known {
  const answers = answersIn(investigation);
  const change = found?.history.findLast(({ to }) => to !== undefined);
  const status = found?.row.status;
  const times = [
    answers.length === 0 ? undefined : textAt(investigation, "computedAt"),
    found?.row.changedAt ?? change?.at,
  ].filter((time) => time !== undefined);
  const at = times.toSorted().at(-1);
  return {
    ...(status === undefined ? {} : { status }),
    ...(answers.length === 0 ? {} : { answers }),
    ...(change === undefined ? {} : { change }),
    ...(at === undefined ? {} : { at }),
  };
}

/**
 * The notice with what is known added. A first notice keeps the status that its alert was made with: whoever was not told
 * yet is told, though somebody else may have closed the case meanwhile.
 */
export function withKnown(notice: Notice, { status, ...known }: Known): Notice {
  if (notice.kind === "first" || status === undefined) return { ...known, ...notice };
  return { ...known, ...notice, alert: { ...notice.alert, status } };
}

/** The weightiest answers in what is stored as the investigation, which is of unknown shape until looked at. */
function answersIn(investigation: unknown): Answer[] {
  if (textAt(investigation, "state") === "unavailable") return [];
  const answers = valueAt(investigation, "value", "answers");
  return Array.isArray(answers) ? weightiest(answers.filter((one) => isAnswer(one))) : [];
}

function isAnswer(value: unknown): value is Answer {
  return (
    isObject(value) &&
    typeof value["question"] === "string" &&
    typeof value["because"] === "string" &&
    typeof value["id"] === "string" &&
    typeof value["weight"] === "number" &&
    Array.isArray(value["evidence"]) &&
    ["yes", "no", "unknown"].includes(textAt(value, "answer") ?? "")
  );
}
