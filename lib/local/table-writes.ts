/**
 * Which items come into being in the local DynamoDB: the requests that dynalite took are read along with it. An item is new
 * when a write of its key is taken for the first time since it was last deleted; the tables of a run begin empty.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isObject, textAt, valueAt } from "../../lambda/record/untrusted.ts";
import type { NewItem } from "./table-stream.ts";

/** Reads requests along. */
export type TableWrites = {
  /** Must be called before anybody else reads the request. */
  see(request: IncomingMessage, response: ServerResponse): void;
  listen(listener: (item: NewItem) => void): void;
};

const WRITES = /^DynamoDB_20120810\.(PutItem|UpdateItem|DeleteItem|BatchWriteItem)$/;
/** The key of every table here (`lib/state-table.ts`). */
const KEY_NAMES = ["pk", "sk"] as const;

/** Begins with empty tables. */
export function watchWrites(): TableWrites {
  const known = new Set<string>();
  const listeners: ((item: NewItem) => void)[] = [];
  const wrote = (table: string, item: unknown): void => {
    const keys = keysIn(item);
    const name = JSON.stringify([table, keys]);
    if (known.has(name)) return;
    known.add(name);
    for (const listener of listeners) listener({ table, keys });
  };
  const took = (call: string, body: unknown): void => {
    const table = textAt(body, "TableName") ?? "";
    if (call === "PutItem") wrote(table, valueAt(body, "Item"));
    else if (call === "UpdateItem") wrote(table, valueAt(body, "Key"));
    else if (call === "DeleteItem") known.delete(JSON.stringify([table, keysIn(valueAt(body, "Key"))]));
    else
      for (const [name, requests] of Object.entries(objectOf(valueAt(body, "RequestItems"))))
        for (const request of Array.isArray(requests) ? (requests as unknown[]) : []) {
          const put = valueAt(request, "PutRequest", "Item");
          if (put !== undefined) wrote(name, put);
          else known.delete(JSON.stringify([name, keysIn(valueAt(request, "DeleteRequest", "Key"))]));
        }
  };
  return {
    see(request, response) {
      const call = WRITES.exec(String(request.headers["x-amz-target"]))?.[1];
      if (call === undefined) return;
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => void chunks.push(chunk));
      response.once("finish", () => {
        if (response.statusCode !== 200) return;
        const body = parse(Buffer.concat(chunks));
        if (body !== undefined) took(call, body);
      });
    },
    listen: (listener) => void listeners.push(listener),
  };
}

function keysIn(item: unknown): Record<string, unknown> {
  return Object.fromEntries(KEY_NAMES.map((name) => [name, valueAt(item, name)]));
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}
