/**
 * The sources that are AWS's own: advanced queries of Config, the tagging API, an object in S3, a table in DynamoDB.
 * Each reads with the role of the function that refreshes, page by page, and only the declared column is kept. A client
 * and its SDK are loaded when a list first asks there.
 *
 *     await sources["resource-tags"]({ type: "resource-tags", tags: { Environment: ["Prod"] }, column: "name" }, asking)
 *     // { kind: "rows", rows: ["acme-prod-data", "acme-prod-logs"] }
 */
import { AWS_CALL_LIMITS } from "../destinations/aws-client.ts";
import { ListError } from "./list-error.ts";
import { columnOf, decodeFile, MAX_FILE_BYTES, parseFile } from "./parse-file.ts";
import type { Asking, Source, Sources } from "./source.ts";

/** Attempts of the SDK at one call, the first included: those of Config are few a second for the whole account. */
const MAX_ATTEMPTS = 5;
/** The most that a page of these APIs holds. */
const PAGE = 100;

/** Where AWS is, when not where the SDK finds it: local stand-ins. */
export type AwsOptions = {
  readonly endpoints?: Readonly<Partial<Record<"config" | "tags" | "s3" | "dynamodb", string>>>;
};

/** The four sources. */
export function awsSources({ endpoints = {} }: AwsOptions = {}): Omit<Sources, "https"> {
  const config: Source<"aws-config"> = async ({ sql, aggregator, column }, asking) => {
    const sdk = await import("../aws/config-service.ts");
    const service = new sdk.ConfigServiceClient(client(endpoints.config));
    return rowsOf(asking, async (NextToken) => {
      const page = { Expression: sql, Limit: PAGE, ...(NextToken === undefined ? {} : { NextToken }) };
      const answer =
        aggregator === undefined
          ? await service.send(new sdk.SelectResourceConfigCommand(page), until(asking))
          : await service.send(
              new sdk.SelectAggregateResourceConfigCommand({
                ...page,
                ConfigurationAggregatorName: aggregator,
              }),
              until(asking),
            );
      const rows = (answer.Results ?? []).map((text) => columnOf(JSON.parse(text), column));
      return { rows, next: answer.NextToken };
    });
  };

  const tags: Source<"resource-tags"> = async (query, asking) => {
    const sdk = await import("../aws/resource-tags.ts");
    const rows: unknown[] = [];
    for (const region of query.regions ?? [undefined]) {
      const service = new sdk.ResourceGroupsTaggingAPIClient(client(endpoints.tags, region));
      const found = await rowsOf(asking, async (PaginationToken) => {
        const command = new sdk.GetResourcesCommand({
          ResourcesPerPage: PAGE,
          TagFilters: Object.entries(query.tags).map(([Key, Values]) => ({ Key, Values: [...Values] })),
          ...(query.resourceTypes === undefined ? {} : { ResourceTypeFilters: [...query.resourceTypes] }),
          ...(PaginationToken === undefined ? {} : { PaginationToken }),
        });
        const answer = await service.send(command, until(asking));
        const arns = (answer.ResourceTagMappingList ?? []).map(({ ResourceARN }) => ResourceARN);
        return { rows: arns.map((arn) => partOfArn(arn, query.column)), next: answer.PaginationToken };
      });
      rows.push(...found.rows);
    }
    return { kind: "rows", rows };
  };

  const s3: Source<"s3"> = async ({ bucket, key, region, format, column }, asking) => {
    const sdk = await import("../aws/list-objects.ts");
    const forced = endpoints.s3 === undefined ? {} : { forcePathStyle: true };
    const service = new sdk.S3Client({ ...client(endpoints.s3, region), ...forced });
    try {
      const { Body, ContentLength, ETag } = await service.send(
        new sdk.GetObjectCommand({
          Bucket: bucket,
          Key: key,
          ...(asking.etag === undefined ? {} : { IfNoneMatch: asking.etag }),
        }),
        until(asking),
      );
      if ((ContentLength ?? 0) > MAX_FILE_BYTES) throw tooLarge(ContentLength ?? 0);
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      if (bytes.length > MAX_FILE_BYTES) throw tooLarge(bytes.length);
      const rows = parseFile(decodeFile(bytes), format, column);
      return { kind: "rows", rows, ...(ETag === undefined ? {} : { etag: ETag }) };
    } catch (error) {
      if (isNotModified(error)) return { kind: "same" };
      throw error;
    }
  };

  const dynamodb: Source<"dynamodb"> = async ({ table, partition, column }, asking) => {
    const sdk = await import("../aws/list-tables.ts");
    const service = new sdk.DynamoDBClient(client(endpoints.dynamodb));
    return rowsOf<Parameters<typeof sdk.unmarshall>[0]>(asking, async (start) => {
      const page = {
        TableName: table,
        ProjectionExpression: "#column",
        ...(start === undefined ? {} : { ExclusiveStartKey: start as never }),
      };
      const answer =
        partition === undefined
          ? await service.send(
              new sdk.ScanCommand({ ...page, ExpressionAttributeNames: { "#column": column } }),
              until(asking),
            )
          : await service.send(
              new sdk.QueryCommand({
                ...page,
                KeyConditionExpression: "#key = :key",
                ExpressionAttributeNames: { "#column": column, "#key": partition.key },
                ExpressionAttributeValues: { ":key": { S: partition.value } },
              }),
              until(asking),
            );
      const rows = (answer.Items ?? []).flatMap((item) => several(sdk.unmarshall(item)[column]));
      return { rows, next: answer.LastEvaluatedKey };
    });
  };

  return { "aws-config": config, "resource-tags": tags, s3, dynamodb };
}

/** What every client is made with. */
function client(endpoint: string | undefined, region?: string) {
  return {
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: { ...AWS_CALL_LIMITS, requestTimeout: 20_000 },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
  };
}

/** A part of an ARN: all of it, what stands behind the type of resource, or behind the last mark. */
export function partOfArn(arn: string | undefined, part: "arn" | "name" | "id"): string | undefined {
  if (arn === undefined || part === "arn") return arn;
  const resource = arn.split(":").slice(5).join(":");
  if (part === "id") return resource.split(/[/:]/u).at(-1);
  return /^[a-z][a-zA-Z-]*[/:](.+)$/su.exec(resource)?.[1] ?? resource;
}

/** All pages of a query. The list's limit is checked here too: a table without end must not fill the memory. */
async function rowsOf<Next = string>(
  { maxRows }: Asking,
  ask: (
    next: Next | undefined,
  ) => Promise<{ readonly rows: readonly unknown[]; readonly next: Next | undefined }>,
): Promise<{ readonly kind: "rows"; readonly rows: readonly unknown[] }> {
  const rows: unknown[] = [];
  let next: Next | undefined;
  do {
    const page = await ask(next);
    for (const row of page.rows) rows.push(row);
    // The tagging API ends with an empty token.
    next = page.next === "" ? undefined : page.next;
    if (rows.length > maxRows)
      throw new ListError(
        `The query gives more than ${maxRows} rows. Narrow it down, or raise maxValues of the list.`,
      );
  } while (next !== undefined);
  return { kind: "rows", rows };
}

/** The values of an attribute: a set or a list has several. */
function several(value: unknown): readonly unknown[] {
  if (value instanceof Set) return [...value] as unknown[];
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

function isNotModified(error: unknown): boolean {
  const metadata = (error as { readonly $metadata?: { readonly httpStatusCode?: unknown } }).$metadata;
  return metadata?.httpStatusCode === 304;
}

function tooLarge(bytes: number): ListError {
  return new ListError(`The object has ${bytes} bytes, more than the ${MAX_FILE_BYTES} that are read.`);
}

function until({ deadline }: Asking): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(Math.max(1, Math.floor(deadline - Date.now()))) };
}
