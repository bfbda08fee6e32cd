/**
 * The DynamoDB table behind all state: five operations, with JSON values instead of DynamoDB's typed ones. The SDK is
 * loaded at the first use: a record that alerts nobody never pays for it. Reads are consistent, because whoever reads
 * here is about to decide whether somebody is told; only those of an index are not, which cannot be.
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
  /** The last ones first. */
  readonly descending?: boolean;
  /** How many items at most. */
  readonly limit?: number;
};

/** The indexes, and the attribute that is the partition key of each. */
export const INDEXES = { byTime: "day", byActor: "actorKey", byRule: "ruleKey" } as const;
export type IndexName = keyof typeof INDEXES;
/** The sort key of all indexes. No item may have these names for anything but texts: DynamoDB refuses to store it. */
export const INDEX_SORT_KEY = "place";

/** Which items of an index's partition. */
export type IndexRange = {
  /** Sort keys from this one on, and up to that one, both included. */
  readonly from?: string;
  readonly to?: string;
  readonly descending?: boolean;
  /** How many items at most. */
  readonly limit: number;
  /** Which of them: a filter expression. What it leaves out is read and paid for all the same. */
  readonly filter?: Words & { readonly filter: string };
  /** How many items are read at most to find them; 2,000 unless given. */
  readonly reads?: number;
};

/** Items of an index, and how many were read for them. `stopped`: the sort key of the last one, when there may be more behind it. */
export type IndexPage = { readonly items: readonly Item[]; readonly read: number; readonly stopped?: string };

/** The table. Every call ends by `deadline` (ms since 1970) and rejects with the SDK's error when it fails. */
export type Table = {
  get(key: Key, deadline: number): Promise<Item | undefined>;
  /** Whether it was put; false when the condition does not hold. */
  put(item: Item, condition: Condition | undefined, deadline: number): Promise<boolean>;
  /** The item after the update; undefined when the condition does not hold. */
  update(key: Key, update: Update, deadline: number): Promise<Item | undefined>;
  /** The items of a partition in the order of their sort keys. */
  query(pk: string, range: Range, deadline: number): Promise<Item[]>;
  /** Items of an index, without what the index leaves out; what was just written may be missing. */
  queryIndex(index: IndexName, pk: string, range: IndexRange, deadline: number): Promise<IndexPage>;
};

/** How many items a query of an index reads at most, unless it is told. */
export const INDEX_READS = 2_000;

/** Attempts of the SDK at one call, the first included: a throttled table heals within a second or two. */
const MAX_ATTEMPTS = 5;
/** Items that a filtered query reads at once. */
const FILTERED_PAGE = 250;
/** Sort keys in front of and behind all of ours. */
const LOWEST = "\u0000";
const HIGHEST = "\u{10ffff}";

/** Opens the table; no connection is made before the first call. */
export function openTable({
  name,
  endpoint,
  region,
  credentials,
}: {
  readonly name: string;
  readonly endpoint?: string;
  /** Where the process is in another Region, or in none: on somebody's own machine. */
  readonly region?: string;
  /** Where they are not to be found as the SDK finds them: those of a local table. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}): Table {
  const connect = once(async () => {
    const sdk = await import("../aws/dynamodb.ts");
    const client = new sdk.DynamoDBClient({
      maxAttempts: MAX_ATTEMPTS,
      requestHandler: AWS_CALL_LIMITS,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
      ...(credentials === undefined ? {} : { credentials }),
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
    async query(pk, { from = LOWEST, to = HIGHEST, limit, descending = false }, deadline) {
      // DynamoDB takes bounds in the wrong order for a mistake.
      if (from > to) return [];
      const { sdk, client, typed, plain } = await connect();
      const items: Item[] = [];
      let start: QueryCommandOutput["LastEvaluatedKey"];
      do {
        const command = new sdk.QueryCommand({
          TableName: name,
          KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
          ExpressionAttributeValues: typed({ ":pk": pk, ":from": from, ":to": to }),
          ConsistentRead: true,
          ScanIndexForward: !descending,
          ...(limit === undefined ? {} : { Limit: limit - items.length }),
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        });
        const page: QueryCommandOutput = await client.send(command, until(deadline));
        for (const item of page.Items ?? []) items.push(plain(item));
        start = limit !== undefined && items.length >= limit ? undefined : page.LastEvaluatedKey;
      } while (start !== undefined);
      return items;
    },
    async queryIndex(index, pk, range, deadline) {
      const { from = LOWEST, to = HIGHEST, descending = false, limit, filter, reads = INDEX_READS } = range;
      if (from > to) return { items: [], read: 0 };
      const { sdk, client, typed, plain } = await connect();
      const items: Item[] = [];
      let left = reads;
      let start: QueryCommandOutput["LastEvaluatedKey"];
      do {
        // What a filter leaves out counts towards DynamoDB's limit, so it is asked for more than is wanted.
        const wanted = limit - items.length;
        const command = new sdk.QueryCommand({
          TableName: name,
          IndexName: index,
          KeyConditionExpression: "#indexPk = :indexPk AND #indexAt BETWEEN :indexFrom AND :indexTo",
          ...(filter === undefined ? {} : { FilterExpression: filter.filter }),
          ExpressionAttributeNames: {
            ...filter?.names,
            "#indexPk": INDEXES[index],
            "#indexAt": INDEX_SORT_KEY,
          },
          ExpressionAttributeValues: typed({
            ...filter?.values,
            ":indexPk": pk,
            ":indexFrom": from,
            ":indexTo": to,
          }),
          ScanIndexForward: !descending,
          Limit: Math.min(left, filter === undefined ? wanted : Math.max(FILTERED_PAGE, wanted)),
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        });
        const page: QueryCommandOutput = await client.send(command, until(deadline));
        left -= page.ScannedCount ?? 0;
        start = page.LastEvaluatedKey;
        for (const found of page.Items ?? []) {
          const item = plain(found);
          items.push(item);
          if (items.length < limit) continue;
          const isLast = start === undefined && found === page.Items?.at(-1);
          return { items, read: reads - left, ...(isLast ? {} : { stopped: String(item[INDEX_SORT_KEY]) }) };
        }
      } while (start !== undefined && left > 0);
      const stopped = start === undefined ? {} : { stopped: String(plain(start)[INDEX_SORT_KEY]) };
      return { items, read: reads - left, ...stopped };
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
