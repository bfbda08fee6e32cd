/**
 * The DynamoDB table behind all state: four operations, with JSON values instead of DynamoDB's typed ones. The SDK is
 * loaded at the first use: a record that alerts nobody never pays for it. Reads are consistent, because whoever reads
 * here is about to decide whether somebody is told.
 *
 *     const table = openTable({ name: "State" });
 *     await table.put({ pk: "ALERT#1", sk: "ALERT" }, { condition: "attribute_not_exists(pk)" }, deadline)   // true
 *     await table.put({ pk: "ALERT#1", sk: "ALERT" }, { condition: "attribute_not_exists(pk)" }, deadline)   // false
 */
import type { QueryCommandOutput } from "@aws-sdk/client-dynamodb";
import { AWS_CALL_LIMITS, awsBudget, once } from "../destinations/aws-client.ts";

/** The key of an item. */
export type Key = { readonly pk: string; readonly sk: string };
/** An item: its key and plain JSON values, and bytes. */
export type Item = Key & { readonly [name: string]: unknown };

/** The names (`#n`) and values (`:v`) of a DynamoDB expression. */
type Words = {
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, unknown>>;
};
/** When a write may happen. */
type Condition = Words & { readonly condition: string };
/** A change of an item, and when it may happen. */
export type Update = Words & { readonly update: string; readonly condition?: string };
/** Which items of a partition. */
export type Range = {
  /** Sort keys from this one on, and up to that one, both included. */
  readonly from?: string;
  readonly to?: string;
  /** How many items at most. */
  readonly limit?: number;
};

/** The table. Every call ends by `deadline` (ms since 1970) and rejects with the SDK's error when it fails. */
export type Table = {
  get(key: Key, deadline: number): Promise<Item | undefined>;
  /** Whether it was put; false when the condition does not hold. */
  put(item: Item, condition: Condition | undefined, deadline: number): Promise<boolean>;
  /** The item after the update; undefined when the condition does not hold. */
  update(key: Key, update: Update, deadline: number): Promise<Item | undefined>;
  /** The items of a partition in the order of their sort keys. */
  query(pk: string, range: Range, deadline: number): Promise<Item[]>;
};

/** Attempts of the SDK at one call, the first included: a throttled table heals within a second or two. */
const MAX_ATTEMPTS = 5;

/** Opens the table; no connection is made before the first call. */
export function openTable({
  name,
  endpoint,
  region,
}: {
  readonly name: string;
  readonly endpoint?: string;
  /** Where the process is in another Region, or in none: on somebody's own machine. */
  readonly region?: string;
}): Table {
  const connect = once(async () => {
    const sdk = await import("../aws/dynamodb.ts");
    const client = new sdk.DynamoDBClient({
      maxAttempts: MAX_ATTEMPTS,
      requestHandler: AWS_CALL_LIMITS,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
    });
    const typed = (value: object) => sdk.marshall(value, { removeUndefinedValues: true });
    const words = ({ names, values }: Words) => ({
      ...(names === undefined ? {} : { ExpressionAttributeNames: { ...names } }),
      ...(values === undefined ? {} : { ExpressionAttributeValues: typed(values) }),
    });
    const plain = (item: Parameters<typeof sdk.unmarshall>[0]) => sdk.unmarshall(item) as Item;
    return { sdk, client, typed, words, plain };
  });

  return {
    async get({ pk, sk }, deadline) {
      const { sdk, client, typed, plain } = await connect();
      const command = new sdk.GetItemCommand({
        TableName: name,
        Key: typed({ pk, sk }),
        ConsistentRead: true,
      });
      const { Item: found } = await client.send(command, until(deadline));
      return found === undefined ? undefined : plain(found);
    },
    async put(item, condition, deadline) {
      const { sdk, client, typed, words } = await connect();
      const guard =
        condition === undefined ? {} : { ConditionExpression: condition.condition, ...words(condition) };
      const command = new sdk.PutItemCommand({ TableName: name, Item: typed(item), ...guard });
      return (await whereHeld(client.send(command, until(deadline)))) !== undefined;
    },
    async update({ pk, sk }, { update, condition, ...rest }, deadline) {
      const { sdk, client, typed, words, plain } = await connect();
      const command = new sdk.UpdateItemCommand({
        TableName: name,
        Key: typed({ pk, sk }),
        UpdateExpression: update,
        ...(condition === undefined ? {} : { ConditionExpression: condition }),
        ...words(rest),
        ReturnValues: "ALL_NEW",
      });
      const updated = await whereHeld(client.send(command, until(deadline)));
      return updated?.Attributes === undefined ? undefined : plain(updated.Attributes);
    },
    async query(pk, { from = "\u0000", to = "\u{10ffff}", limit }, deadline) {
      const { sdk, client, typed, plain } = await connect();
      const items: Item[] = [];
      let start: QueryCommandOutput["LastEvaluatedKey"];
      do {
        const command = new sdk.QueryCommand({
          TableName: name,
          KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
          ExpressionAttributeValues: typed({ ":pk": pk, ":from": from, ":to": to }),
          ConsistentRead: true,
          ...(limit === undefined ? {} : { Limit: limit - items.length }),
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        });
        const page: QueryCommandOutput = await client.send(command, until(deadline));
        for (const item of page.Items ?? []) items.push(plain(item));
        start = limit !== undefined && items.length >= limit ? undefined : page.LastEvaluatedKey;
      } while (start !== undefined);
      return items;
    },
  };
}

/** How a call is ended by its deadline. */
function until(deadline: number): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(awsBudget(deadline)) };
}

/** The answer, or undefined when it is that the condition does not hold. */
async function whereHeld<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === "ConditionalCheckFailedException") return undefined;
    throw error;
  }
}
