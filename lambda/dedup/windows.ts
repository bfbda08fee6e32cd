/**
 * The windows of one key: an item that every decision about the key goes through. Who opens a window, takes it over or
 * closes it writes on a condition, so of all that try at once one succeeds and the others look again.
 *
 *     { pk: "WINDOW#3f…", sk: "WINDOW", version: 2, windows: { "<id>": { opened, closes, alertId, maker, lease, count } } }
 *
 * A few windows are kept, because a record may come late. `version` counts windows opened; a window's own fields change
 * without it, each in place.
 */
import { isObject } from "../record/untrusted.ts";
import type { Item, Table } from "../state/table.ts";

/** A window. Times are in milliseconds since 1970, `opened` and `closes` of records, `lease` and `closed` of clocks. */
export type Window = {
  /** The id of the alert that opened it. */
  readonly id: string;
  /** Records from here on belong to it, the first one at `opened` opened it, and those from `closes` on do not. */
  readonly reach: number;
  readonly opened: number;
  readonly closes: number;
  /** The alert that stands for it, who makes that alert, and until when nobody else may. */
  readonly alertId: string;
  readonly maker: string;
  readonly lease: number;
  /** How many records there are, about: an invocation that dies may miss one. The members tell exactly. */
  readonly count: number;
  /** Its alert has been recorded for delivery; its timer is made. */
  readonly told?: true;
  readonly timed?: true;
  /** When it was closed; what comes later is not of it. */
  readonly closed?: number;
};

/** The windows of a key, as they were read. */
export type Windows = { readonly version: number; readonly windows: readonly Window[] };

/** Each costs some 200 bytes of an item that every repeat writes; a write costs by the kilobyte. */
const MAX_WINDOWS = 4;
const SK = "WINDOW";

/** Reads the windows of a key. */
export async function readWindows(table: Table, pk: string, deadline: number): Promise<Windows> {
  const item = await table.get({ pk, sk: SK }, deadline);
  if (item === undefined) return { version: 0, windows: [] };
  return { version: Number(item["version"]), windows: windowsOf(item) };
}

/** The open window that a record of this time belongs to: the one it falls into, else the next one, if it is late for that. */
export function findWindow({ windows }: Windows, time: number): Window | undefined {
  const open = windows.filter(({ closed }) => closed === undefined);
  const around = open.filter(({ opened, closes }) => opened <= time && time < closes);
  if (around.length > 0) return around.reduce((a, b) => (a.opened > b.opened ? a : b));
  const after = open.filter(({ reach, opened }) => reach <= time && time < opened);
  return after.length === 0 ? undefined : after.reduce((a, b) => (a.opened < b.opened ? a : b));
}

/** Whether any window, open or closed, has this time in it. */
export function isCovered({ windows }: Windows, time: number): boolean {
  return windows.some(({ opened, closes }) => opened <= time && time < closes);
}

/** Opens a window beside those that were read; false when there are others by now. */
export async function openWindow(
  table: Table,
  pk: string,
  { version, windows }: Windows,
  window: Window,
  { expiresAt, deadline }: { readonly expiresAt: number; readonly deadline: number },
): Promise<boolean> {
  const { id, ...fields } = window;
  if (version === 0) {
    const item = { pk, sk: SK, version: 1, windows: { [id]: fields }, expiresAt };
    return table.put(item, { condition: "attribute_not_exists(pk)" }, deadline);
  }
  const old = windows
    .toSorted(
      (a, b) => Number(b.closed === undefined) - Number(a.closed === undefined) || b.opened - a.opened,
    )
    .slice(MAX_WINDOWS - 1);
  const removed = old.map((_, at) => `#w.#o${at}`).join(", ");
  const opened = await table.update(
    { pk, sk: SK },
    {
      update: `SET #w.#id = :window, #version = :next, #expires = :expires${removed === "" ? "" : ` REMOVE ${removed}`}`,
      condition: "#version = :version",
      names: {
        "#w": "windows",
        "#id": id,
        "#version": "version",
        "#expires": "expiresAt",
        ...Object.fromEntries(old.map((one, at) => [`#o${at}`, one.id])),
      },
      values: { ":window": fields, ":version": version, ":next": version + 1, ":expires": expiresAt },
    },
    deadline,
  );
  return opened !== undefined;
}

/** Adds a record to an open window and says what else is known of it; the window, or undefined when it was closed. */
export async function countInto(
  table: Table,
  pk: string,
  id: string,
  by: number,
  flags: { readonly told?: true; readonly timed?: true },
  deadline: number,
): Promise<Window | undefined> {
  const known = Object.keys(flags);
  const item = await table.update(
    { pk, sk: SK },
    {
      update: `SET #w.#id.#count = #w.#id.#count + :by${known.map((flag) => `, #w.#id.#${flag} = :yes`).join("")}`,
      condition: "attribute_exists(#w.#id) AND attribute_not_exists(#w.#id.#closed)",
      names: {
        "#w": "windows",
        "#id": id,
        "#count": "count",
        "#closed": "closed",
        ...Object.fromEntries(known.map((flag) => [`#${flag}`, flag])),
      },
      values: { ":by": by, ...(known.length === 0 ? {} : { ":yes": true }) },
    },
    deadline,
  );
  return item === undefined ? undefined : windowsOf(item).find((window) => window.id === id);
}

/** Makes another record's alert the one that stands for a window whose maker is gone; false when somebody was faster. */
export async function takeOver(
  table: Table,
  pk: string,
  window: Window,
  next: Pick<Window, "alertId" | "maker" | "lease">,
  deadline: number,
): Promise<boolean> {
  const taken = await table.update(
    { pk, sk: SK },
    {
      update: "SET #w.#id.#alertId = :alertId, #w.#id.#maker = :maker, #w.#id.#lease = :lease",
      condition: "#w.#id.#maker = :old AND #w.#id.#lease = :lapsed",
      names: {
        "#w": "windows",
        "#id": window.id,
        "#alertId": "alertId",
        "#maker": "maker",
        "#lease": "lease",
      },
      values: {
        ":alertId": next.alertId,
        ":maker": next.maker,
        ":lease": next.lease,
        ":old": window.maker,
        ":lapsed": window.lease,
      },
    },
    deadline,
  );
  return taken !== undefined;
}

/** Closes a window for good and gives it back; undefined when it is not there any more. */
export async function markClosed(
  table: Table,
  pk: string,
  id: string,
  now: number,
  deadline: number,
): Promise<Window | undefined> {
  const item = await table.update(
    { pk, sk: SK },
    {
      update: "SET #w.#id.#closed = if_not_exists(#w.#id.#closed, :now)",
      condition: "attribute_exists(#w.#id)",
      names: { "#w": "windows", "#id": id, "#closed": "closed" },
      values: { ":now": now },
    },
    deadline,
  );
  return item === undefined ? undefined : windowsOf(item).find((window) => window.id === id);
}

function windowsOf(item: Item): Window[] {
  const { windows } = item;
  if (!isObject(windows)) throw new TypeError(`the item ${item.pk} has no windows`);
  return Object.entries(windows).map(([id, fields]) => Object.assign(fields as Omit<Window, "id">, { id }));
}
