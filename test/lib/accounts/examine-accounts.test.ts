import { describe, expect, it } from "vitest";
import type { CanarySeen } from "../../../lambda/forwarded-canary.ts";
import { accountsReportSchema, type Place } from "../../../lib/accounts/accounts-schema.ts";
import { openAccountsSession } from "../../../lib/accounts/accounts-session.ts";
import {
  type AccountsSession,
  examineAccounts,
  type Wiring,
} from "../../../lib/accounts/examine-accounts.ts";
import { formatAccounts } from "../../../lib/accounts/format-accounts.ts";
import { readLayout } from "../../../lib/accounts/read-layout.ts";
import { accountsCommand } from "../../../bin/commands/accounts.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const HOME = "123456789012";
const SPOKE = "210987654321";
const DETECTOR = `arn:aws:lambda:eu-west-1:${HOME}:function:detector`;
const CANARY = { every: 15, within: 15 };
const GOOD: Wiring = { isDeployed: true, rules: 19, broken: [] };

function heard(accountId: string, region: string, minutesAgo: number): CanarySeen {
  return { accountId, region, seenAt: new Date(NOW - minutesAgo * 60_000).toISOString(), latencyMs: 42_000 };
}

type World = {
  readonly layout?: unknown;
  readonly canaries?: readonly CanarySeen[] | Error;
  readonly wiring?: Readonly<Record<string, Wiring | Error>>;
};

function session({
  layout,
  canaries = [],
  wiring = {},
}: World): AccountsSession & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    account: async () => HOME,
    outputs: async () => ({
      DetectorArn: DETECTOR,
      StateTable: "state",
      ...(layout === undefined ? {} : { Layout: JSON.stringify(layout) }),
    }),
    wiring: async (region, stack, engineName, target) => {
      asked.push([region, stack, engineName, target].join(" "));
      const answer = wiring[region] ?? GOOD;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    canaries: async () => {
      if (canaries instanceof Error) throw canaries;
      return canaries;
    },
  };
}

async function examine(world: World) {
  const report = await examineAccounts(session(world), "CloudTrailEngine", "eu-west-1", NOW);
  expect(accountsReportSchema.parse(report)).toEqual(report);
  return report;
}

const summary = (places: readonly Place[]): string[] =>
  places.map(({ account, region, role, status }) => `${account} ${region} ${role} ${status}`);

describe("the report about accounts and Regions", () => {
  it("of one stack alone is about its own Region", async () => {
    const report = await examine({});
    expect(summary(report.places)).toEqual([`${HOME} eu-west-1 home wired`]);
    expect(report.findings).toBe(0);
    expect(report.limits.join()).toContain("Without a canary");
  });

  it("tells wired, silent and missing places apart, by name", async () => {
    const report = await examine({
      layout: {
        regions: ["us-east-1", "eu-north-1"],
        hub: { accounts: [SPOKE] },
        accounts: { [SPOKE]: "production" },
        canary: CANARY,
      },
      canaries: [
        heard(HOME, "eu-west-1", 3),
        heard(HOME, "us-east-1", 46),
        heard(SPOKE, "eu-west-1", 10),
        heard(SPOKE, "us-east-1", 300),
        heard(SPOKE, "ap-south-1", 1),
      ],
      wiring: { "eu-north-1": { isDeployed: false, rules: 0, broken: [] } },
    });
    expect(summary(report.places)).toEqual([
      `${HOME} eu-west-1 home wired`,
      `${HOME} us-east-1 region silent`,
      `${HOME} eu-north-1 region missing`,
      `${SPOKE} ap-south-1 spoke wired`,
      `${SPOKE} eu-north-1 spoke missing`,
      `${SPOKE} eu-west-1 spoke wired`,
      `${SPOKE} us-east-1 spoke silent`,
    ]);
    expect(report.findings).toBe(4);
    expect(report.places.at(-1)).toMatchObject({ name: "production", lastSeen: "2026-11-20T07:00:00.000Z" });
    for (const { status, cure } of report.places) expect(cure === undefined).toBe(status === "wired");
  });

  it("asks each Region for rules that lead to the right place", async () => {
    const asking = session({ layout: { regions: ["us-east-1"] } });
    await examineAccounts(asking, "CloudTrailEngine", "eu-west-1", NOW);
    expect(asking.asked).toEqual([
      `eu-west-1 CloudTrailEngine CloudTrailEngine ${DETECTOR}`,
      `us-east-1 CloudTrailEngine-us-east-1 CloudTrailEngine arn:aws:events:eu-west-1:${HOME}:event-bus/default`,
    ]);
  });

  it("takes rules that are disabled or lead elsewhere for missing, though a canary came lately", async () => {
    const { places } = await examine({
      layout: { regions: ["us-east-1"], canary: CANARY },
      canaries: [heard(HOME, "us-east-1", 1), heard(HOME, "eu-west-1", 1)],
      wiring: { "us-east-1": { isDeployed: true, rules: 19, broken: ["CloudTrailEngine.ec2-0w7xk2p"] } },
    });
    expect(places[1]).toMatchObject({ status: "missing", message: expect.stringContaining("ec2-0w7xk2p") });
  });

  it("says of a Region that was wired just now to wait", async () => {
    const { places } = await examine({
      layout: { regions: ["us-east-1"], canary: CANARY },
      canaries: [heard(HOME, "eu-west-1", 1)],
    });
    expect(places[1]).toMatchObject({
      status: "silent",
      cure: expect.stringContaining("wait for two canaries"),
    });
  });

  it("knows nothing of spokes without a canary, and says so", async () => {
    const { places, limits, findings } = await examine({ layout: { hub: { accounts: [SPOKE] } } });
    expect(places[1]).toMatchObject({ status: "unknown", cure: expect.stringContaining('"canary": {}') });
    expect(findings).toBe(0);
    expect(limits.join("\n")).toMatch(/Of a spoke only its canary is known[^]*credentials of that account/);
  });

  it("of an organisation lists whom it heard and whom the configuration names", async () => {
    const { places, limits } = await examine({
      layout: {
        hub: { organizationId: "o-a1b2c3d4e5" },
        accounts: { [HOME]: "security", "333333333333": "sandbox" },
        canary: CANARY,
      },
      canaries: [heard(HOME, "eu-west-1", 1), heard(SPOKE, "eu-west-1", 1)],
    });
    expect(summary(places)).toEqual([
      `${HOME} eu-west-1 home wired`,
      `${SPOKE} eu-west-1 spoke wired`,
      "333333333333 eu-west-1 spoke missing",
    ]);
    expect(limits.join()).toContain("o-a1b2c3d4e5");
  });

  it("hides nothing behind what cannot be asked", async () => {
    const denied = Object.assign(new Error("User is not authorized"), { name: "AccessDeniedException" });
    const { places, limits } = await examine({
      layout: { regions: ["us-east-1"], hub: { accounts: [SPOKE] }, canary: CANARY },
      canaries: denied,
      wiring: { "us-east-1": denied },
    });
    expect(summary(places)).toEqual([
      `${HOME} eu-west-1 home wired`,
      `${HOME} us-east-1 region unknown`,
      `${SPOKE} eu-west-1 spoke unknown`,
      `${SPOKE} us-east-1 spoke unknown`,
    ]);
    expect(places[1]?.cure).toContain("Allow cloudformation:DescribeStacks");
    expect(limits.join()).toContain("The canaries could not be read: AccessDeniedException");
  });

  it("is read by people, one line a place with the cure below", async () => {
    const text = formatAccounts(
      await examine({
        layout: { hub: { accounts: [SPOKE] }, accounts: { [SPOKE]: "production" }, canary: CANARY },
        canaries: [heard(HOME, "eu-west-1", 3)],
      }),
    );
    expect(text).toContain(`missing  production (${SPOKE}) eu-west-1  spoke `);
    expect(text).toContain("         cure: Deploy the spoke's stack there");
    expect(text).toMatch(/Its canary arrives\. Last one 2026-11-20T11:57:00\.000Z, after 42 s\./);
    expect(text).toMatch(/: 1 to mend\n$/);
  });
});

it.each([undefined, "", "[", "7", '{"regions":7,"hub":[],"canary":{"every":"x"}}'])(
  "a layout that is %j is that of one stack",
  (text) => {
    expect(readLayout(text)).toEqual({
      regions: [],
      accounts: undefined,
      organizationId: undefined,
      names: {},
      canary: undefined,
    });
  },
);

describe("the session", () => {
  const PREFIX = "CloudTrailEngine.";
  const pages: Record<string, unknown>[] = [
    {
      Rules: [{ Name: `${PREFIX}a`, State: "ENABLED" }, { Name: `${PREFIX}own-denials` }],
      NextToken: "more",
    },
    {
      Rules: [
        { Name: `${PREFIX}b`, State: "DISABLED" },
        { Name: `${PREFIX}c`, State: "ENABLED" },
      ],
    },
  ];
  const send = async (command: {
    readonly constructor: { readonly name: string };
    readonly input: unknown;
  }) => {
    const input = command.input as Record<string, string>;
    switch (command.constructor.name) {
      case "GetCallerIdentityCommand":
        return { Account: HOME };
      case "DescribeStacksCommand":
        if (input["StackName"] === "Gone") throw new Error("Stack with id Gone does not exist");
        return { Stacks: [{ Outputs: [{ OutputKey: "StateTable", OutputValue: "state" }] }] };
      case "ListRulesCommand":
        return input["NextToken"] === undefined ? pages[0] : pages[1];
      default:
        return { Targets: input["Rule"] === `${PREFIX}c` ? [{ Arn: "elsewhere" }] : [{ Arn: "bus" }] };
    }
  };
  const client = { send } as never;
  const open = () =>
    openAccountsSession("eu-west-1", () => ({ cloudFormation: client, eventBridge: client, sts: client }));

  it("finds rules on every page that are disabled or lead elsewhere, but not the one that only counts", async () => {
    await expect(open().wiring("us-east-1", "Stack", "CloudTrailEngine", "bus")).resolves.toEqual({
      isDeployed: true,
      rules: 3,
      broken: [`${PREFIX}b`, `${PREFIX}c`],
    });
    await expect(open().account()).resolves.toBe(HOME);
    await expect(open().outputs("Stack")).resolves.toEqual({ StateTable: "state" });
  });

  it("tells a stack that is not there from one that cannot be asked", async () => {
    await expect(open().wiring("us-east-1", "Gone", "CloudTrailEngine", "bus")).resolves.toMatchObject({
      isDeployed: false,
    });
    await expect(open().outputs("Gone")).rejects.toThrow(/no stack "Gone" in eu-west-1.*--stack NAME/);
  });
});

async function run(world: World, ...args: string[]) {
  const out: string[] = [];
  const write = (text: string): boolean => out.push(text) > 0;
  const io = { stdout: { write }, stderr: { write } } as never;
  const command = accountsCommand(
    () => session(world),
    { AWS_REGION: "eu-west-1" },
    () => NOW,
  );
  return { code: await command.run(args, io), text: out.join("") };
}

describe("the verb", () => {
  it("exits with 1 when something is silent or missing, and prints JSON for programs", async () => {
    expect((await run({})).code).toBe(0);
    const silent = { layout: { hub: { accounts: [SPOKE] }, canary: CANARY } };
    const { code, text } = await run(silent, "--format", "json");
    expect(code).toBe(1);
    expect(accountsReportSchema.parse(JSON.parse(text)).findings).toBe(2);
  });

  it("refuses what it does not know", async () => {
    await expect(run({}, "--region", "Ireland")).rejects.toThrow("is no Region");
    await expect(run({}, "--format", "yaml")).rejects.toThrow("--format takes text, json");
  });
});
