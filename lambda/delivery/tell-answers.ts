/**
 * Telling what came after the first notice, where a medium can change what it shows: the answers of the investigation,
 * and what people did to the case. Best effort, side by side, and once: a stream hands the same batch over again after a
 * failure, so what a destination was told last is marked in the alert's item before it is told. Who dies in between has
 * told one less, and no one twice; the close of the window, and every redelivery, carries the same.
 *
 *     await tellAnswers(alert.id, { computedAt: "2026-11-20T10:15:41.000Z", value: { answers } }, ports, deadline)
 *     await tellStatus(alert.id, { id: "…", at: "…", by: "alice", from: "open", to: "acknowledged" }, ports, deadline)
 */
import type { Answer, HistoryEntry } from "../cases/case-schema.ts";
import { weightiest } from "../cases/case-store.ts";
import type { Notice } from "../destinations/destination.ts";
import { type AlertItem, type DeliveryRecord, keyOf } from "../state/alert-item.ts";
import type { Table } from "../state/table.ts";
import { tellOnce } from "./attempt.ts";
import { type Known, knownSince, withKnown } from "./known-since.ts";
import type { DeliveryPorts } from "./ports.ts";

/** What telling works with; `table` holds the marks. */
export type TellPorts = Pick<DeliveryPorts, "destinations" | "store" | "report" | "clock" | "cases"> & {
  readonly table: Pick<Table, "update">;
};

/** An investigation that is done: the scope as it is stored. */
export type Investigation = {
  readonly computedAt: string;
  readonly value: { readonly answers: readonly Answer[] };
};

/**
 * The first notice and the investigation begin with the same write: how long to wait for a delivery that is under way,
 * in milliseconds, and between two looks at it.
 */
const WAIT_MS = 10_000;
const LOOK_EVERY_MS = 1_000;

/**
 * Tells the weightiest answers to every destination that took the first notice and can change it. A destination that is
 * to be tried again gets them with its next attempt. Never rejects: what fails is reported.
 * @param deadline in milliseconds since 1970.
 */
export async function tellAnswers(
  alertId: string,
  { computedAt, value }: Investigation,
  ports: TellPorts,
  deadline: number,
): Promise<void> {
  const answers = weightiest(value.answers);
  if (answers.length === 0) return;
  const doing = "answers";
  await telling(alertId, doing, ports, async () => {
    const known = await knownSince(alertId, ports, deadline);
    const at = known.at !== undefined && known.at > computedAt ? known.at : computedAt;
    await tellAll(
      alertId,
      { kind: doing, answers, at },
      known,
      { name: "told-answers", to: "all" },
      ports,
      deadline,
    );
  });
}

/**
 * Tells what somebody did to the case: acknowledged, closed or reopened it, or commented on it. Never rejects.
 * @param deadline in milliseconds since 1970.
 */
export async function tellStatus(
  alertId: string,
  entry: HistoryEntry,
  ports: TellPorts,
  deadline: number,
): Promise<void> {
  const doing = "status";
  await telling(alertId, doing, ports, async () => {
    const known = await knownSince(alertId, ports, deadline);
    // A later change has its own entry in the stream: each is told as it was, and the last one tells what holds now.
    const status = entry.to ?? known.status;
    const at = known.at !== undefined && known.at > entry.at ? known.at : entry.at;
    const added = { ...known, ...(status === undefined ? {} : { status }) };
    await tellAll(
      alertId,
      { kind: doing, change: entry, at },
      added,
      { name: "told-status", to: entry.id },
      ports,
      deadline,
    );
  });
}

/** What a destination is marked with: up to where it was told. */
type Mark = { readonly name: string; readonly to: string };

type News = Pick<Notice, "kind" | "answers" | "change" | "at">;

async function tellAll(
  alertId: string,
  news: News,
  known: Known,
  mark: Mark,
  ports: TellPorts,
  deadline: number,
): Promise<void> {
  const { destinations, store, report } = ports;
  const canChange = (id: string): boolean => destinations.get(id)?.updates === true;
  const first = await settled(alertId, canChange, ports, deadline);
  if (first === undefined) return;
  const told = Object.entries(first.deliveries).filter(
    ([id, { state }]) => state === "delivered" && canChange(id),
  );
  if (told.length === 0) return;
  // A closed window's count stays: what stands there was raised to it.
  const alert = (await store.read(alertId, "summary", deadline))?.alert ?? first.alert;
  await Promise.all(
    told.map(async ([id, { receipt }]) => {
      const notice = withKnown({ alert, ...news, ...(receipt === undefined ? {} : { receipt }) }, known);
      try {
        if (!(await claim(alertId, mark, id, ports, deadline))) return;
      } catch (error) {
        report.tellingFailed(alertId, news.kind, error, id);
        return;
      }
      const error = await tellOnce(notice, id, ports, deadline);
      if (error !== undefined) report.tellingFailed(alertId, news.kind, error, id);
    }),
  );
}

/** The alert with its deliveries, once none that can be changed is under way, or when waiting is no use any more. */
async function settled(
  alertId: string,
  canChange: (id: string) => boolean,
  { store, clock }: TellPorts,
  deadline: number,
): Promise<AlertItem | undefined> {
  const until = Math.min(deadline, clock.now() + WAIT_MS) - LOOK_EVERY_MS;
  const isOpen = ([id, { state }]: [string, DeliveryRecord]): boolean => state === "pending" && canChange(id);
  for (;;) {
    const first = await store.read(alertId, "first", deadline);
    if (first === undefined || clock.now() > until) return first;
    if (!Object.entries(first.deliveries).some((delivery) => isOpen(delivery))) return first;
    await clock.sleep(LOOK_EVERY_MS);
  }
}

/**
 * Whether this is the first to tell it; false also when the alert is gone. One mark holds for all that came before:
 * entries of the history are named so that later ones sort behind, and a hundred of them leave no hundred marks.
 */
async function claim(
  alertId: string,
  { name, to }: Mark,
  destination: string,
  { table }: TellPorts,
  deadline: number,
): Promise<boolean> {
  const marked = await table.update(
    keyOf(alertId, "first"),
    {
      update: "SET #mark = :to",
      condition: "attribute_exists(pk) AND (attribute_not_exists(#mark) OR #mark < :to)",
      names: { "#mark": `${name}#${destination}` },
      values: { ":to": to },
    },
    deadline,
  );
  return marked !== undefined;
}

async function telling(
  alertId: string,
  kind: Notice["kind"],
  { report }: TellPorts,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    report.tellingFailed(alertId, kind, error);
  }
}
