import { describe, expect, it } from "vitest";
import { load } from "./rules-dir.ts";

const USER = `name: x
severity: low
description: x
conditions:
  all:
    - { fact: requestParameters.bucketName, operator: inList, value: l }
`;
const HEAD = "description: x\nkind: exact\n";
const TAGS = "query: { type: resource-tags, tags: { Environment: [Prod] }, column: name }\n";

function check(text: string) {
  const { lines, ruleSet } = load({ "_lists/l.yaml": text, "s3.amazonaws.com/x.yaml": USER });
  return {
    lines: lines
      .filter((line) => line.startsWith("_lists/"))
      .map((line) => line.replace("_lists/l.yaml:", "")),
    list: ruleSet.lists["l"],
  };
}

describe("a list with a query", () => {
  it("is good with nothing but its query, and every default is written out", () => {
    expect(check(HEAD + TAGS)).toEqual({
      lines: [],
      list: {
        description: "x",
        kind: "exact",
        values: [],
        dynamic: {
          query: { type: "resource-tags", tags: { Environment: ["Prod"] }, column: "name" },
          refreshMs: 900_000,
          onEmpty: "keep",
          maxValues: 10_000,
          maxAgeMs: 2_700_000,
        },
      },
    });
  });

  it("takes every type of query", () => {
    for (const query of [
      "{ type: aws-config, sql: \"SELECT resourceId, resourceName WHERE tags.tag = 'a=b'\", column: resourceName }",
      '{ type: aws-config, sql: "select configuration.name as n where x = 1", aggregator: org, column: n }',
      "{ type: s3, bucket: acme, key: a/b.json, format: json }",
      "{ type: dynamodb, table: Admins, partition: { key: k, value: v }, column: name }",
      "{ type: https, url: 'https://example.com/a', format: csv, column: name, allowPrivate: [10.0.0.0/8] }",
    ])
      expect(check(`${HEAD}query: ${query}\nrefresh: 6h\non-empty: clear\nmaxAge: 2d\n`).lines).toEqual([]);
  });

  it.each([
    [
      "query: { type: resource-tag }\n",
      '3:16 query.type: "resource-tag" is no type of query. Did you mean "resource-tags"?',
    ],
    ["query: {}\n", '3:8 query: "type" is missing. Add it: one of aws-config'],
    ["query: [1]\n", "3:8 query: The query is an object, this is a list."],
    [`${TAGS}values: [a]\n`, '4:1 values: "values" is no key here. Delete it, or the query'],
    [`${TAGS}refresh: 1m\n`, '4:10 refresh: "1m" is not between 5m and 7d.'],
    [`${TAGS}refresh: 90s\n`, '4:10 refresh: "90s" is no number of minutes.'],
    [`${TAGS}refresh: soon\n`, "4:10 refresh: "],
    [`${TAGS}maxAge: 5m\n`, '4:9 maxAge: The list is older than "5m" between any two refreshes'],
    [`${TAGS}on-empty: maybe\n`, '4:11 on-empty: "maybe" is none of keep, clear, fail.'],
    [`${TAGS}onEmpty: keep\n`, '4:1 onEmpty: "onEmpty" is no key here. Write it as "on-empty".'],
    [`${TAGS}maxValues: 0\n`, "4:12 maxValues: "],
    ["query: { type: resource-tags, tags: {}, column: name }\n", "query.tags: There is no tag."],
    ["query: { type: aws-config, sql: DROP TABLE x, column: a }\n", "does not begin with SELECT"],
    ["query: { type: aws-config, sql: SELECT a WHERE b = 1, column: c }\n", 'does not select "c"'],
    ["query: { type: s3, bucket: acme, key: a, format: csv }\n", "query: A csv file has columns."],
    ["query: { type: s3, bucket: acme, key: a, format: lines, column: a }\n", "Plain lines have no columns."],
    ["query: { type: https, url: 'http://example.com', format: lines }\n", "query.url: "],
    ["query: { type: https, url: 'https://u:p@example.com', format: lines }\n", "a name or a password in it"],
    [
      "query: { type: https, url: 'https://example.com', format: lines, allowPrivate: [all] }\n",
      '"all" is no range',
    ],
  ])("is refused with its place and its cure: %s", (text, message) => {
    const { lines, list } = check(HEAD + text);
    expect(lines.join("\n")).toContain(message);
    expect(list).toBeUndefined();
  });

  it("says in a list with values which keys belong to one with a query", () => {
    expect(check(`${HEAD}values: [a]\nrefresh: 15m\n`).lines[0]).toContain(
      "it belongs to a list with a query",
    );
  });
});
