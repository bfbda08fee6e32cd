/**
 * In every layout each record that a rule can match reaches the detector exactly once, whatever account and Region it is
 * of: through the rules there, over at most one hop, and through the rules at home. What is nowhere wired does not arrive.
 */
import { fileURLToPath } from "node:url";
import { App, type Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import { loadRules } from "../../lambda/loader/load-rules.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import type { CloudTrailRecord, Envelope } from "../../lambda/record/record.ts";
import { addStacks } from "../../lib/app-stacks.ts";
import { dayRecords } from "../../lib/day/day.ts";
import { busArn, fitsConditions, openBuses, roleArn, roleName } from "./simulated-buses.ts";
import { NO_BUNDLING, resourcesOf } from "./synthesise.ts";

const DIRECTORY = fileURLToPath(new URL("../..", import.meta.url));
const HOME = "123456789012";
const ACCOUNTS = ["210987654321", "000000000042", "333333333333"];
const REGIONS = ["eu-west-1", "us-east-1", "ap-southeast-2", "eu-north-1"];
const ORGANISATION = "o-a1b2c3d4e5";

type Layout = {
  readonly home: string;
  readonly regions: readonly string[];
  /** The Regions of each spoke; the first is where its app is deployed. */
  readonly spokes: Readonly<Record<string, readonly string[]>>;
  readonly admits: "accounts" | "organisation";
};

/** The stacks of an app with this context, in this account and Region. */
function add(context: Record<string, unknown>, account: string, region: string): Stack[] {
  return addStacks(new App({ context: { ...NO_BUNDLING, ...context } }), {
    directory: DIRECTORY,
    warn: () => undefined,
    env: { account, region },
  });
}

function stacksOf({ home, regions, spokes, admits }: Layout): Stack[] {
  const accounts = Object.keys(spokes);
  const hub =
    admits === "organisation"
      ? { organizationId: ORGANISATION }
      : accounts.length === 0
        ? undefined
        : { accounts };
  const engine = {
    regions: regions.filter((one) => one !== home),
    canary: {},
    ...(hub === undefined ? {} : { hub }),
  };
  return [
    ...add({ engine }, HOME, home),
    ...Object.entries(spokes).flatMap(([account, [first = home, ...more]]) =>
      // The hub's own cdk.json serves its spokes.
      add(
        {
          engine: { ...engine, regions: more },
          hubBusArn: busArn({ account: HOME, region: home }),
        },
        account,
        first,
      ),
    ),
  ];
}

const someRegions = (minLength: number) => fc.shuffledSubarray(REGIONS, { minLength });
const layouts: fc.Arbitrary<Layout> = fc.record({
  home: fc.constantFrom(...REGIONS),
  regions: someRegions(0),
  spokes: fc
    .shuffledSubarray(ACCOUNTS)
    .chain((accounts) =>
      fc
        .tuple(...accounts.map(() => someRegions(1)))
        .map((all) => Object.fromEntries(accounts.map((account, at) => [account, all[at] ?? []]))),
    ),
  admits: fc.constantFrom("accounts", "organisation"),
});

const day = dayRecords();
const { ruleSet } = loadRules("rules");
const derived = compileEventRules(deriveEventRules(ruleSet).eventRules);
const organisations = Object.fromEntries([HOME, ...ACCOUNTS].map((account) => [account, ORGANISATION]));

/** The record as it would be of another account and Region. */
function moved(record: CloudTrailRecord, account: string, region: string): Envelope {
  const reading = readEnvelope({ ...record, recipientAccountId: account, awsRegion: region });
  if (!reading.ok) throw new Error(reading.reason);
  return reading.envelope;
}

describe("in every layout", () => {
  it("each record that a rule can match reaches the detector once, and others never do", {
    timeout: 120_000,
  }, () => {
    const matched = day.map((record) => derived(moved(record, HOME, "eu-west-1")).length);
    expect(new Set(matched)).toEqual(new Set([0, 1]));
    fc.assert(
      fc.property(layouts, (layout) => {
        const buses = openBuses(stacksOf(layout), organisations);
        const wired = new Set(buses.arns);
        for (const account of [HOME, ...ACCOUNTS]) {
          for (const region of REGIONS) {
            const isWired = wired.has(busArn({ account, region }));
            const isAsked =
              account === HOME
                ? region === layout.home || layout.regions.includes(region)
                : layout.spokes[account]?.includes(region) === true;
            expect(isWired).toBe(isAsked);
            for (const [index, record] of day.entries()) {
              const fate = buses.put(moved(record, account, region));
              if (fate.refused.length > 0 || fate.reached !== (isWired ? matched[index] : 0))
                throw new Error(`${account} ${region} record ${index}: ${JSON.stringify(fate)}`);
            }
          }
        }
      }),
      { numRuns: 10 },
    );
  });
});

const twoPlaces: Layout = {
  home: "eu-west-1",
  regions: ["us-east-1"],
  spokes: { "210987654321": ["eu-west-1"] },
  admits: "accounts",
};

function denied(role: string, account: string): CloudTrailRecord {
  return {
    eventVersion: "1.11",
    eventSource: "secretsmanager.amazonaws.com",
    eventName: "DeleteSecret",
    eventType: "AwsApiCall",
    eventID: "11111111-2222-3333-4444-555555555555",
    eventTime: "2026-11-20T10:00:00Z",
    eventCategory: "Management",
    awsRegion: "eu-west-1",
    readOnly: false,
    managementEvent: true,
    errorCode: "AccessDenied",
    recipientAccountId: account,
    sourceIPAddress: "192.0.2.1",
    userAgent: "Mozilla/5.0",
    userIdentity: {
      type: "AssumedRole",
      accountId: account,
      arn: `arn:aws:sts::${account}:assumed-role/${role}/x`,
      sessionContext: {
        sessionIssuer: {
          type: "Role",
          userName: role,
          arn: `arn:aws:iam::${account}:role/${role}`,
          accountId: account,
        },
      },
    },
    requestParameters: null,
    responseElements: null,
  };
}

describe("the engine's own calls", () => {
  const stacks = stacksOf(twoPlaces);
  const buses = openBuses(stacks, organisations);
  const [spoke = ""] = Object.keys(twoPlaces.spokes);
  const detector = roleName("DetectorRole00000000");
  const forwarder = roleName("ForwarderRole00000000");

  it("are left out where the detector is, but not those of a role that a spoke gave the detector's name", () => {
    expect(roleArn("DetectorRole00000000", { account: HOME, region: "" })).toContain(detector);
    expect(buses.put(moved(denied("Admin", HOME), HOME, "eu-west-1"))).toMatchObject({ reached: 1 });
    expect(buses.put(moved(denied(detector, HOME), HOME, "eu-west-1"))).toEqual({ reached: 0, refused: [] });
    expect(buses.put(moved(denied(detector, spoke), spoke, "eu-west-1"))).toMatchObject({ reached: 1 });
  });

  it("made to forward are not forwarded", () => {
    expect(buses.put(moved(denied("Admin", spoke), spoke, "eu-west-1"))).toMatchObject({ reached: 1 });
    expect(buses.put(moved(denied(forwarder, spoke), spoke, "eu-west-1"))).toEqual({
      reached: 0,
      refused: [],
    });
  });
});

describe("a hub", () => {
  it("takes nothing from an account that it does not name", () => {
    const stranger = "444444444444";
    const without = stacksOf(twoPlaces).slice(0, 2);
    const theirs = stacksOf({ ...twoPlaces, spokes: { [stranger]: ["eu-west-1"] } }).slice(2);
    const record = day.find((one) => derived(moved(one, HOME, "eu-west-1")).length === 1);
    if (record === undefined) throw new Error("no record matches");
    const fate = openBuses([...without, ...theirs]).put(moved(record, stranger, "eu-west-1"));
    expect(fate).toEqual({
      reached: 0,
      refused: [`${busArn({ account: HOME, region: "eu-west-1" })} does not admit ${stranger}`],
    });
  });

  it("admits every record of the day by source and detail-type, and no event of another kind", () => {
    const [home] = stacksOf(twoPlaces);
    if (home === undefined) throw new Error("no stack");
    const [[, policy] = []] = resourcesOf(Template.fromStack(home), "AWS::Events::EventBusPolicy");
    const statement = policy?.Properties["Statement"] as Record<string, unknown>;
    for (const record of day) expect(fitsConditions(statement, moved(record, HOME, "eu-west-1"))).toBe(true);
    const [first] = day;
    if (first === undefined) throw new Error("no record");
    const other = {
      ...moved(first, HOME, "eu-west-1"),
      "detail-type": "EC2 Instance State-change Notification",
    };
    expect(fitsConditions(statement, other)).toBe(false);
    expect(fitsConditions(statement, { ...moved(first, HOME, "eu-west-1"), source: "com.example" })).toBe(
      false,
    );
  });
});
