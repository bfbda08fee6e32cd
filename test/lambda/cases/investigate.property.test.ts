/**
 * Yes and no against what was really done: whatever of it alerted, however CloudTrail's history was asked and however
 * late it shows things, no answer says what is not so; and where everything was to be had, hardly any is unknown.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { ask, DAY, type Done, type Knowledge, MINUTE, NOW, REGIONS } from "./history.ts";

const SPAN = 60 * DAY;
const OCCASION = 30 * MINUTE;

const ago = fc.oneof(
  fc.integer({ min: 1, max: 100 * 24 * 60 }).map((minutes) => minutes * MINUTE),
  fc
    .constantFrom(1, 29, 30, 31, 45, 59 * 24 * 60, 60 * 24 * 60, 61 * 24 * 60)
    .map((minutes) => minutes * MINUTE),
);
const by = fc.constantFrom("alice", "bob", "deploy", "root", "sso");
const common = {
  ip: fc.constantFrom("192.0.2.1", "192.0.2.200", "198.51.100.7", "2001:db8::1"),
  how: fc.constantFrom("console", "terraform", "cli"),
  region: fc.constantFrom(...REGIONS),
  mfa: fc.constantFrom("yes", "no", "key"),
  failed: fc.boolean(),
} as const;
const call = fc.constantFrom("RunInstances", "RunInstances", "DeleteVpc", "ConsoleLogin", "AssumeRoot");
const done: fc.Arbitrary<Done> = fc
  .record({ by, call, ago, ...common })
  .map(({ ago: before, ...one }) => asCloudTrail({ ...one, at: NOW - before }));
const inHand: fc.Arbitrary<Done> = fc
  .record({ by, call, ...common })
  .map((one) => asCloudTrail({ ...one, at: NOW }));

/** Roles neither sign in nor have keys. */
function asCloudTrail(one: Done): Done {
  const isRole = one.by === "deploy" || one.by === "sso";
  if (!isRole) return one;
  return {
    ...one,
    call: one.call === "ConsoleLogin" ? "DeleteVpc" : one.call,
    mfa: one.mfa === "key" ? "no" : one.mfa,
  };
}

const knowledge: fc.Arbitrary<Knowledge> = fc.record({
  alerted: fc.uniqueArray(fc.nat({ max: 25 }), { maxLength: 12 }),
  remembers: fc.constantFrom("alerts", "profile", "both"),
  history: fc.constantFrom("off", "throttled", "here", "everywhere", "everywhere"),
  shows: fc.constantFrom("late", "at-once"),
  later: fc.constantFrom(MINUTE, 10 * MINUTE, 3 * 60 * MINUTE, 20 * DAY, 40 * DAY),
});

/** Alice is made, and perhaps made again; what she does before is somebody else's. */
const lives = fc.array(ago, { minLength: 1, maxLength: 2 }).map((times) => times.toSorted((a, b) => b - a));

const network = (ip: string): string => (ip.includes(":") ? "v6" : ip.slice(0, ip.lastIndexOf(".")));
const FACETS = {
  "first-call": (one: Done) => one.call,
  "first-network": (one: Done) => network(one.ip),
  // A sign-in is made in the console, whatever the agent.
  "first-channel": (one: Done) => (one.call === "ConsoleLogin" ? "console" : one.how),
  "first-region": (one: Done) => one.region,
} as const;

/** Whether everything was to be had of CloudTrail's history. */
const isWhole = ({ history, later }: Knowledge): boolean => history === "everywhere" && later < 30 * DAY;

const without = (one: Done): boolean => {
  if (one.call === "ConsoleLogin") return one.mfa !== "yes" && one.failed !== true;
  // Of a person of Identity Center CloudTrail does not tell.
  return one.mfa !== "yes" && one.by !== "sso";
};
const signIn = (one: Done): boolean => one.call === "ConsoleLogin" && without(one);
const root = (one: Done): boolean =>
  one.by === "root" && !(one.call === "ConsoleLogin" && one.failed === true);
const asked = (one: Done): boolean => one.by !== "root" && one.call === "AssumeRoot" && one.failed !== true;

it("a first time is never claimed of a second, nor a second of a first; known where all was asked", async () => {
  await fc.assert(
    fc.asyncProperty(inHand, fc.array(done, { maxLength: 25 }), knowledge, async (hand, past, known) => {
      const answers = await ask(hand, past, known);
      const own = past.filter((one) => one.by === hand.by && one.at >= NOW - SPAN && one.at < NOW - OCCASION);
      const wrong = Object.entries(FACETS).filter(([id, facet]) => {
        const answer = answers[id]?.answer ?? "missing";
        const truth = own.some((one) => facet(one) === facet(hand)) ? "no" : "yes";
        // All that a role did cannot be asked for.
        const isKnown = isWhole(known) && (hand.by !== "deploy" || id === "first-call");
        return answer !== truth && (answer !== "unknown" || isKnown);
      });
      expect(wrong).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

it("nobody is said to be without a second factor, or to have used root, who was not, nor the other way round", async () => {
  await fc.assert(
    fc.asyncProperty(inHand, fc.array(done, { maxLength: 25 }), knowledge, async (hand, past, known) => {
      const answers = await ask(hand, past, known);
      const sixty = [hand, ...past.filter((one) => one.at >= NOW - SPAN)];
      const settled = sixty.filter((one) => one === hand || one.at < NOW - OCCASION);
      const own = (all: readonly Done[]): Done[] => all.filter((one) => one.by === hand.by);
      const truths: Record<string, { readonly yes: boolean; readonly no: boolean }> = {
        "no-mfa": { yes: own(sixty).some(without), no: !own(settled).some(without) && hand.by !== "sso" },
        "sign-in-no-mfa": { yes: own(sixty).some(signIn), no: !own(settled).some(signIn) },
        "used-root": {
          yes: own(sixty).some((one) => root(one) || asked(one)),
          no: !settled.some((one) => root(one) || asked(one)),
        },
        "root-in-use": { yes: sixty.some(root), no: !settled.some(root) },
      };
      const wrong = Object.entries(truths).filter(([id, truth]) => {
        const answer = answers[id]?.answer ?? "unknown";
        if (answer === "unknown") return id === "root-in-use" && isWhole(known);
        return !truth[answer];
      });
      expect(wrong).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

it("a user is called new, or not, only when that is so", async () => {
  await fc.assert(
    fc.asyncProperty(lives, fc.array(ago, { maxLength: 8 }), knowledge, async (made, times, known) => {
      const admin = { by: "root", ip: "192.0.2.1", how: "cli", mfa: "yes" } as const;
      const making = made.map(
        (before, nth): Done => ({
          ...admin,
          at: NOW - before,
          call: "CreateUser",
          region: "us-east-1",
          user: "alice",
          made: `AIDAALICE${nth + 1}`,
        }),
      );
      const lifeAt = (at: number): number => making.filter((one) => one.at <= at).length;
      const acts = times.flatMap((before): Done[] => {
        const at = NOW - before;
        const life = lifeAt(at);
        return life === 0
          ? []
          : [
              {
                by: "alice",
                at,
                call: "DeleteVpc",
                ip: "192.0.2.1",
                how: "cli",
                region: "us-east-1",
                mfa: "yes",
                life,
              },
            ];
      });
      const hand: Done = {
        by: "alice",
        at: NOW,
        call: "DeleteVpc",
        ip: "192.0.2.1",
        how: "cli",
        region: "us-east-1",
        mfa: "yes",
        life: made.length,
      };
      const { "new-user": answered } = await ask(hand, [...acts, ...making], known);
      const isNew = Math.min(...made) <= 60 * DAY;
      expect(["unknown", isNew ? "yes" : "no"]).toContain(answered?.answer);
    }),
    { numRuns: 300 },
  );
});

it("what is usual is what most did", async () => {
  const calls = fc.array(
    done.map((one): Done => Object.assign({}, one, { call: "RunInstances", region: "us-east-1" })),
    { maxLength: 25 },
  );
  await fc.assert(
    fc.asyncProperty(inHand, calls, knowledge, async (given, past, known) => {
      const hand: Done = { ...given, call: "RunInstances", region: "us-east-1" };
      const { "usually-iac": answered } = await ask(hand, past, known);
      const earlier = past.filter((one) => one.at >= NOW - SPAN && one.at < NOW - OCCASION);
      const isUsual = 2 * earlier.filter((one) => one.how === "terraform").length > earlier.length;
      const truth = isUsual ? "yes" : "no";
      const isKnown = isWhole(known) && earlier.length >= 5;
      expect(isKnown ? [truth] : [truth, "unknown"]).toContain(answered?.answer);
    }),
    { numRuns: 200 },
  );
});
