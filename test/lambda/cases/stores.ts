/** Stores over a table, for tests of cases, and alerts that differ in what lists are asked for. */
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { makeCaseStore } from "../../../lambda/cases/make-case-store.ts";
import { makeAlertStore } from "../../../lambda/state/alert-store.ts";
import type { Table } from "../../../lambda/state/table.ts";
import { sampleAlert } from "../alerts/sample.ts";

let made = 0;

/** An alert of its own record; `changes` are to the alert. */
export function newAlert(
  time: string,
  changes: Partial<Alert> = {},
  record: Record<string, unknown> = {},
): Alert {
  const alert = sampleAlert({ eventID: `case-${++made}`, eventTime: time, ...record });
  return { ...alert, ...changes };
}

/** By twenty seconds from now. */
export const soon = (): number => Date.now() + 20_000;

/** Both stores over one table, and short ways to fill them. */
export function storesOver(table: Table, now: () => number = Date.now) {
  const alerts = makeAlertStore(table, 90);
  const cases = makeCaseStore(table, { keepDays: 90, now });
  let owners = 0;
  const caller = () => ({ owner: `owner-${++owners}`, now: now(), deadline: soon() });
  return {
    alerts,
    cases,
    /** Records an alert as told to one destination. */
    tell: async (alert: Alert, window?: Parameters<typeof alerts.record>[4]): Promise<Alert> => {
      const own = caller();
      await alerts.record(alert, "first", ["topic"], own, window);
      await alerts.settle(alert.id, "first", "topic", { state: "delivered", receipt: "r" }, own);
      return alert;
    },
    /** Keeps an alert that nobody is told of. */
    keep: async (alert: Alert, kept: Parameters<typeof alerts.keep>[1] = {}): Promise<Alert> => {
      await alerts.keep(alert, kept, caller());
      return alert;
    },
    caller,
  };
}
