/**
 * DynamoDB on this machine, by dynalite: the table of the template is made there with the keys and indexes that the template
 * gives it. Items do not expire here: a run does not last as long.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type AttributeDefinition,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type GlobalSecondaryIndex,
  type KeySchemaElement,
} from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { foreign, refusal } from "./local-server.ts";
import { isSignedHere, LOCAL_CREDENTIALS, NOT_SIGNED_HERE } from "./queues.ts";
import type { NewItem } from "./table-stream.ts";
import { watchWrites } from "./table-writes.ts";

/** DynamoDB. */
export type LocalTables = {
  readonly url: string;
  /** Tells of each item that comes into being from now on. */
  watch(listener: (item: NewItem) => void): void;
  /** Makes a table with the keys and indexes of a template's `AWS::DynamoDB::Table` or `::GlobalTable`. */
  createTable(name: string, properties: Readonly<Record<string, unknown>>): Promise<void>;
  close(): Promise<void>;
};

/** Starts dynalite behind a guard on a free port of 127.0.0.1. */
export async function startTables(region: string): Promise<LocalTables> {
  const tables = dynalite({ createTableMs: 0 });
  const writes = watchWrites();
  const server = createServer((request, response) => {
    const { headers } = request;
    const reason =
      foreign(headers, request.socket.localPort ?? 0) ??
      (isSignedHere(headers.authorization) ? undefined : NOT_SIGNED_HERE);
    if (reason === undefined) {
      writes.see(request, response);
      tables.emit("request", request, response);
      return;
    }
    const { status, body, type = "application/json" } = refusal(403, "AccessDeniedException", reason);
    response.writeHead(status, { "content-type": type, connection: "close" }).end(body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({ endpoint: url, region, credentials: LOCAL_CREDENTIALS });
  return {
    url,
    watch: (listener) => writes.listen(listener),
    createTable: async (name, properties) => {
      const indexes = properties["GlobalSecondaryIndexes"] as GlobalSecondaryIndex[] | undefined;
      await client.send(
        new CreateTableCommand({
          TableName: name,
          AttributeDefinitions: properties["AttributeDefinitions"] as AttributeDefinition[],
          KeySchema: properties["KeySchema"] as KeySchemaElement[],
          BillingMode: "PAY_PER_REQUEST",
          ...(indexes === undefined ? {} : { GlobalSecondaryIndexes: indexes }),
        }),
      );
      const describe = new DescribeTableCommand({ TableName: name });
      while ((await client.send(describe)).Table?.TableStatus !== "ACTIVE")
        await new Promise((resolve) => setTimeout(resolve, 10));
    },
    close: async () => {
      client.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
