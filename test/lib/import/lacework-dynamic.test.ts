import { describe, expect, it } from "vitest";
import { valueAt } from "../../../lambda/record/untrusted.ts";
import { importLaceworkDynamic } from "../../../lib/import/lacework/lacework-dynamic.ts";

const RESOURCES =
  "{ source { LW_CFG_AWS_S3 } filter { UPPER(RESOURCE_TAGS:Environment) = 'PROD' } return distinct { ARN as resource_results } }";

function pair(
  filter: string,
  { resources = RESOURCES, source = "CloudTrailRawEvents, array_to_rows(EVENT:resources) (bucket)" } = {},
) {
  const query = `{ source { ${source} } filter { ${filter} } return distinct { INSERT_ID, EVENT } }`;
  const text = `resource_query:\n  queryId: LW_Prod_Buckets\n  queryText: |-\n    ${resources}\ndynamic_query:\n  queryId: LW_Prod_Deleted\n  queryText: |-\n    ${query}\n`;
  const { rules, lists, remarks } = importLaceworkDynamic({ file: "alert.yaml", text });
  return { rule: rules[0], list: lists[0], said: remarks.map(({ message }) => message).join(" "), remarks };
}

const conditions = (filter: string) =>
  pair(`EVENT_NAME = 'A' and ${filter}`, { source: "CloudTrailRawEvents" }).rule?.rule["conditions"];

describe("a pair of queries", () => {
  it("of the published example's shape becomes a list and a rule of its eventSource", () => {
    const { rule, list, said } = pair(
      "EVENT_SOURCE = 's3.amazonaws.com' and EVENT_NAME in ('DeleteBucket') and ERROR_CODE is null and bucket:ARN in (${query_var})",
    );
    expect(said).toBe("");
    expect(rule?.folder).toBe("s3.amazonaws.com");
    expect(rule?.rule["conditions"]).toEqual({
      all: [
        { fact: "eventName", operator: "equal", value: "DeleteBucket" },
        { fact: "errorCode", operator: "exists", value: false },
        { fact: "resources[*].ARN", operator: "someFact:inList", value: "lw-prod-buckets" },
      ],
    });
    expect(list?.stem).toBe("lw-prod-buckets");
    expect(list?.list["query"]).toMatchObject({
      type: "resource-tags",
      resourceTypes: ["s3"],
      column: "arn",
    });
    const asked: unknown = valueAt(list?.list, "query", "tags", "Environment");
    expect(asked).toHaveLength(16);
    expect(asked).toEqual(expect.arrayContaining(["PROD", "Prod", "prod"]));
  });

  it("asks for the usual spellings of a longer tag, and says so", () => {
    const { list, said } = pair("EVENT_NAME = 'A'", {
      resources: RESOURCES.replace("PROD", "PRODUCTION"),
      source: "CloudTrailRawEvents",
    });
    expect(list?.list["query"]).toMatchObject({
      tags: { Environment: ["PRODUCTION", "production", "Production"] },
    });
    expect(said).toMatch(/mixed case/);
  });

  it("with not says that the field must be there, as SQL does", () => {
    expect(
      conditions("not (EVENT:userIdentity.\"type\"::String = 'Root' or ERROR_CODE is not null)"),
    ).toEqual({
      all: [
        { fact: "eventName", operator: "equal", value: "A" },
        { fact: "userIdentity.type", operator: "exists", value: true },
        { fact: "userIdentity.type", operator: "notEqual", value: "Root" },
        { fact: "errorCode", operator: "exists", value: false },
      ],
    });
  });

  it("compares UPPER in either case, and like by its percent signs", () => {
    expect(
      conditions("UPPER(EVENT:userAgent) in ('A', 'B') and EVENT:userIdentity.arn like 'arn:%:x*'"),
    ).toEqual({
      all: [
        { fact: "eventName", operator: "equal", value: "A" },
        { any: ["A", "B"].map((value) => ({ fact: "userAgent", operator: "equalIgnoreCase", value })) },
        { fact: "userIdentity.arn", operator: "like", value: String.raw`arn:*:x\*` },
      ],
    });
  });

  it.each([
    ["another datasource", "EVENT_NAME = 'A'", { source: "LW_ACT_K8S_AUDIT" }, /CloudTrailRawEvents/],
    ["two comparisons of one row", "bucket:ARN in (${query_var}) and bucket:type = 'x'", {}, /same row/],
    ["an unknown column", "USER_ID = 'x'", {}, /USER_ID/],
    ["a function", "LENGTH(EVENT_NAME) = 3", {}, /LENGTH/],
    ["a comparison of sizes", "EVENT:x > 3", {}, /no counterpart/],
    ["UPPER of small letters", "UPPER(EVENT_NAME) = 'a'", {}, /never one of/],
    [
      "resources by more than tags",
      "EVENT_NAME = 'A'",
      { resources: RESOURCES.replace("RESOURCE_TAGS:Environment", "RESOURCE_CONFIG:Name") },
      /more than tags/,
    ],
    [
      "resources of another kind",
      "EVENT_NAME = 'A'",
      { resources: RESOURCES.replace("AWS_S3", "K8S_POD") },
      /LW_CFG_K8S_POD/,
    ],
    ["an open brace", "EVENT_NAME = 'A' and (", {}, /missing/],
    ["a strange character", "EVENT_NAME = `A`", {}, /cannot be read/],
  ])("is refused whole: %s", (_name, filter, options, reason) => {
    const { rule, list, said, remarks } = pair(filter, options);
    expect([rule, list]).toEqual([undefined, undefined]);
    expect(said).toMatch(reason);
    expect(remarks[0]?.kind).toBe("refused");
  });
});
