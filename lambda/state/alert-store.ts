/**
 * Alerts and what became of their deliveries: what makes "told once" true when an invocation dies, a record arrives
 * twice or the table hiccups. An alert is one item with a map of its deliveries. Whoever delivers holds a lease of that
 * delivery, in its own name, until its invocation ends; an outcome is written as it happens and never taken back.
 *
 *     const mine = await store.record({ alert, part: "first", destinations: ["slack", "topic"], … });
 *     // ["slack", "topic"]: nobody else is delivering these; a second invocation with the same record gets []
 *     await store.settle({ alertId: alert.id, part: "first", destination: "slack", outcome: { state: "delivered" }, … });
 */
import { gunzipSync, gzipSync } from "node:zlib";
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import { shortenAlert } from "../alerts/shorten.ts";
import { isObject } from "../record/untrusted.ts";
import type { Item, Key, Table } from "./table.ts";

/** Which notice of an alert: the first one, or the summary of its window. */
export type Part = "first" | "summary";

/**
 * `pending`: nobody knows of an end yet. `queued`: the redelivery queue has it. `delivered` and `dead` are ends; what is
 * dead waits in the dead-letter queue.
 */
export type DeliveryState = "pending" | "queued" | "delivered" | "dead";

/** One delivery as the table knows it. */
export type DeliveryRecord = {
  readonly state: DeliveryState;
  readonly attempts: number;
  /** When the first attempt was claimed, and until when the current one is, in milliseconds since 1970. */
  readonly since: number;
  readonly lease: number;
  /** Who holds the lease. */
  readonly owner: string;
  readonly receipt?: string;
  readonly reason?: string;
};

/** Who asks, until when it may take, and what time it is; times in milliseconds since 1970. */
export type Caller = { readonly owner: string; readonly now: number; readonly deadline: number };

/** What a delivery has come to. */
export type Settled =
  | { readonly state: "delivered"; readonly receipt?: string | undefined }
  | { readonly state: "queued" | "dead"; readonly reason: string };

/** A delivery that the caller may now make, or why it may not. */
export type Claim =
  | {
      readonly may: true;
      readonly alert: Alert;
      readonly delivery: DeliveryRecord;
      readonly receipt?: string;
    }
  /** `settled`: it has its end. `busy`: somebody else is at it until `until`. `gone`: there is no such alert any more. */
  | { readonly may: false; readonly why: "settled" | "gone" }
  | { readonly may: false; readonly why: "busy"; readonly until: number };

export type AlertStore = {
  /**
   * Records an alert before it is delivered.
   * @returns the destinations that the caller may deliver to: not those that are settled, queued, or in other hands.
   */
  record(alert: Alert, part: Part, destinations: readonly string[], caller: Caller): Promise<string[]>;
  /** Claims one delivery, whatever state it was left in, and counts the attempt. */
  claim(alertId: string, part: Part, destination: string, caller: Caller): Promise<Claim>;
  /** Writes what a delivery has come to; a delivery that is `delivered` stays so. */
  settle(alertId: string, part: Part, destination: string, outcome: Settled, caller: Caller): Promise<void>;
  /** An alert with its deliveries. */
  read(
    alertId: string,
    part: Part,
    deadline: number,
  ): Promise<{ alert: Alert; deliveries: Readonly<Record<string, DeliveryRecord>> } | undefined>;
};

/** An item may have 400 KB; the deliveries need a part of it. */
const MAX_DOCUMENT_BYTES = 300_000;
const MAX_REASON = 300;
const DAY_MS = 86_400_000;

/** The store in a table; alerts are kept for `keepDays` after they were made. */
export function makeAlertStore(table: Table, keepDays: number): AlertStore {
  async function claim(
    alertId: string,
    part: Part,
    destination: string,
    { owner, now, deadline }: Caller,
    from: readonly DeliveryState[],
  ): Promise<Item | undefined> {
    const states = Object.fromEntries(from.map((state, at) => [`:s${at}`, state]));
    return table.update(
      keyOf(alertId, part),
      {
        update: "SET #m.#d.#lease = :lease, #m.#d.#owner = :owner, #m.#d.#attempts = #m.#d.#attempts + :one",
        condition: `#m.#d.#state IN (${Object.keys(states).join(", ")}) AND (#m.#d.#lease < :now OR #m.#d.#owner = :owner)`,
        names: { ...NAMES, "#d": destination, "#lease": "lease", "#owner": "owner", "#attempts": "attempts" },
        values: { ":lease": deadline, ":owner": owner, ":one": 1, ":now": now, ...states },
      },
      deadline,
    );
  }

  return {
    async record(alert, part, destinations, caller) {
      const { owner, now, deadline } = caller;
      const fresh: DeliveryRecord = { state: "pending", attempts: 1, since: now, lease: deadline, owner };
      const item = {
        ...keyOf(alert.id, part),
        ...describe(alert),
        deliveries: Object.fromEntries(destinations.map((id) => [id, fresh])),
        createdAt: now,
        expiresAt: Math.ceil((now + keepDays * DAY_MS) / 1000),
      };
      if (await table.put(item, { condition: "attribute_not_exists(pk)" }, deadline))
        return [...destinations];
      const known = deliveriesOf(await table.get(keyOf(alert.id, part), deadline));
      const mine: string[] = [];
      for (const id of destinations) {
        const delivery = known[id];
        // A put whose answer was lost is tried again and finds itself.
        if (delivery?.owner === owner && delivery.state === "pending") mine.push(id);
        else if (delivery === undefined) {
          if (await add(id, alert.id, part, fresh, deadline)) mine.push(id);
        } else if (
          delivery.state === "pending" &&
          (await claim(alert.id, part, id, caller, ["pending"])) !== undefined
        ) {
          mine.push(id);
        }
      }
      return mine;
    },

    async claim(alertId, part, destination, caller) {
      const claimed = await claim(alertId, part, destination, caller, ["pending", "queued"]);
      const item = claimed ?? (await table.get(keyOf(alertId, part), caller.deadline));
      const delivery = deliveriesOf(item)[destination];
      if (item === undefined || delivery === undefined) return { may: false, why: "gone" };
      if (claimed === undefined) {
        if (delivery.state === "delivered" || delivery.state === "dead")
          return { may: false, why: "settled" };
        return { may: false, why: "busy", until: delivery.lease };
      }
      const receipt = part === "first" ? undefined : await this.read(alertId, "first", caller.deadline);
      const first = receipt?.deliveries[destination]?.receipt;
      return {
        may: true,
        alert: alertOf(item),
        delivery,
        ...(first === undefined ? {} : { receipt: first }),
      };
    },

    async settle(alertId, part, destination, outcome, { deadline }) {
      const said = "reason" in outcome ? { reason: outcome.reason.slice(0, MAX_REASON) } : {};
      const receipt =
        "receipt" in outcome && outcome.receipt !== undefined ? { receipt: outcome.receipt } : {};
      const fields = Object.entries({ lease: 0, ...said, ...receipt });
      await table.update(
        keyOf(alertId, part),
        {
          update: `SET #m.#d.#state = :state${fields.map(([name]) => `, #m.#d.#${name} = :${name}`).join("")}`,
          condition: "attribute_exists(#m.#d) AND #m.#d.#state <> :delivered",
          names: {
            ...NAMES,
            "#d": destination,
            ...Object.fromEntries(fields.map(([name]) => [`#${name}`, name])),
          },
          values: {
            ":state": outcome.state,
            ":delivered": "delivered",
            ...Object.fromEntries(fields.map(([name, value]) => [`:${name}`, value])),
          },
        },
        deadline,
      );
    },

    async read(alertId, part, deadline) {
      const item = await table.get(keyOf(alertId, part), deadline);
      return item === undefined ? undefined : { alert: alertOf(item), deliveries: deliveriesOf(item) };
    },
  };

  /** A destination that a route names since the alert was recorded. */
  async function add(
    id: string,
    alertId: string,
    part: Part,
    fresh: DeliveryRecord,
    deadline: number,
  ): Promise<boolean> {
    const added = await table.update(
      keyOf(alertId, part),
      {
        update: "SET #m.#d = :fresh",
        condition: "attribute_exists(pk) AND attribute_not_exists(#m.#d)",
        names: { "#m": NAMES["#m"], "#d": id },
        values: { ":fresh": fresh },
      },
      deadline,
    );
    return added !== undefined;
  }
}

const NAMES = { "#m": "deliveries", "#state": "state" } as const;

function keyOf(alertId: string, part: Part): Key {
  return { pk: `ALERT#${alertId}`, sk: part === "first" ? "ALERT" : "SUMMARY" };
}

/** What the item says of the alert: the whole of it, packed, and what items are found by. */
function describe(alert: Alert): Record<string, unknown> {
  const pack = (candidate: Alert): Buffer => gzipSync(safeJson(candidate));
  const packed = pack(alert);
  const document =
    packed.length <= MAX_DOCUMENT_BYTES
      ? packed
      : pack(shortenAlert(alert, (candidate) => pack(candidate).length <= MAX_DOCUMENT_BYTES));
  const { rule, severity, startTime, disposition } = alert;
  return { document, ruleId: rule.id, severity, startTime, disposition };
}

function alertOf(item: Item): Alert {
  const { document } = item;
  if (!(document instanceof Uint8Array)) throw new TypeError(`the item ${item.pk} holds no alert`);
  return JSON.parse(gunzipSync(document).toString("utf8")) as Alert;
}

function deliveriesOf(item: Item | undefined): Readonly<Record<string, DeliveryRecord>> {
  return isObject(item?.["deliveries"]) ? (item["deliveries"] as Record<string, DeliveryRecord>) : {};
}
