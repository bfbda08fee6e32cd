/**
 * How an alert lies in the table: one item, its JSON packed, and beside it what became of each delivery.
 *
 *     pk ALERT#<alert id>   sk ALERT (the first notice) or SUMMARY (the one of its window's close)
 *     deliveries { slack: { state: "delivered", attempts: 2, … }, topic: { state: "queued", … } }
 */
import { gunzipSync, gzipSync } from "node:zlib";
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import { shortenAlert } from "../alerts/shorten.ts";
import { isObject } from "../record/untrusted.ts";
import type { Item, Key } from "./table.ts";

/** Which notice of an alert: the first one, or the summary of its window. */
export type Part = "first" | "summary";

/**
 * `pending`: nobody knows of an end yet. `queued`: the redelivery queue has it. `delivered` and `dead` are ends; what is
 * dead waits in the dead-letter queue.
 */
export type DeliveryState = "pending" | "queued" | "delivered" | "dead";

/** One delivery as the table knows it; times in milliseconds since 1970. */
export type DeliveryRecord = {
  readonly state: DeliveryState;
  readonly attempts: number;
  /** When the first attempt was claimed, and when the last was; items of earlier versions do not have that. */
  readonly since: number;
  readonly last?: number;
  /** Until when nobody else may claim it: the end of an attempt, or the time that the next one is due. */
  readonly lease: number;
  /** Who claimed it last. */
  readonly owner: string;
  /** Which of the alert's outcomes this was, counted from 1; 0 before there is one. */
  readonly settled: number;
  readonly receipt?: string;
  readonly reason?: string;
};

/** The window that an alert stands for: where its records are, and of what times, in milliseconds since 1970. */
export type WindowRef = {
  readonly partition: string;
  readonly id: string;
  readonly reach: number;
  readonly opened: number;
  readonly closes: number;
};

/** An alert with its deliveries by destination. */
export type AlertItem = {
  readonly alert: Alert;
  readonly deliveries: Readonly<Record<string, DeliveryRecord>>;
};

/** An item may have 400 KB; the deliveries need a part of it. */
const MAX_DOCUMENT_BYTES = 300_000;

/** The key of an alert's item. */
export function keyOf(alertId: string, part: Part): Key {
  return { pk: `ALERT#${alertId}`, sk: part === "first" ? "ALERT" : "SUMMARY" };
}

/** What the item says of the alert: the whole of it, packed and shortened where it must be, and what items are found by. */
export function describeAlert(alert: Alert): Record<string, unknown> {
  const packed = pack(alert);
  const document =
    packed.length <= MAX_DOCUMENT_BYTES
      ? packed
      : pack(shortenAlert(alert, (candidate) => pack(candidate).length <= MAX_DOCUMENT_BYTES));
  const { rule, severity, startTime, disposition } = alert;
  return { document, ruleId: rule.id, severity, startTime, disposition };
}

function pack(alert: Alert): Buffer {
  return gzipSync(safeJson(alert));
}

/** The alert in an item. Throws when it holds none. */
export function alertOf(item: Item): Alert {
  const { document } = item;
  if (!(document instanceof Uint8Array)) throw new TypeError(`the item ${item.pk} holds no alert`);
  return JSON.parse(gunzipSync(document).toString("utf8")) as Alert;
}

/** The deliveries in an item, none when there is no item. */
export function deliveriesOf(item: Item | undefined): Readonly<Record<string, DeliveryRecord>> {
  return isObject(item?.["deliveries"]) ? (item["deliveries"] as Record<string, DeliveryRecord>) : {};
}

/**
 * How an alert ended when `destination`'s outcome was its last; undefined while one is open, when another outcome was
 * the last, and when a dead delivery was reopened, since the alert was counted then.
 */
export function endOf(item: Item | undefined, destination: string): "delivered" | "dead" | undefined {
  const all = deliveriesOf(item);
  const last = all[destination]?.settled ?? 0;
  if (item?.["reopened"] === true) return undefined;
  let end: "delivered" | "dead" = "delivered";
  for (const { state, settled } of Object.values(all)) {
    if (state === "pending" || state === "queued" || settled > last) return undefined;
    if (state === "dead") end = "dead";
  }
  return end;
}
