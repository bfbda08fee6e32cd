import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Deed } from "../../../lambda/cases/deed.ts";
import {
  boundProfile,
  makeProfiles,
  MAX_VALUES,
  noteTime,
  OCCASION_MS,
  type Profile,
  ProfileBusyError,
  withDeed,
} from "../../../lambda/cases/profile.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";

const LATER = Date.now() + 60_000;
const SLOT = OCCASION_MS / 1000;
const deed = (at: number, call = "ec2:RunInstances"): Deed => ({ at, facets: { call, region: "eu-west-1" } });

describe("the times of a profile", () => {
  const times = fc.array(fc.integer({ min: 0, max: 40 * SLOT }), { minLength: 1, maxLength: 30 });

  it("are the first and the last of the three latest half hours, in whatever order they come", () => {
    fc.assert(
      fc.property(times, (all) => {
        const noted = all.reduce<ReturnType<typeof noteTime> | undefined>(
          (known, one) => noteTime(known, one),
          undefined,
        );
        const bySlot = Object.values(Object.groupBy(all, (one) => Math.floor(one / SLOT))).map((some = []) =>
          Math.max(...some),
        );
        expect(noted).toEqual({
          first: Math.min(...all),
          lately: bySlot.toSorted((a, b) => b - a).slice(0, 3),
          count: all.length,
        });
      }),
    );
  });

  it("hold an earlier occasion than the last whenever there was one in the hour before", () => {
    fc.assert(
      fc.property(times, (all) => {
        const last = Math.max(...all);
        const earlier = all.some((one) => one < last - SLOT && one >= last - 3 * SLOT);
        const noted = all.reduce<ReturnType<typeof noteTime> | undefined>(
          (known, one) => noteTime(known, one),
          undefined,
        );
        const holds = [noted?.first ?? last, ...(noted?.lately ?? [])].some((one) => one < last - SLOT);
        expect(holds || !earlier).toBe(true);
      }),
    );
  });
});

describe("the profiles in a table", () => {
  it("hold what alerts said, each counted once", async () => {
    const profiles = makeProfiles(asTable(makeMemoryTable()), 90);
    expect(await profiles.read("alice", LATER)).toBeUndefined();
    for (const [id, at] of [
      ["a1", 1_000_000],
      ["a2", 9_000_000],
      ["a1", 1_000_000],
    ] as const)
      await profiles.add("alice", id, deed(at), Date.now(), LATER);
    await profiles.add("bob", "a3", deed(5_000_000), Date.now(), LATER);
    expect(await profiles.read("alice", LATER)).toMatchObject({
      seen: { first: 1_000, lately: [9_000, 1_000], count: 2 },
      facets: { call: { "ec2:RunInstances": { count: 2 } } },
    });
  });

  it("lose nothing when many write at once", async () => {
    const table = asTable(makeMemoryTable());
    const profiles = makeProfiles(table, 90);
    const add = async (at: number): Promise<void> => {
      await profiles
        .add("alice", `a${at}`, deed(at * 1_000, `ec2:Call${at}`), 0, LATER)
        .catch(async (error: unknown) => {
          if (!(error instanceof ProfileBusyError)) throw error;
          await add(at);
        });
    };
    await Promise.all(Array.from({ length: 20 }, (_, at) => add(at)));
    const found = await profiles.read("alice", LATER);
    expect(found?.seen.count).toBe(20);
    expect(Object.keys(found?.facets.call ?? {})).toHaveLength(20);
  });

  it("are kept for 90 days at least after the last change", async () => {
    const memory = makeMemoryTable();
    await makeProfiles(asTable(memory), 30).add("alice", "a1", deed(0), 1_000, LATER);
    expect(memory.items()[0]?.["expiresAt"]).toBe(1 + 90 * 86_400);
  });

  it("take names that JavaScript's objects have", async () => {
    const profiles = makeProfiles(asTable(makeMemoryTable()), 90);
    for (const [at, name] of ["__proto__", "constructor", "toString"].entries())
      await profiles.add("alice", name, deed(at * 1_000, name), 0, LATER);
    const calls = (await profiles.read("alice", LATER))?.facets.call ?? {};
    expect(Object.keys(calls).toSorted()).toEqual(["__proto__", "constructor", "toString"]);
    expect(Object.values(calls).map(({ count }) => count)).toEqual([1, 1, 1]);
  });
});

it("a profile keeps the values last seen, below 100 KB however long they are", () => {
  let profile: Profile | undefined;
  for (let at = 0; at < 3 * MAX_VALUES; at++) {
    const long = `${at}-`.padEnd(200, "\u{1f6a8}");
    const facets = { call: long, network: long, principal: long };
    profile = boundProfile(withDeed(profile, `alert-${at}`.padEnd(32, "0"), { at: at * 1_000, facets }));
    expect(Buffer.byteLength(JSON.stringify(profile))).toBeLessThan(100_000);
  }
  const calls = Object.keys(profile?.facets.call ?? {});
  expect(calls.length).toBeLessThanOrEqual(MAX_VALUES);
  expect(calls.map((call) => Number.parseInt(call, 10))).toContain(3 * MAX_VALUES - 1);
  expect(profile?.counted).toHaveLength(200);
  expect(profile?.seen.first).toBe(0);
});
