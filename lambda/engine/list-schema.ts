/**
 * The format of lists: `rules/_lists/<name>.yaml`. A static one has its values in the file; a dynamic one says where
 * they come from, because no log line tells which buckets are tagged as production:
 *
 *     description: Buckets tagged Environment=Prod.
 *     kind: exact
 *     query:
 *       type: resource-tags
 *       resourceTypes: [s3]
 *       tags: { Environment: [Prod] }
 *       column: name
 *     refresh: 15m
 *     on-empty: keep
 *
 * One column of what the query gives is the value, and a value is compared and never run. Shape only, as the rest of the
 * rule schema; `lambda/loader/check-dynamic-list.ts` knows the rest.
 */
import { z } from "zod";

const SPAN = /^[1-9]\d{0,5}[smhd]$/;
const ADVICE = "Write a number and m, h or d: 15m, 6h, 1d.";

const description = z.string().min(1).describe("What the values have in common, and where they come from.");

const kind = z
  .enum(["exact", "wildcard", "cidr"])
  .describe(
    "How a fact is compared with the values. exact: it is one of them. wildcard: it has the form of one, * for any characters. cidr: it is an address in one of the ranges.",
  );

/** A list whose values stand in its file. */
export const staticListSchema = z.strictObject({
  description,
  kind,
  values: z
    .array(z.string().min(1))
    .min(1)
    .describe("The values, as text: CloudTrail writes account ids as text too, so keep the quotes."),
});

const column = (what: string): z.ZodString => z.string().min(1).describe(what);

const regions = z
  .array(
    z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
      .describe("A Region, e.g. eu-west-1."),
  )
  .min(1)
  .optional()
  .describe("The Regions to ask; without it the engine's own. A bucket is told of in its own Region only.");

/** How a file that is fetched is read. */
const format = z
  .enum(["json", "ndjson", "lines", "csv"])
  .describe(
    "json: an array of texts, or of objects with the column. ndjson: such an object, or text, a line. lines: a value a line; empty ones and those that begin with # are passed over. csv: with a header that names the column.",
  );
const fileColumn = column(
  "The column of csv, or the key of the objects, that is the value. Not for lines and plain texts.",
).optional();

/** What a dynamic list may ask, by `type`. */
export const QUERY_SCHEMAS = {
  "aws-config": z.strictObject({
    type: z.literal("aws-config").describe("An advanced query of AWS Config."),
    sql: z
      .string()
      .min(1)
      .max(4096)
      .describe(
        "The query, e.g. SELECT resourceName WHERE resourceType = 'AWS::S3::Bucket' AND tags.tag = 'Environment=Prod'.",
      ),
    aggregator: z
      .string()
      .regex(/^[\w-]{1,256}$/)
      .optional()
      .describe("The aggregator to ask instead of the account's own recorder: all accounts and Regions."),
    column: column("The selected field that is the value, e.g. resourceName, or configuration.name."),
  }),
  "resource-tags": z.strictObject({
    type: z.literal("resource-tags").describe("The Resource Groups Tagging API."),
    resourceTypes: z
      .array(
        z
          .string()
          .regex(/^[a-z0-9-]+(:[A-Za-z0-9/-]+)?$/)
          .describe("A service, or a service and a type of resource, e.g. s3 or ec2:instance."),
      )
      .min(1)
      .max(100)
      .optional()
      .describe("Only resources of these types; all when absent."),
    tags: z
      .record(
        z.string().min(1).max(128),
        z
          .array(z.string().max(256))
          .max(20)
          .describe("The values, of which the tag has one; with [] any value will do."),
      )
      .describe("The tags that a resource must have, all of them: { Environment: [Prod, Production] }."),
    regions,
    column: z
      .enum(["arn", "name", "id"])
      .describe(
        "arn: the whole ARN. name: what stands behind its type, e.g. a bucket's or function's name, or a role's with its path. id: what stands behind its last / or colon.",
      ),
  }),
  s3: z.strictObject({
    type: z.literal("s3").describe("An object in S3."),
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
      .describe("The bucket's name."),
    key: z.string().min(1).max(1024).describe("The object's key."),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
      .optional()
      .describe("The bucket's Region, where it is not the engine's own."),
    format,
    column: fileColumn,
  }),
  dynamodb: z.strictObject({
    type: z.literal("dynamodb").describe("A DynamoDB table."),
    table: z
      .string()
      .regex(/^[\w.-]{3,255}$/)
      .describe("The table's name, in the engine's own account and Region."),
    partition: z
      .strictObject({
        key: z.string().min(1).max(255).describe("The name of the partition key."),
        value: z.string().min(1).max(2048).describe("Its value, a text."),
      })
      .optional()
      .describe("Only the items of this partition; without it the whole table is scanned."),
    column: column("The attribute that is the value: a text, or a set or list of texts."),
  }),
  https: z.strictObject({
    type: z.literal("https").describe("A document behind an HTTPS address."),
    url: z
      .url({ protocol: /^https$/ })
      .max(2048)
      .describe("The address, without a name, password or secret in it. It begins with https://."),
    format,
    column: fileColumn,
    allowPrivate: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        "Ranges of private addresses that the host may be in, e.g. 10.1.0.0/16; none without it. Those of instance metadata are never among them.",
      ),
  }),
} as const;

/** The query of a dynamic list. */
const listQuerySchema = z
  .discriminatedUnion("type", [
    QUERY_SCHEMAS["aws-config"],
    QUERY_SCHEMAS["resource-tags"],
    QUERY_SCHEMAS.s3,
    QUERY_SCHEMAS.dynamodb,
    QUERY_SCHEMAS.https,
  ])
  .describe("Where the values come from.");

/** How a query is asked and what becomes of its answers. */
const settings = {
  refresh: z
    .string()
    .regex(SPAN)
    .optional()
    .describe("How often it is asked for, 5m to 7d; 15m without it.")
    .meta({ patternErrorMessage: ADVICE }),
  "on-empty": z
    .enum(["keep", "clear", "fail"])
    .optional()
    .describe(
      "What an answer without values means. keep (the default): the last values stay. clear: the list is empty. fail: the last values stay, and the refresh has failed: it alarms, and alerts say that the list is stale.",
    ),
  maxValues: z
    .int()
    .refine((count) => count >= 1 && count <= 100_000)
    .optional()
    .describe("How many values it may have, 1 to 100000; 10000 without it. With more the refresh fails.")
    .meta({ minimum: 1, maximum: 100_000 }),
  maxAge: z
    .string()
    .regex(SPAN)
    .optional()
    .describe(
      "How old the values may be before alerts say that the list is stale; three times refresh without it.",
    )
    .meta({ patternErrorMessage: ADVICE }),
};

/** A list whose values a query gives. */
export const dynamicListSchema = z.strictObject({ description, kind, query: listQuerySchema, ...settings });

/** A list file of either sort, for editors: it has values or a query. */
export const listFileSchema = z
  .strictObject({
    description,
    kind,
    values: staticListSchema.shape.values.optional(),
    query: listQuerySchema.optional(),
    ...settings,
  })
  .meta({ oneOf: [{ required: ["values"] }, { required: ["query"] }] });

/** What a dynamic list asks. */
export type ListQuery = z.infer<typeof listQuerySchema>;
/** A dynamic list as it was written. */
export type DynamicListFile = z.infer<typeof dynamicListSchema>;

/** How a dynamic list is filled, with every default written out; spans in milliseconds. */
export type DynamicSettings = {
  readonly query: ListQuery;
  readonly refreshMs: number;
  readonly onEmpty: "keep" | "clear" | "fail";
  readonly maxValues: number;
  readonly maxAgeMs: number;
};
