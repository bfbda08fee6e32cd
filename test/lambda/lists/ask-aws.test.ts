import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ListQuery } from "../../../lambda/engine/list-schema.ts";
import { awsSources } from "../../../lambda/lists/ask-aws.ts";

type Asked = { readonly target: string; readonly path: string; readonly body: Record<string, unknown> };
type Reply = { readonly status?: number; readonly body: unknown; readonly headers?: Record<string, string> };

/** One server for all of AWS; each test says what it answers. */
let server: Server;
let endpoint = "";
let asked: Asked[] = [];
let replies: Reply[] = [];

beforeAll(async () => {
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  server = createServer((incoming, answer) => {
    let text = "";
    incoming.on("data", (part: Buffer) => (text += part.toString()));
    incoming.on("end", () => {
      const body = text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {};
      const target = String(incoming.headers["x-amz-target"] ?? incoming.method);
      asked.push({ target, path: incoming.url ?? "", body });
      const { status = 200, body: reply, headers = {} } = replies.shift() ?? { status: 500, body: {} };
      const type = { "content-type": "application/x-amz-json-1.1", ...headers };
      answer.writeHead(status, type).end(typeof reply === "string" ? reply : JSON.stringify(reply));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  replies = [];
});

const asking = (maxRows = 1_000, etag?: string) => ({ maxRows, etag, deadline: Date.now() + 30_000 });
const sources = () =>
  awsSources({ endpoints: { config: endpoint, tags: endpoint, s3: endpoint, dynamodb: endpoint } });
type Query<T> = Extract<ListQuery, { type: T }>;

const arn = (name: string) => ({ ResourceARN: `arn:aws:s3:::${name}`, Tags: [] });

describe("what AWS is asked for a list", () => {
  it("tags: every page, in every Region that is named, and the part of the ARN that is the value", async () => {
    replies = [
      { body: { PaginationToken: "more", ResourceTagMappingList: [arn("a")] } },
      { body: { PaginationToken: "", ResourceTagMappingList: [arn("b")] } },
      { body: { PaginationToken: "", ResourceTagMappingList: [arn("c")] } },
    ];
    const query: Query<"resource-tags"> = {
      type: "resource-tags",
      resourceTypes: ["s3"],
      tags: { Environment: ["Prod"], Owner: [] },
      regions: ["us-east-1", "eu-west-1"],
      column: "name",
    };
    expect(await sources()["resource-tags"](query, asking())).toEqual({
      kind: "rows",
      rows: ["a", "b", "c"],
    });
    expect(asked[0]?.body).toMatchObject({
      ResourceTypeFilters: ["s3"],
      TagFilters: [
        { Key: "Environment", Values: ["Prod"] },
        { Key: "Owner", Values: [] },
      ],
    });
    expect(asked[1]?.body).toMatchObject({ PaginationToken: "more" });
  });

  it("Config: the query as it stands, of the account or an aggregator, and one column", async () => {
    const query: Query<"aws-config"> = { type: "aws-config", sql: "SELECT a.b WHERE c = 'd'", column: "a.b" };
    replies = [
      { body: { Results: ['{"a":{"b":"x"}}'], NextToken: "t" } },
      { body: { Results: ["{}", '{"a":{"b":"y"}}'] } },
    ];
    const rows = await sources()["aws-config"](query, asking());
    expect(rows).toEqual({ kind: "rows", rows: ["x", undefined, "y"] });
    expect(asked[0]).toMatchObject({
      target: "StarlingDoveService.SelectResourceConfig",
      body: { Expression: query.sql },
    });
    replies = [{ body: { Results: [] } }];
    await sources()["aws-config"]({ ...query, aggregator: "org" }, asking());
    expect(asked[2]).toMatchObject({
      target: "StarlingDoveService.SelectAggregateResourceConfig",
      body: { ConfigurationAggregatorName: "org" },
    });
  });

  it("DynamoDB: a scan or a partition, of one attribute, with sets and lists taken apart", async () => {
    const query: Query<"dynamodb"> = { type: "dynamodb", table: "Admins", column: "name" };
    replies = [
      {
        body: {
          Items: [{ name: { S: "a" } }, { name: { SS: ["b", "c"] } }],
          LastEvaluatedKey: { k: { S: "1" } },
        },
      },
      { body: { Items: [{ name: { L: [{ S: "d" }, { N: "5" }] } }, {}] } },
    ];
    expect(await sources().dynamodb(query, asking())).toMatchObject({
      rows: ["a", "b", "c", "d", 5, undefined],
    });
    expect(asked.map(({ target }) => target)).toEqual(["DynamoDB_20120810.Scan", "DynamoDB_20120810.Scan"]);
    replies = [{ body: { Items: [] } }];
    await sources().dynamodb({ ...query, partition: { key: "k", value: "v" } }, asking());
    expect(asked[2]).toMatchObject({
      target: "DynamoDB_20120810.Query",
      body: { ExpressionAttributeValues: { ":key": { S: "v" } } },
    });
  });

  it("S3: the object, and not again while it is the same", async () => {
    const query: Query<"s3"> = { type: "s3", bucket: "acme", key: "a b.json", format: "json", column: "n" };
    replies = [{ body: '[{"n":"a"}]', headers: { etag: '"1"', "content-type": "binary/octet-stream" } }];
    expect(await sources().s3(query, asking())).toEqual({ kind: "rows", rows: ["a"], etag: '"1"' });
    expect(asked[0]?.path).toContain("/acme/a%20b.json");
    replies = [{ status: 304, body: "" }];
    expect(await sources().s3(query, asking(10, '"1"'))).toEqual({ kind: "same" });
  });

  it("stops where there are too many rows, and says which permission is missing", async () => {
    const query: Query<"dynamodb"> = { type: "dynamodb", table: "Admins", column: "name" };
    const Items = Array.from({ length: 6 }, (_, at) => ({ name: { S: String(at) } }));
    replies = [{ body: { Items, LastEvaluatedKey: { k: { S: "1" } } } }];
    await expect(sources().dynamodb(query, asking(5))).rejects.toThrow("more than 5 rows");
    expect(asked).toHaveLength(1);
    replies = [{ status: 400, body: { __type: "AccessDeniedException", message: "no tag:GetResources" } }];
    const tags: Query<"resource-tags"> = { type: "resource-tags", tags: { a: [] }, column: "arn" };
    await expect(sources()["resource-tags"](tags, asking())).rejects.toThrow("no tag:GetResources");
  });
});
