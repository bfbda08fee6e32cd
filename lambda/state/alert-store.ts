/**
 * Alerts and what became of their deliveries: what makes "told once" true when an invocation dies, a record arrives
 * twice or the table hiccups. An alert is one item with a map of its deliveries. Whoever delivers holds a lease of that
 * delivery under a name of its own; an outcome is written as it happens and never taken back.
 *
 *     const { mine, busy } = await store.record(alert, "first", ["slack", "topic"], { owner: "a1", now, deadline });
 *     // mine: both. A second invocation with the same record gets them in `busy`, with the end of the lease
 *     await store.settle(alert.id, "first", "slack", { state: "delivered" }, { owner: "a1", now, deadline });
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { dayOf, expiry, listed } from "../cases/case-items.ts";
import { makeDayNotes } from "../cases/days.ts";
import { addDelivery } from "./add-delivery.ts";
import {
  type AlertItem,
  alertOf,
  deliveriesOf,
  describeAlert,
  type DeliveryRecord,
  type DeliveryState,
  endOf,
  keyOf,
  type Part,
  type WindowRef,
} from "./alert-item.ts";
import { keepAlert, type Kept } from "./keep-alert.ts";
import type { Item, Table } from "./table.ts";

export type { Part } from "./alert-item.ts";

/**
 * Who asks, what time it is and when it must have an answer, in milliseconds since 1970. `owner` names one claim: two
 * that run at once never share it, and one that asks again because an answer was lost keeps it.
 */
export type Caller = { readonly owner: string; readonly now: number; readonly deadline: number };

/** What a delivery has come to; `due` is when the next attempt may be made. */
export type Settled =
  | { readonly state: "delivered"; readonly receipt?: string | undefined }
  | { readonly state: "queued"; readonly reason: string; readonly due: number }
  | { readonly state: "dead"; readonly reason: string };

/** What recording an alert gave. */
export type Recorded = {
  /** Whether nobody had recorded it before. */
  readonly isNew: boolean;
  /** The deliveries that the caller shall make now. */
  readonly mine: readonly {
    readonly destination: string;
    readonly attempts: number;
    readonly since: number;
  }[];
  /** Deliveries in other hands, until when: whoever holds one may have died. */
  readonly busy: readonly { readonly destination: string; readonly until: number }[];
  /** Why lists may not find it, once that is known; nobody waits for it to be told. Never rejects. */
  readonly unlisted?: Promise<unknown>;
};

/** A delivery that the caller may now make, or why it may not. */
type Claim =
  | {
      readonly may: true;
      readonly alert: Alert;
      readonly delivery: DeliveryRecord;
      readonly receipt?: string;
    }
  /** `settled`: it has its end. `busy`: not before `until`. `gone`: there is no such alert any more. */
  | { readonly may: false; readonly why: "settled" | "gone" }
  | { readonly may: false; readonly why: "busy"; readonly until: number };

export type AlertStore = {
  /** Records an alert before it is delivered, and claims its deliveries. `window`: the one that it stands for. */
  record(
    alert: Alert,
    part: Part,
    destinations: readonly string[],
    caller: Caller,
    window?: WindowRef,
  ): Promise<Recorded>;
  /** Keeps an alert that nobody is told of. @returns whether nobody had kept it before. */
  keep(alert: Alert, kept: Kept, caller: Caller): Promise<boolean>;
  /** Claims one delivery that was left pending or queued, and counts the attempt. */
  claim(alertId: string, part: Part, destination: string, caller: Caller): Promise<Claim>;
  /**
   * Writes what a delivery has come to; what is delivered or dead stays so.
   * @returns how the whole alert ended, when it ended with this very write.
   */
  settle(
    alertId: string,
    part: Part,
    destination: string,
    outcome: Settled,
    caller: Caller,
  ): Promise<"delivered" | "dead" | undefined>;
  /**
   * Makes a dead delivery one that may be tried again, for as long as a new one. Its message is sent after that, because
   * a message that finds the delivery dead is dropped; and the dead letter is deleted last, so that whoever is
   * interrupted in between finds it and does all again.
   */
  reopen(alertId: string, part: Part, destination: string, caller: Caller): Promise<boolean>;
  /** An alert with its deliveries. */
  read(alertId: string, part: Part, deadline: number): Promise<AlertItem | undefined>;
};

/** Milliseconds by which a lease outlives the work: the clocks of two machines differ. */
const LEASE_MARGIN_MS = 3_000;
const MAX_REASON = 300;

/** Placeholders of all updates: DynamoDB refuses those that an expression does not use. */
const NAMES = { "#m": "deliveries", "#state": "state", "#owner": "owner" } as const;

/** The store in a table; alerts are kept for `keepDays` after they were made. */
export function makeAlertStore(table: Table, keepDays: number): AlertStore {
  const noteDay = makeDayNotes(table, keepDays);

  async function tryClaim(
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
        update:
          "SET #m.#d.#lease = :lease, #m.#d.#owner = :owner, #m.#d.#last = :now, #m.#d.#attempts = #m.#d.#attempts + :one",
        condition: `#m.#d.#state IN (${Object.keys(states).join(", ")}) AND (#m.#d.#lease <= :now OR #m.#d.#owner = :owner)`,
        names: { ...NAMES, "#d": destination, "#lease": "lease", "#last": "last", "#attempts": "attempts" },
        values: { ":lease": deadline + LEASE_MARGIN_MS, ":owner": owner, ":one": 1, ":now": now, ...states },
      },
      deadline,
    );
  }

  return {
    async record(alert, part, destinations, caller, window) {
      const { owner, now, deadline } = caller;
      const fresh: DeliveryRecord = {
        state: "pending",
        attempts: 1,
        since: now,
        last: now,
        lease: deadline + LEASE_MARGIN_MS,
        owner,
        settled: 0,
      };
      const item = {
        ...keyOf(alert.id, part),
        ...describeAlert(alert),
        ...(part === "first" ? listed(alert, "told", { now }) : {}),
        ...(window === undefined ? {} : { window }),
        deliveries: Object.fromEntries(destinations.map((id) => [id, fresh])),
        recordedBy: owner,
        settles: 1,
        createdAt: now,
        expiresAt: expiry(now, keepDays),
      };
      const claimed = (destination: string, { attempts, since } = fresh) => ({
        destination,
        attempts,
        since,
      });
      const put = table.put(item, { condition: "attribute_not_exists(pk)" }, deadline);
      const unlisted =
        part === "summary"
          ? undefined
          : noteDay("told", dayOf(alert), now, deadline).catch((error: unknown) => error);
      const lists = unlisted === undefined ? {} : { unlisted };
      if (await put) return { isNew: true, mine: destinations.map((id) => claimed(id)), busy: [], ...lists };
      const found = await table.get(keyOf(alert.id, part), deadline);
      const known = deliveriesOf(found);
      const mine: Recorded["mine"][number][] = [];
      const busy: Recorded["busy"][number][] = [];
      // Those that it was routed to when it happened, and those that a route names since.
      for (const id of new Set([...Object.keys(known), ...destinations])) {
        const delivery = known[id];
        if (delivery === undefined) {
          if (await addDelivery(table, keyOf(alert.id, part), id, fresh, deadline)) mine.push(claimed(id));
          else busy.push({ destination: id, until: fresh.lease });
        } else if (delivery.state === "pending") {
          // Its own name: the put was done, and its answer was lost.
          const taken =
            delivery.owner === owner ? found : await tryClaim(alert.id, part, id, caller, ["pending"]);
          if (taken === undefined) busy.push({ destination: id, until: delivery.lease });
          else mine.push(claimed(id, deliveriesOf(taken)[id]));
        }
      }
      return { isNew: found?.["recordedBy"] === owner, mine, busy, ...lists };
    },

    async keep(alert, kept, caller) {
      const noted =
        kept.counted === true ? undefined : noteDay("kept", dayOf(alert), caller.now, caller.deadline);
      const [isNew] = await Promise.all([keepAlert(table, keepDays, alert, kept, caller), noted]);
      return isNew;
    },

    async claim(alertId, part, destination, caller) {
      const claimed = await tryClaim(alertId, part, destination, caller, ["pending", "queued"]);
      const item = claimed ?? (await table.get(keyOf(alertId, part), caller.deadline));
      const delivery = deliveriesOf(item)[destination];
      if (item === undefined || delivery === undefined) return { may: false, why: "gone" };
      if (claimed === undefined) {
        if (delivery.state === "delivered" || delivery.state === "dead")
          return { may: false, why: "settled" };
        return { may: false, why: "busy", until: delivery.lease };
      }
      const first = part === "first" ? undefined : await table.get(keyOf(alertId, "first"), caller.deadline);
      const receipt = deliveriesOf(first)[destination]?.receipt;
      return { may: true, alert: alertOf(item), delivery, ...(receipt === undefined ? {} : { receipt }) };
    },

    async settle(alertId, part, destination, outcome, { owner, deadline }) {
      const { state } = outcome;
      const fields = Object.entries({
        state,
        owner,
        lease: outcome.state === "queued" ? outcome.due : 0,
        ...("reason" in outcome ? { reason: outcome.reason.slice(0, MAX_REASON) } : {}),
        ...("receipt" in outcome && outcome.receipt !== undefined ? { receipt: outcome.receipt } : {}),
      });
      const open = "#m.#d.#state IN (:pending, :isQueued)";
      const updated = await table.update(
        keyOf(alertId, part),
        {
          // Numbered in the order in which they happen, so that exactly one write knows that it was the alert's last.
          update: `SET ${fields.map(([name]) => `#m.#d.#${name} = :${name}`).join(", ")}, #m.#d.#settled = #n, #n = #n + :one`,
          // That it was taken is true whoever holds the lease by now.
          condition: state === "delivered" ? open : `${open} AND #m.#d.#owner = :owner`,
          names: {
            ...NAMES,
            "#d": destination,
            "#n": "settles",
            "#settled": "settled",
            ...Object.fromEntries(fields.map(([name]) => [`#${name}`, name])),
          },
          values: {
            ":pending": "pending",
            ":isQueued": "queued",
            ":one": 1,
            ...Object.fromEntries(fields.map(([name, value]) => [`:${name}`, value])),
          },
        },
        deadline,
      );
      if (state === "queued") return undefined;
      // Refused, it may have been written before, when the answer was lost.
      const item = updated ?? (await table.get(keyOf(alertId, part), deadline));
      const written = deliveriesOf(item)[destination];
      return written?.owner === owner && written.state === state ? endOf(item, destination) : undefined;
    },

    async reopen(alertId, part, destination, { owner, now, deadline }) {
      const reopened = await table.update(
        keyOf(alertId, part),
        {
          update:
            "SET #m.#d.#state = :queued, #m.#d.#owner = :owner, #m.#d.#lease = :zero, #m.#d.#attempts = :zero, #m.#d.#since = :now, #r = :yes",
          condition: "#m.#d.#state = :dead",
          names: {
            ...NAMES,
            "#d": destination,
            "#lease": "lease",
            "#attempts": "attempts",
            "#since": "since",
            "#r": "reopened",
          },
          values: {
            ":queued": "queued",
            ":dead": "dead",
            ":owner": owner,
            ":zero": 0,
            ":now": now,
            ":yes": true,
          },
        },
        deadline,
      );
      return reopened !== undefined;
    },

    async read(alertId, part, deadline) {
      const item = await table.get(keyOf(alertId, part), deadline);
      return item === undefined ? undefined : { alert: alertOf(item), deliveries: deliveriesOf(item) };
    },
  };
}
