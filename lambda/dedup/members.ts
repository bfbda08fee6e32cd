/**
 * The records of a key, one item each, under a key made of the record alone: putting one twice changes nothing, and the
 * records of a span of time are one query. A member without a window waits for a threshold to be reached.
 *
 *     { pk: "WINDOW#3f…", sk: "MEMBER#2026-11-20T16:00:05.000Z#<alert id>", window: "<window id>", actor: "alice", … }
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import type { Item, Key, Table } from "../state/table.ts";

/** A record that was counted. */
export type Member = {
  /** The id of the alert that it would be on its own: one a record. */
  readonly id: string;
  /** Its time, and when it was put, in milliseconds since 1970. */
  readonly time: number;
  readonly at: number;
  readonly window?: string;
  /** The alert that stood for the window when it joined: what is left to say when the window is forgotten. */
  readonly of?: string;
  readonly actor: string;
  readonly resources: Alert["resources"];
  /** The value of the threshold's `distinct`, as text. */
  readonly value?: string;
};

/** Of one record; the summary has more by having more records. */
const MAX_RESOURCES = 5;
const MAX_TEXT = 300;

/** The member that an alert is. */
export function makeMember(alert: Alert, at: number, value?: string): Member {
  return {
    id: alert.id,
    time: Date.parse(alert.startTime),
    at,
    actor: showText(alert.actor.name, MAX_TEXT),
    resources: alert.resources.slice(0, MAX_RESOURCES),
    ...(value === undefined ? {} : { value: showText(value, MAX_TEXT) }),
  };
}

/** Reads a member. */
export async function readMember(
  table: Table,
  pk: string,
  { id, time }: Member,
  deadline: number,
): Promise<Member | undefined> {
  const item = await table.get(keyOf(pk, time, id), deadline);
  return item === undefined ? undefined : memberOf(item);
}

/** Puts a member; false when it is there already. */
export function putMember(
  table: Table,
  pk: string,
  member: Member,
  { expiresAt, deadline }: { readonly expiresAt: number; readonly deadline: number },
): Promise<boolean> {
  const { id, time, ...rest } = member;
  const item = { ...keyOf(pk, time, id), ...rest, id, time, expiresAt };
  return table.put(item, { condition: "attribute_not_exists(pk)" }, deadline);
}

/** Moves a member into a window; false when it is in another than `from` by now. */
export async function moveMember(
  table: Table,
  pk: string,
  { id, time }: Member,
  {
    from,
    to,
    of,
    at,
  }: { readonly from: string | undefined; readonly to: string; readonly of: string; readonly at: number },
  deadline: number,
): Promise<boolean> {
  const moved = await table.update(
    keyOf(pk, time, id),
    {
      update: "SET #window = :to, #of = :of, #at = :at",
      condition:
        from === undefined
          ? "attribute_exists(pk) AND attribute_not_exists(#window)"
          : "attribute_exists(pk) AND #window = :from",
      names: { "#window": "window", "#of": "of", "#at": "at" },
      values: { ":to": to, ":of": of, ":at": at, ...(from === undefined ? {} : { ":from": from }) },
    },
    deadline,
  );
  return moved !== undefined;
}

/** The members whose time is `from` or later and before `to`, in the order of their times, `limit` at most. */
export async function readMembers(
  table: Pick<Table, "query">,
  pk: string,
  from: number,
  to: number,
  deadline: number,
  limit?: number,
): Promise<Member[]> {
  const range = { from: sortKey(from), to: sortKey(to), ...(limit === undefined ? {} : { limit }) };
  const items = await table.query(pk, range, deadline);
  return items.map((item) => memberOf(item));
}

/** The members of a window: those that joined it, and those that waited in its time. */
export function membersOf(
  members: readonly Member[],
  window: { readonly id: string; readonly opened: number; readonly closes: number },
): Member[] {
  const { id, opened, closes } = window;
  return members.filter(
    (member) =>
      member.window === id || (member.window === undefined && opened <= member.time && member.time < closes),
  );
}

/** The first sort key of a time: the members of it come after it, those of earlier times in front of it. */
function sortKey(time: number): string {
  return `MEMBER#${new Date(time).toISOString()}`;
}

function keyOf(pk: string, time: number, id: string): Key {
  return { pk, sk: `${sortKey(time)}#${id}` };
}

function memberOf({ id, time, at, window, of, actor, resources, value }: Item): Member {
  return {
    id: String(id),
    time: Number(time),
    at: Number(at),
    actor: String(actor),
    resources: resources as Alert["resources"],
    ...(typeof window === "string" ? { window } : {}),
    ...(typeof of === "string" ? { of } : {}),
    ...(typeof value === "string" ? { value } : {}),
  };
}
