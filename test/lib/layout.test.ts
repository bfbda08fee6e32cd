import { describe, expect, it } from "vitest";
import { checkLayout } from "../../lib/check-layout.ts";
import { readConfig } from "../../lib/config.ts";
import { partitionOf, readBusArn } from "../../lib/layout-schema.ts";
import { findRegionGaps } from "../../lib/regions.ts";

const BUS = "arn:aws:events:eu-west-1:123456789012:event-bus/default";

describe("Regions and accounts in the configuration", () => {
  it("are none unless somebody names them", () => {
    const { config } = readConfig({});
    expect([config.regions, config.accounts, config.hub, config.spoke]).toEqual(Array(4).fill(undefined));
  });

  it.each([
    { regions: ["us-east-1", "eusc-de-east-1"] },
    { accounts: { "000000000042": "production · eu" } },
    { hub: { accounts: ["210987654321"] }, regions: ["us-east-1"] },
    { hub: { organizationId: "o-a1b2c3d4e5" } },
    { spoke: { hubBusArn: BUS }, regions: ["us-east-1"] },
  ])("may be %j", (given) => {
    const { config, problems } = readConfig(given);
    expect(problems).toEqual([]);
    expect(config).toMatchObject(given);
  });

  it.each([
    [{ regions: "eu-west-1" }, /engine\.regions: This is no list\. Write Regions in brackets/],
    [{ regions: ["Ireland"] }, /engine\.regions\[0\]: "Ireland" is no Region\. Write it as eu-west-1/],
    [{ regions: ["us-east-1", "us-east-1"] }, /engine\.regions\[1\]: "us-east-1" is there twice/],
    [{ accounts: ["1"] }, /engine\.accounts: This is no object/],
    [{ accounts: { "42": "x" } }, /engine\.accounts\.42: "42" is no account id\. Write its twelve digits/],
    [{ accounts: { "123456789012": "" } }, /This is empty\. Write the account's name/],
    [{ accounts: { "123456789012": "a\nb" } }, /holds a line break.*Write plain text/],
    [{ accounts: { "123456789012": "a\u202eb" } }, /hidden character/],
    [{ accounts: { "123456789012": "x".repeat(65) } }, /longer than 64 characters\. Shorten/],
    [{ hub: {} }, /engine\.hub: nobody is named\. Write "accounts" or "organizationId"/],
    [
      { hub: { accounts: ["210987654321"], organizationId: "o-a1b2c3d4e5" } },
      /engine\.hub: "accounts" and "organizationId" both .* Write one/,
    ],
    [{ hub: { accounts: [210987654321] } }, /is no text\. Write an account id in quotes/],
    [{ hub: { accounts: ["210987654321", "210987654321"] } }, /hub\.accounts\[1\].*twice/],
    [
      { hub: { accounts: Array.from({ length: 201 }, (_, at) => String(at).padStart(12, "0")) } },
      /More than 200 accounts.*Write "organizationId" instead/,
    ],
    [{ hub: { organizationId: "r-1234" } }, /is no id of an organisation.*describe-organization/],
    [{ hub: { account: ["210987654321"] } }, /engine\.hub\.account: there is no such setting.*accounts/],
    [{ spoke: {} }, /engine\.spoke\.hubBusArn: this is missing/],
    [{ spoke: { hubBusArn: BUS.replace("default", "mine") } }, /no ARN of a default event bus.*HubBusArn/],
    [
      { spoke: { hubBusArn: BUS }, hub: { accounts: ["210987654321"] } },
      /a spoke cannot be a hub.*second hop/,
    ],
    [
      { spoke: { hubBusArn: BUS }, regions: ["cn-north-1"] },
      /engine\.regions\[0\]: cn-north-1 is in partition aws-cn and the hub in aws/,
    ],
  ])("may not be %j", (given, problem) => {
    const { problems } = readConfig(given);
    expect(problems.join("\n")).toMatch(problem);
  });

  it("do not bring down what is right beside them", () => {
    const { config, problems } = readConfig({
      regions: ["Ireland"],
      accounts: { "123456789012": "production" },
    });
    expect(problems).toHaveLength(1);
    expect(config.accounts).toEqual({ "123456789012": "production" });
  });
});

describe("a layout, where the home is known,", () => {
  const home = { account: "123456789012", region: "eu-west-1" };

  it.each([
    [{ regions: ["eu-west-1"] }, /regions\[0\]: "eu-west-1" is where the stack itself is\. Take it out/],
    [{ regions: ["us-gov-west-1"] }, /another partition than eu-west-1/],
    [{ hub: { accounts: ["123456789012"] } }, /is the hub's own account\. Take it out, and name .*"regions"/],
    [{ spoke: { hubBusArn: BUS } }, /this is account 123456789012 itself, the hub/],
    [
      { spoke: { hubBusArn: BUS.replace("aws", "aws-cn").replace("123456789012", "210987654321") } },
      /spoke\.hubBusArn: eu-west-1 is in partition aws and the hub in aws-cn/,
    ],
  ])("may not be %j", (layout, problem) => {
    expect(checkLayout(layout, home).join("\n")).toMatch(problem);
    expect(checkLayout(layout).join("\n")).not.toMatch(problem);
  });

  it("lets a spoke forward from the hub's Region, in one hop", () => {
    expect(checkLayout({ spoke: { hubBusArn: BUS } }, { ...home, account: "210987654321" })).toEqual([]);
  });
});

it("a bus is read from its ARN, and nothing else is one", () => {
  expect(readBusArn(BUS)).toEqual({ partition: "aws", region: "eu-west-1", account: "123456789012" });
  expect(readBusArn(`${BUS}/x`)).toBeUndefined();
  expect(readBusArn(`x${BUS}`)).toBeUndefined();
});

it.each([
  ["eu-west-1", "aws"],
  ["cn-north-1", "aws-cn"],
  ["us-gov-west-1", "aws-us-gov"],
  ["us-isob-east-1", "aws-iso-b"],
  ["us-iso-east-1", "aws-iso"],
  ["eusc-de-east-1", "aws-eusc"],
])("%s is of partition %s", (region, partition) => {
  expect(partitionOf(region)).toBe(partition);
});

describe("warnings about Regions", () => {
  const ALL = ["us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2"];

  it("end with the Regions that are forwarded", () => {
    const sources = ["iam.amazonaws.com", "signin.amazonaws.com", "sts.amazonaws.com"];
    expect(findRegionGaps(sources, "eu-west-1").map(({ severity }) => severity)).toEqual(
      Array(3).fill("warning"),
    );
    expect(findRegionGaps(sources, "eu-west-1", ALL)).toEqual([]);
    expect(findRegionGaps(sources, "us-east-1", ALL.slice(1))).toEqual([]);
    expect(findRegionGaps(["signin.amazonaws.com"], "us-gov-east-1", ["us-gov-west-1"])).toEqual([]);
  });

  it("name the Regions of sign-ins that are left", () => {
    const [gap] = findRegionGaps(["signin.amazonaws.com"], "eu-west-1", ["us-east-1", "eu-north-1"]);
    expect(gap).toMatchObject({ severity: "note" });
    expect(gap?.message).toContain("recorded in us-east-2, ap-southeast-2, too");
    const [worse] = findRegionGaps(["signin.amazonaws.com"], "eu-west-1", ["eu-north-1"]);
    expect(worse).toMatchObject({ severity: "warning" });
  });
});
