import { describe, expect, it } from "vitest";
import { readCanaries, silentOf, watchCanaries } from "../../lambda/forwarded-canary.ts";
import type { Table } from "../../lambda/state/table.ts";
import { makeMemoryTable } from "../faults/memory-table.ts";

const HOME_ROLE = "arn:aws:iam::123456789012:role/CloudTrailEngine-CanaryRole-1A2B";
const TIMES = { every: 15, within: 15 };
const START = Date.parse("2026-11-20T10:00:00Z");
const MINUTE = 60_000;

function sung(changes: Readonly<Record<string, unknown>> = {}, role?: string): Record<string, unknown> {
  const account = "210987654321";
  return {
    eventSource: "ssm.amazonaws.com",
    eventName: "PutParameter",
    eventTime: "2026-11-20T10:00:00Z",
    awsRegion: "eu-central-1",
    recipientAccountId: account,
    userIdentity: {
      type: "AssumedRole",
      sessionContext: {
        sessionIssuer: {
          arn: role ?? `arn:aws:iam::${account}:role/cloudtrail-engine-canary-eu-central-1-0a1b2c3d4e5f`,
        },
      },
    },
    requestParameters: { name: "/cloudtrail-engine/canary/0a1b2c3d4e5f", overwrite: true },
    ...changes,
  };
}

const home = (eventTime: string): Record<string, unknown> =>
  sung({ eventTime, awsRegion: "eu-west-1", recipientAccountId: "123456789012" }, HOME_ROLE);

/** A detector whose clock the test moves. */
function stage() {
  const memory = makeMemoryTable();
  const table: Pick<Table, "put" | "query"> = {
    put: async (item, condition) => memory.put(item, condition),
    query: async (pk, range) => memory.query(pk, range),
  };
  const lines: Record<string, unknown>[] = [];
  const time = { now: START };
  const watch = watchCanaries(HOME_ROLE, TIMES, {
    table,
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    now: () => time.now,
  });
  const seen = () => readCanaries(table, time.now, Infinity);
  return { watch: (record: unknown) => watch(record, Infinity), time, lines, seen, memory };
}

describe("a canary from another account or Region", () => {
  it("is known, and when it sang is kept for its account and Region", async () => {
    const { watch, time, seen, lines } = stage();
    time.now = START + 90_000;
    await expect(watch(sung())).resolves.toBe(true);
    expect(await seen()).toEqual([
      {
        accountId: "210987654321",
        region: "eu-central-1",
        seenAt: "2026-11-20T10:00:00.000Z",
        latencyMs: 90_000,
      },
    ]);
    // The alarm on lateness is about the home Region's own canary.
    expect(lines).toEqual([]);
  });

  it.each([
    ["of another call", { eventName: "GetParameter" }],
    ["of another service", { eventSource: "ec2.amazonaws.com" }],
    ["of another parameter", { requestParameters: { name: "/prod/key" } }],
    ["without a parameter", { requestParameters: null }],
    ["of another account than its role", { recipientAccountId: "333333333333" }],
    ["without an account", { recipientAccountId: undefined }],
    ["of another Region than its role", { awsRegion: "eu-west-1" }],
    ["without a Region", { awsRegion: ["eu-central-1"] }],
  ])("is none when the record is %s", async (_, changes) => {
    const { watch, seen } = stage();
    await expect(watch(sung(changes))).resolves.toBe(false);
    expect(await seen()).toEqual([]);
  });

  it.each([
    "arn:aws:iam::210987654321:user/cloudtrail-engine-canary-eu-central-1-0a1b2c3d4e5f",
    "arn:aws:iam::210987654321:role/path/cloudtrail-engine-canary-eu-central-1-0a1b2c3d4e5f",
    "arn:aws:sts::210987654321:role/cloudtrail-engine-canary-eu-central-1-0a1b2c3d4e5f",
    "cloudtrail-engine-canary-eu-central-1-0a1b2c3d4e5f",
  ])("is none when the role is %s", async (role) => {
    await expect(stage().watch(sung({}, role))).resolves.toBe(false);
  });

  it.each([undefined, null, 7, "x", [], {}, { userIdentity: [] }])(
    "is none when the record is %j",
    async (record) => {
      await expect(stage().watch(record)).resolves.toBe(false);
    },
  );

  it("is no sign of life without a time, nor beyond its time when its clock is ahead", async () => {
    const { watch, seen } = stage();
    await expect(watch(sung({ eventTime: "soon" }))).resolves.toBe(true);
    expect(await seen()).toEqual([]);
    await watch(sung({ eventTime: "2036-01-01T00:00:00Z" }));
    expect(await seen()).toMatchObject([{ seenAt: "2026-11-20T10:00:00.000Z", latencyMs: 0 }]);
  });

  it("that comes late undoes no later one", async () => {
    const { watch, seen, time } = stage();
    time.now = START + 60 * MINUTE;
    await watch(sung({ eventTime: "2026-11-20T10:45:00Z" }));
    await watch(sung({ eventTime: "2026-11-20T10:30:00Z" }));
    expect(await seen()).toMatchObject([{ seenAt: "2026-11-20T10:45:00.000Z" }]);
  });
});

describe("with each canary of the home Region", () => {
  it("its lateness is measured, and those that came before and come no more are counted", async () => {
    const { watch, time, lines } = stage();
    await watch(sung());
    time.now = START + 46 * MINUTE;
    await watch(home("2026-11-20T10:45:00Z"));
    expect(lines).toMatchObject([
      { CanaryLatencyMs: MINUTE },
      {
        CanariesSilent: 1,
        level: "warn",
        silent: [{ accountId: "210987654321", region: "eu-central-1", seenAt: "2026-11-20T10:00:00.000Z" }],
      },
    ]);
  });

  it("a canary is not silent that was missed once, and no more silent when it comes again", async () => {
    const { watch, time, lines } = stage();
    await watch(sung());
    time.now = START + 45 * MINUTE;
    await watch(home("2026-11-20T10:44:00Z"));
    expect(lines.at(-1)).toMatchObject({ CanariesSilent: 0 });
    time.now = START + 100 * MINUTE;
    await watch(sung({ eventTime: "2026-11-20T11:39:00Z" }));
    await watch(home("2026-11-20T11:39:30Z"));
    expect(lines.at(-1)).toMatchObject({ CanariesSilent: 0 });
    expect(lines.at(-1)).not.toHaveProperty("silent");
  });

  it("an account that was taken away is forgotten after a week", async () => {
    const { watch, time, lines, seen } = stage();
    await watch(sung());
    time.now = START + 8 * 24 * 60 * MINUTE;
    await watch(home("2026-11-28T10:00:00Z"));
    expect(lines.at(-1)).toMatchObject({ CanariesSilent: 0 });
    expect((await seen()).map(({ accountId }) => accountId)).toEqual(["123456789012"]);
  });

  it("the table may expire the items, and what somebody else wrote there is passed over", async () => {
    const { watch, memory, seen } = stage();
    await watch(sung());
    const [item] = memory.items();
    expect(item).toMatchObject({
      pk: "CANARY",
      sk: "210987654321#eu-central-1",
      expiresAt: (START + 7 * 24 * 60 * MINUTE) / 1000,
    });
    memory.put({ pk: "CANARY", sk: "x", seenAt: "soon", accountId: 1 }, undefined);
    expect(await seen()).toHaveLength(1);
  });
});

it("a table that fails fails the invocation, so that Lambda tries again", async () => {
  const watch = watchCanaries(undefined, TIMES, {
    table: {
      put: () => Promise.reject(new Error("throttled")),
      query: () => Promise.reject(new Error("throttled")),
    },
    write: () => undefined,
    now: () => START,
  });
  await expect(watch(sung(), Infinity)).rejects.toThrow("throttled");
});

it("silence is two canaries and their lateness", () => {
  const seen = { accountId: "1", region: "eu-west-1", seenAt: new Date(START).toISOString(), latencyMs: 0 };
  expect(silentOf([seen], { every: 5, within: 20 }, START + 30 * MINUTE)).toEqual([]);
  expect(silentOf([seen], { every: 5, within: 20 }, START + 30 * MINUTE + 1)).toEqual([seen]);
});
