import { describe, expect, it, vi } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { type BackgroundPorts, buildCases } from "../../../lambda/cases/build-case.ts";
import type { CaseStore } from "../../../lambda/cases/case-store.ts";
import { makeProfiles } from "../../../lambda/cases/profile.ts";
import { deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import { processInput } from "../../../lambda/pipeline.ts";
import type { Notice } from "../../../lambda/destinations/destination.ts";
import { keyOf } from "../../../lambda/state/alert-item.ts";
import { asTable } from "../../faults/memory-table.ts";
import { sampleRecord, sampleRule } from "../alerts/sample.ts";
import { fake, makeStage } from "../delivery/stage.ts";
import { storesOver } from "./stores.ts";

const RULES = { rules: [sampleRule()], conditions: {}, lists: {}, suppressions: [] };

/** The background over one table with the pipeline, and the alert of a record that went through it. */
async function stage(changes: Partial<BackgroundPorts> = {}, record: Readonly<Record<string, unknown>> = {}) {
  const slack = fake("slack", async () => "receipt", true);
  const base = makeStage([slack]);
  const table = asTable(base.memory);
  const { cases } = storesOver(table, base.time.now);
  const failed = vi.fn<BackgroundPorts["failed"]>();
  const ports: BackgroundPorts = {
    table,
    cases,
    profiles: makeProfiles(table, 90),
    rules: () => ({ ruleSet: RULES, eventRules: deriveEventRules(RULES).eventRules }),
    history: { regions: ["eu-west-1"], allRegions: false, account: "123456789012", partition: "aws" },
    accounts: undefined,
    tell: { ...base.ports, cases, table },
    clock: base.time,
    failed,
    ...changes,
  };
  const bring = async (more: Readonly<Record<string, unknown>> = {}): Promise<Alert> => {
    const detail = sampleRecord({ ...record, ...more });
    const envelope = {
      version: "0",
      "detail-type": "AWS API Call via CloudTrail",
      source: "aws.ec2",
      detail,
    };
    await base.play(processInput(envelope, base.ports, base.invocation()));
    const alert = slack.taken.findLast(({ kind }) => kind === "first")?.alert;
    if (alert === undefined) throw new Error("no alert");
    return alert;
  };
  const alert = await bring();
  const build = (...sks: readonly (readonly [id: string, sk: string])[]) =>
    base.play(
      buildCases(
        sks.map(([id, sk], at) => ({ pk: `ALERT#${id}`, sk, sequence: String(at + 1) })),
        ports,
        base.invocation(),
      ),
    );
  const scope = (id: string, name: "details" | "investigation") =>
    cases.readScope(id, name, Date.now() + 9_000);
  return { ...base, ports, cases, slack, failed, alert, bring, build, scope };
}

const noRules = (): never => {
  throw new Error("event-rules.json is missing");
};
const later = (): number => Date.now() + 9_000;

describe("the background", () => {
  it("gives an alert its details, its investigation and its number, and tells the answers", async () => {
    const { alert, build, scope, cases, slack, failed } = await stage({}, { userIdentity: withoutMfa() });
    expect(await build([alert.id, "ALERT"])).toEqual([]);
    expect(await scope(alert.id, "details")).toMatchObject({
      state: "ready",
      value: { rule: { id: alert.rule.id }, eventRules: [{ name: expect.any(String) as string }] },
    });
    expect(await scope(alert.id, "investigation")).toMatchObject({
      scope: "investigation",
      state: "ready",
      value: {
        answers: expect.arrayContaining([
          expect.objectContaining({ id: "no-mfa", answer: "yes" }),
        ]) as unknown,
      },
    });
    expect((await cases.published({ limit: 9 }, later())).map(({ number, row }) => [number, row.id])).toEqual(
      [[1, alert.id]],
    );
    expect(slack.taken.map(({ kind }) => kind)).toEqual(["first", "answers"]);
    expect(failed).not.toHaveBeenCalled();
  });

  it("does nothing a second time", async () => {
    const { alert, build, scope, cases, slack, memory } = await stage({}, { userIdentity: withoutMfa() });
    await build([alert.id, "ALERT"]);
    const [before, known] = [await scope(alert.id, "investigation"), memory.items().length];
    expect(await build([alert.id, "ALERT"], [alert.id, "ALERT"])).toEqual([]);
    expect(await scope(alert.id, "investigation")).toEqual(before);
    expect(memory.items()).toHaveLength(known);
    expect(slack.taken.map(({ kind }) => kind)).toEqual(["first", "answers"]);
    expect(await cases.published({ limit: 9 }, later())).toHaveLength(1);
    const profile = memory.items().find(({ sk }) => sk === "PROFILE");
    expect(JSON.parse(String(profile?.["profile"]))).toMatchObject({ seen: { count: 1 } });
  });

  it("knows in an alert what the profile had before it", async () => {
    const { bring, alert, build, scope } = await stage(
      {},
      { eventTime: "2026-11-20T08:00:00Z", eventID: "one" },
    );
    await build([alert.id, "ALERT"]);
    const second = await bring({ eventTime: "2026-11-20T10:00:00Z", eventID: "two" });
    await build([second.id, "ALERT"]);
    const answerTo = async (id: string) =>
      (
        (await scope(id, "investigation")) as { value: { answers: { id: string; answer: string }[] } }
      ).value.answers.find((one) => one.id === "first-call")?.answer;
    expect([await answerTo(alert.id), await answerTo(second.id)]).toEqual(["unknown", "no"]);
  });

  it("stores why a scope is not to be had, and makes the others all the same", async () => {
    const { alert, build, scope, cases, failed } = await stage({ rules: noRules });
    expect(await build([alert.id, "ALERT"])).toEqual([]);
    expect(await scope(alert.id, "details")).toEqual({
      scope: "details",
      state: "unavailable",
      why: "It could not be computed: Error: event-rules.json is missing",
    });
    expect(await scope(alert.id, "investigation")).toMatchObject({ state: "ready" });
    expect(await cases.byNumber(1, later())).toMatchObject({ row: { id: alert.id } });
    expect(failed).toHaveBeenCalledWith(alert.id, "details", expect.any(Error));
  });

  it("publishes an alert that cannot be investigated", async () => {
    const profiles = { read: async () => Promise.reject(new Error("denied")), add: async () => undefined };
    const { alert, build, scope, cases } = await stage({ profiles });
    expect(await build([alert.id, "ALERT"])).toEqual([]);
    expect(await scope(alert.id, "investigation")).toMatchObject({
      state: "unavailable",
      why: expect.stringContaining("denied") as string,
    });
    expect(await cases.byNumber(1, later())).toBeDefined();
  });

  it.each([
    [
      "is throttled",
      Object.assign(new Error("slow down"), { name: "ProvisionedThroughputExceededException" }),
    ],
    ["is broken", Object.assign(new Error("oops"), { name: "InternalServerError", $fault: "server" })],
    ["does not answer", Object.assign(new Error("late"), { name: "TimeoutError" })],
  ])("asks again for an investigation while the table %s, and for a quarter of an hour", async (_, error) => {
    let broken = true;
    const made = await stage();
    const { alert, cases, play, invocation, wait, scope } = made;
    const profiles = makeProfiles(made.ports.table, 90);
    const ports = {
      ...made.ports,
      profiles: {
        ...profiles,
        read: async (...asked: Parameters<typeof profiles.read>) =>
          broken ? Promise.reject(error) : profiles.read(...asked),
      },
    };
    const build = (id: string) =>
      play(buildCases([{ pk: `ALERT#${id}`, sk: "ALERT", sequence: "1" }], ports, invocation()));
    expect(await build(alert.id)).toEqual(["1"]);
    expect(await cases.byNumber(1, later())).toBeDefined();
    expect(await scope(alert.id, "investigation")).toBeUndefined();
    broken = false;
    expect(await build(alert.id)).toEqual([]);
    expect(await scope(alert.id, "investigation")).toMatchObject({ state: "ready" });
    broken = true;
    const other = await made.bring({ eventID: "other" });
    await wait(15 * 60_000);
    expect(await build(other.id)).toEqual([]);
    expect(await scope(other.id, "investigation")).toMatchObject({ state: "unavailable" });
  });

  it("names what the table did not take, and only that, and works on the rest", async () => {
    const made = await stage();
    const other = await made.bring({ eventID: "other" });
    const broken = {
      ...made.ports,
      cases: {
        ...made.cases,
        writeScope: (async (id, ...rest) => {
          if (id === made.alert.id) throw new Error("throttled");
          return made.cases.writeScope(id, ...rest);
        }) satisfies CaseStore["writeScope"],
      },
    };
    const changes = [made.alert.id, other.id].map((id, at) => ({
      pk: `ALERT#${id}`,
      sk: "ALERT",
      sequence: `s${at}`,
    }));
    expect(await made.play(buildCases(changes, broken, made.invocation()))).toEqual(["s0"]);
    expect(await made.scope(other.id, "investigation")).toMatchObject({ state: "ready" });
    // The number is there although the scope is not: whoever pulls alerts sees it in time.
    expect(await made.cases.published({ limit: 9 }, later())).toHaveLength(2);
    expect(await made.build([made.alert.id, "ALERT"])).toEqual([]);
    expect(await made.scope(made.alert.id, "investigation")).toMatchObject({ state: "ready" });
  });

  it("leaves for the next invocation what it has no time for", async () => {
    const { alert, bring, ports, play, time } = await stage();
    const other = await bring({ eventID: "other" });
    const changes = [alert.id, other.id].map((id, at) => ({
      pk: `ALERT#${id}`,
      sk: "ALERT",
      sequence: `s${at}`,
    }));
    const invocation = { answersBy: time.now() + 4_000, writtenBy: time.now() + 6_000 };
    expect(await play(buildCases(changes, ports, invocation))).toEqual(["s1"]);
  });

  it("puts the count of a window into the row, and tells what a person did", async () => {
    const { alert, build, cases, ports, memory, slack, time } = await stage();
    const summary = { ...alert, count: 7, endTime: "2026-11-20T10:20:00.000Z" };
    const caller = { owner: "o", now: time.now(), deadline: time.now() + 9_000 };
    await ports.tell.store.record(summary, "summary", [], caller);
    expect(await build([alert.id, "SUMMARY"])).toEqual([]);
    expect(memory.get(keyOf(alert.id, "first"))?.["row"]).toMatchObject({ count: 7 });
    await cases.change(alert.id, { by: "alice", status: "acknowledged" }, later());
    const log = memory.items().find(({ sk }) => sk.startsWith("LOG#"));
    expect(await build([alert.id, log?.sk ?? ""])).toEqual([]);
    expect(slack.taken.map(({ kind }) => kind)).toEqual(["first", "status"]);
  });

  it("keeps no number back for a destination that hangs while it is told what a person did", async () => {
    const { alert, bring, build, cases, memory, slack, time } = await stage();
    const other = await bring({ eventID: "other" });
    await cases.change(alert.id, { by: "alice", status: "acknowledged" }, later());
    await cases.change(alert.id, { by: "alice", status: "closed", reason: "expected" }, later());
    const logs = memory.items().flatMap(({ sk }) => (sk.startsWith("LOG#") ? [sk] : []));
    const statuses: unknown[] = [];
    Object.assign(slack, {
      deliver: async ({ change }: Notice, deadline: number) => {
        statuses.push(change?.to);
        await time.sleep(Math.max(0, deadline - time.now()));
      },
    });
    const began = time.now();
    const changes = [...logs.map((sk) => [alert.id, sk] as const), [other.id, "ALERT"] as const];
    expect(await build(...changes)).toEqual([]);
    expect(await cases.published({ limit: 9 }, later())).toMatchObject([{ row: { id: other.id } }]);
    expect(statuses.filter((one) => one !== undefined)).toEqual(["acknowledged", "closed"]);
    expect(time.now() - began).toBeLessThanOrEqual(45_000);
  });

  it.each([
    ["DAYS", "told#2026-11-20"],
    ["ALERT#not-an-id", "ALERT"],
    [`ALERT#${"0".repeat(32)}`, "ALERT"],
    [`ALERT#${"0".repeat(32)}`, "SUMMARY"],
    [`ALERT#${"0".repeat(32)}`, "LOG#x"],
  ])("passes over %s / %s, which is not there or none of its own", async (pk, sk) => {
    const { ports, play, invocation, memory } = await stage();
    const before = memory.items();
    expect(await play(buildCases([{ pk, sk, sequence: "1" }], ports, invocation()))).toEqual([]);
    expect(memory.items()).toEqual(before);
  });
});

function withoutMfa(): object {
  return {
    type: "IAMUser",
    principalId: "AIDAALICE",
    arn: "arn:aws:iam::123456789012:user/alice",
    accountId: "123456789012",
    userName: "alice",
    accessKeyId: "ASIAEXAMPLE",
    sessionContext: { attributes: { mfaAuthenticated: "false" } },
  };
}
