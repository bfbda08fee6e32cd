/**
 * What the queries of dynamic lists need: permissions for exactly what they name, and event patterns that tell of
 * changed tags.
 *
 *     queryPermissions(new Map([["admins", { …, dynamic: { query: { type: "s3", bucket: "acme", key: "a.json", … } } }]]), stack)
 *     // s3:GetObject on arn:aws:s3:::acme/a.json
 */
import type { Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ListQuery } from "../lambda/engine/list-schema.ts";
import type { DynamicList } from "../lambda/lists/refresh.ts";

/** Permissions, and findings of cdk-nag that they cause, each with its reason. */
export type QueryPermissions = {
  readonly statements: PolicyStatement[];
  readonly findings: readonly { readonly id: string; readonly reason: string }[];
};

/** One statement for each type of query that there is. */
export function queryPermissions(lists: ReadonlyMap<string, DynamicList>, stack: Stack): QueryPermissions {
  const queries = [...lists.values()].map(({ dynamic }) => dynamic.query);
  const statements: PolicyStatement[] = [];
  const add = (sid: string, actions: readonly string[], resources: readonly string[]): void => {
    if (resources.length === 0) return;
    statements.push(
      new PolicyStatement({
        sid,
        actions: [...actions],
        resources: [...new Set(resources)].toSorted(),
      }),
    );
  };
  const own = ofType(queries, "aws-config").filter(({ aggregator }) => aggregator === undefined);
  const aggregated = ofType(queries, "aws-config").filter(({ aggregator }) => aggregator !== undefined);
  add("AskConfig", ["config:SelectResourceConfig"], all(own));
  add("AskAggregator", ["config:SelectAggregateResourceConfig"], all(aggregated));
  add("AskTags", ["tag:GetResources"], all(ofType(queries, "resource-tags")));
  add(
    "ReadObjects",
    ["s3:GetObject"],
    ofType(queries, "s3").map(
      ({ bucket, key }) => `arn:${stack.partition}:s3:::${bucket}/${key.replaceAll(/[*?$]/gu, literally)}`,
    ),
  );
  const tables = ofType(queries, "dynamodb");
  const arnOf = ({ table }: { readonly table: string }): string =>
    stack.formatArn({ service: "dynamodb", resource: "table", resourceName: table });
  add("ScanTables", ["dynamodb:Scan"], tables.filter(({ partition }) => partition === undefined).map(arnOf));
  add(
    "QueryTables",
    ["dynamodb:Query"],
    tables.filter(({ partition }) => partition !== undefined).map(arnOf),
  );
  const unnamed = statements.some(({ resources }) => resources.includes("*"));
  const reason =
    "IAM knows no resource of tag:GetResources and of Config's queries that the engine could name: they read what resources are called and how they are tagged and set up.";
  return { statements, findings: unnamed ? [{ id: "AwsSolutions-IAM5[Resource::*]", reason }] : [] };
}

/** A star, a question mark or a dollar sign of a key, as IAM writes it where it stands for itself. */
function literally(character: string): string {
  return `\${${character}}`;
}

function all(queries: readonly unknown[]): readonly string[] {
  return queries.length === 0 ? [] : ["*"];
}

function ofType<T extends ListQuery["type"]>(
  queries: readonly ListQuery[],
  type: T,
): Extract<ListQuery, { type: T }>[] {
  return queries.filter((query): query is Extract<ListQuery, { type: T }> => query.type === type);
}

/** Calls that change the tags of something; of a service that has others, EventBridge tells by its own event. */
const TAG_CALLS = [
  "AddTags",
  "AddTagsToResource",
  "CreateTags",
  "DeleteBucketTagging",
  "DeleteTags",
  "PutBucketTagging",
  "RemoveTags",
  "RemoveTagsFromResource",
  "TagResource",
  "TagResources",
  "UntagResource",
  "UntagResources",
];
/** Services whose name in ARNs is that of their eventSource as well. */
const SAME_NAME = new Set(["dynamodb", "ec2", "ecs", "eks", "kms", "lambda", "rds", "s3", "sns", "sqs"]);

/**
 * The event patterns that tell of changes of the tags that lists ask for: EventBridge's own event, which not every
 * service has, and the calls themselves. Empty when no list asks for tags.
 */
export function tagPatterns(lists: ReadonlyMap<string, DynamicList>): Record<string, unknown>[] {
  const queries = ofType(
    [...lists.values()].map(({ dynamic }) => dynamic.query),
    "resource-tags",
  );
  if (queries.length === 0) return [];
  const keys = [...new Set(queries.flatMap(({ tags }) => Object.keys(tags)))].toSorted();
  const named = queries.every(({ resourceTypes }) => resourceTypes !== undefined);
  const services = [
    ...new Set(
      queries.flatMap(({ resourceTypes = [] }) => resourceTypes.map((one) => one.split(":")[0] ?? "")),
    ),
  ].toSorted();
  const sources = [...services.map((service) => `${service}.amazonaws.com`), "tagging.amazonaws.com"];
  const ofServices = named && services.every((service) => SAME_NAME.has(service));
  return [
    {
      source: ["aws.tag"],
      "detail-type": ["Tag Change on Resource"],
      detail: { "changed-tag-keys": keys, ...(named ? { service: services } : {}) },
    },
    {
      source: [{ prefix: "aws." }],
      "detail-type": ["AWS API Call via CloudTrail"],
      detail: {
        eventName: TAG_CALLS,
        errorCode: [{ exists: false }],
        ...(ofServices ? { eventSource: sources } : {}),
      },
    },
  ];
}
