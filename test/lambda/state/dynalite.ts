/** DynamoDB on this machine, with the table as the stack makes it. */
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { INDEX_SORT_KEY, INDEXES } from "../../../lambda/state/table.ts";

/** Where it listens, and how to stop it. */
export type LocalDynamo = { readonly endpoint: string; stop(): Promise<void> };

/** Starts it with an empty table of that name. */
export async function startDynamo(name: string): Promise<LocalDynamo> {
  process.env["AWS_ACCESS_KEY_ID"] ??= "local";
  process.env["AWS_SECRET_ACCESS_KEY"] ??= "local";
  process.env["AWS_REGION"] ??= "us-east-1";
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({ endpoint });
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
        { AttributeName: INDEX_SORT_KEY, AttributeType: "S" },
        ...Object.values(INDEXES).map((key) => ({ AttributeName: key, AttributeType: "S" as const })),
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: Object.entries(INDEXES).map(([IndexName, key]) => ({
        IndexName,
        KeySchema: [
          { AttributeName: key, KeyType: "HASH" },
          { AttributeName: INDEX_SORT_KEY, KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["row"] },
      })),
    }),
  );
  client.destroy();
  return {
    endpoint,
    stop: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
