import { describe, expect, it } from "vitest";
import type { Rule } from "../../lambda/engine/rule.ts";
import { findRegionGaps, regionalSources } from "../../lib/regions.ts";
import { callRule } from "./synthesise.ts";

const GLOBAL = [
  "cloudfront.amazonaws.com",
  "iam.amazonaws.com",
  "organizations.amazonaws.com",
  "route53.amazonaws.com",
];

describe("rules for global services", () => {
  it.each(GLOBAL)("of %s miss everything outside us-east-1", (source) => {
    expect(findRegionGaps([source], "us-east-1")).toEqual([]);
    expect(findRegionGaps([source], "eu-west-1")).toEqual([
      {
        eventSource: source,
        severity: "warning",
        message: expect.stringContaining(`Records of ${source} appear in us-east-1 only`),
      },
    ]);
  });

  it.each([
    ["cn-northwest-1", "cn-north-1"],
    ["us-gov-east-1", "us-gov-west-1"],
  ])("in %s belong to %s", (region, home) => {
    expect(findRegionGaps(["iam.amazonaws.com"], region)[0]?.message).toContain(`appear in ${home} only`);
    expect(findRegionGaps(["iam.amazonaws.com"], home)).toEqual([]);
  });
});

describe("rules for sign-ins", () => {
  it.each(["us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2"])(
    "see a part of them in %s",
    (region) => {
      expect(findRegionGaps(["signin.amazonaws.com"], region)).toMatchObject([{ severity: "note" }]);
    },
  );

  it("miss most elsewhere", () => {
    const [gap] = findRegionGaps(["signin.amazonaws.com"], "eu-west-1");
    expect(gap).toMatchObject({ severity: "warning" });
    expect(gap?.message).toContain("us-east-1, us-east-2, eu-north-1, ap-southeast-2");
  });

  it("miss them outside the home Region of GovCloud", () => {
    expect(findRegionGaps(["signin.amazonaws.com"], "us-gov-east-1")).toMatchObject([
      { severity: "warning" },
    ]);
    expect(findRegionGaps(["signin.amazonaws.com"], "us-gov-west-1")).toEqual([]);
  });
});

it("rules for STS miss calls to the global endpoint outside us-east-1", () => {
  expect(findRegionGaps(["sts.amazonaws.com"], "eu-west-1")[0]?.message).toContain("global STS endpoint");
  expect(findRegionGaps(["sts.amazonaws.com"], "us-east-1")).toEqual([]);
});

describe("the sources that have Regions of their own", () => {
  const globalRule: Rule = {
    ...callRule("ec2.amazonaws.com", "RunInstances"),
    id: "_global/named",
    eventSource: null,
    conditions: {
      any: [
        { condition: "of-organizations" },
        { all: [{ fact: "eventSource", operator: "in", value: ["iam.amazonaws.com", "ec2.amazonaws.com"] }] },
        { not: { fact: "eventSource", operator: "equal", value: "route53.amazonaws.com" } },
      ],
    },
  };
  const conditions = {
    "of-organizations": {
      all: [
        { fact: "eventSource", operator: "equal", value: "organizations.amazonaws.com" },
        { condition: "of-organizations" },
      ],
    },
  };

  it("are found in the rules' folders and in what global rules ask for", () => {
    const rules = [
      callRule("signin.amazonaws.com", "ConsoleLogin"),
      callRule("s3.amazonaws.com", "DeleteBucket"),
      globalRule,
    ];
    expect(regionalSources({ rules, conditions, lists: {}, suppressions: [] })).toEqual([
      "iam.amazonaws.com",
      "organizations.amazonaws.com",
      "signin.amazonaws.com",
    ]);
  });

  it("are none for rules on Regional services", () => {
    expect(
      regionalSources({
        rules: [callRule("s3.amazonaws.com", "DeleteBucket")],
        conditions: {},
        lists: {},
        suppressions: [],
      }),
    ).toEqual([]);
  });
});
