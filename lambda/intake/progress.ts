/**
 * How far objects were read that could not be finished in one go. It is in the table and not in the message, which nobody
 * can change; and a message sent anew each time would be taken for an endless loop and stopped (FACTS § 9). An object
 * that is read at the first try leaves nothing here.
 *
 *     pk INTAKE#<hash of bucket, key and version>   sk AT   { offset: 734003200, inList: true, failures: 0, since: … }
 */
import { hash } from "node:crypto";
import type { Table } from "../state/table.ts";
import type { ObjectRef } from "./notifications.ts";
import type { Position } from "./read-log.ts";

/** What is remembered of an object; times in milliseconds since 1970. */
export type Kept = {
  /** Where to go on; undefined at the beginning. */
  readonly at?: Position;
  /** How many tries failed, one behind another. */
  readonly failures: number;
  readonly done?: true;
};

/** Reads and writes it. */
export type Progress = {
  read(object: ObjectRef, deadline: number): Promise<Kept>;
  save(object: ObjectRef, kept: Kept, now: number, deadline: number): Promise<void>;
};

/** As long as a message can be in its queue and in the queue of the given up ones, in milliseconds. */
const KEPT_FOR_MS = 29 * 86_400_000;

/** The progress in a table. */
export function makeProgress(table: Table): Progress {
  return {
    async read(object, deadline) {
      const item = await table.get(keyOf(object), deadline);
      if (item === undefined) return { failures: 0 };
      const { offset, inList, failures, done } = item;
      return {
        ...(typeof offset === "number" ? { at: { offset, inList: inList === true } } : {}),
        failures: typeof failures === "number" ? failures : 0,
        ...(done === true ? { done } : {}),
      };
    },
    async save(object, { at, failures, done }, now, deadline) {
      const expiresAt = Math.ceil((now + KEPT_FOR_MS) / 1000);
      const item = { ...keyOf(object), ...at, failures, ...(done === undefined ? {} : { done }), expiresAt };
      await table.put(item, undefined, deadline);
    },
  };
}

function keyOf({ bucket, key, versionId }: ObjectRef): { readonly pk: string; readonly sk: string } {
  return { pk: `INTAKE#${hash("sha256", [bucket, key, versionId ?? ""].join("\n"))}`, sk: "AT" };
}
