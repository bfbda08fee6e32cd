import { describe, expect, it } from "vitest";
import type { Rule } from "../../../lambda/engine/rule.ts";
import { type Content, hashOf } from "../../../lambda/live-rules/published.ts";
import { DESTINATIONS, ROUTING, setOf, SLACK } from "../../lib/publish/stage.ts";
import { makeStage, VPC } from "./stage.ts";

const MINUTE = 60_000;
const HIGH: Rule = { ...VPC, severity: "high" };
const CRITICAL: Rule = { ...VPC, severity: "critical" };

describe("published rules", () => {
  it("are in force from the first invocation of a sandbox on", async () => {
    const stage = makeStage();
    stage.publish([HIGH]);
    expect(await stage.severity()).toBe("high");
    expect(stage).toMatchObject({ failures: [], taken: ["published rules taken"] });
  });

  it("are looked for once a minute at most, and read again only when the pointer moved", async () => {
    const stage = makeStage();
    stage.publish([HIGH]);
    await stage.severity();
    stage.publish([CRITICAL]);
    stage.pass(MINUTE - 1);
    expect(await stage.severity()).toBe("high");
    expect(stage.asked).toBe(1);
    stage.pass(1);
    expect(await stage.severity()).toBe("critical");
    stage.pass(MINUTE);
    expect(await stage.severity()).toBe("critical");
    expect(stage).toMatchObject({ asked: 3, read: 2 });
  });

  it("are not there while nothing was published, which is no failure", async () => {
    const stage = makeStage();
    expect(await stage.severity()).toBe("floor");
    expect(stage.failures).toEqual([]);
  });

  it("give way to the deployed ones when these were rolled back to, and when others were deployed", async () => {
    const stage = makeStage();
    stage.publish([HIGH]);
    await stage.severity();
    stage.setPointer(JSON.stringify({ format: 1, published: "", by: "", deployed: true }));
    stage.pass(MINUTE);
    expect(await stage.severity()).toBe("floor");
    stage.publish([CRITICAL], { base: hashOf(setOf(HIGH)) });
    stage.pass(MINUTE);
    expect(await stage.severity()).toBe("floor");
    expect(stage.failures).toEqual([]);
    expect(stage.taken.at(-1)).toBe("published rules are older than the deployed ones");
  });

  it("get the topic and the addresses of local stand-ins from the deployment, and no address of their own", async () => {
    const stage = makeStage();
    const [topic, slack] = DESTINATIONS;
    if (topic === undefined || slack === undefined) throw new Error("two destinations");
    stage.publish([HIGH], {}, { destinations: [topic, { ...slack, endpoint: "https://evil.example" }] });
    const { destinations } = await stage.live.current();
    expect(destinations).toEqual([
      { ...topic, topicArn: "arn:aws:sns:eu-west-1:123456789012:alerts" },
      slack,
    ]);
  });
});

const BAD_CONDITION = (condition: object): Rule => ({ ...HIGH, conditions: condition as Rule["conditions"] });

describe("what cannot be used leaves the last good rules in force, and is told at each look", () => {
  it.each<[string, (stage: ReturnType<typeof makeStage>) => void, string]>([
    ["a pointer that is no JSON", (stage) => stage.setPointer("{"), "current.json is no JSON"],
    ["a pointer of another format", (stage) => stage.setPointer('{"format":2}'), "has the format 2"],
    [
      "a pointer to nothing",
      (stage) => stage.point("v99", { sha256: "0".repeat(64), size: 10 }),
      "NoSuchVersion",
    ],
    [
      "a pointer to too much",
      (stage) => stage.point("v1", { sha256: "0".repeat(64), size: 10 * 1024 * 1024 + 1 }),
      "no size up to",
    ],
    ["a pointer without a hash", (stage) => stage.point("v1", { size: 10 }), "has no SHA-256"],
    [
      "other bytes than were published",
      (stage) => stage.point(stage.publish([CRITICAL]), { sha256: "0".repeat(64), size: 10 }),
      "is not what was published",
    ],
    ["a pointer that is gone", (stage) => stage.setPointer(undefined), "is gone from the bucket"],
    [
      "content with another hash than it says",
      (stage) => void stage.publish([CRITICAL], { sha256: "f".repeat(64) }),
      "another SHA-256 than it says",
    ],
    ["no rule at all", (stage) => void stage.publish([]), "no rule at all"],
    [
      "a rule set of another shape",
      (stage) => void stage.publish([], {}, { ruleSet: {} as Content["ruleSet"] }),
      "no rules, suppressions",
    ],
    [
      "an unknown operator",
      (stage) =>
        void stage.publish([BAD_CONDITION({ all: [{ fact: "eventName", operator: "eqal", value: "x" }] })]),
      'unknown operator "eqal"',
    ],
    [
      "a condition that is not there",
      (stage) => void stage.publish([BAD_CONDITION({ condition: "gone" })]),
      'refers to the condition "gone"',
    ],
    [
      "a list that is not there",
      (stage) =>
        void stage.publish([
          BAD_CONDITION({ all: [{ fact: "eventName", operator: "inList", value: "gone" }] }),
        ]),
      'refers to the list "gone"',
    ],
    [
      "a regular expression that is none",
      (stage) =>
        void stage.publish([
          BAD_CONDITION({ all: [{ fact: "eventName", operator: "matches", value: "(" }] }),
        ]),
      "compares",
    ],
    [
      "conditions without end",
      (stage) =>
        void stage.publish([
          BAD_CONDITION(JSON.parse(`${'{"not":'.repeat(500)}{}${"}".repeat(500)}`) as object),
        ]),
      "nest more than",
    ],
    [
      "shared conditions in a circle",
      (stage) =>
        void stage.publish(
          [HIGH],
          {},
          { ruleSet: { ...setOf(HIGH), conditions: { a: { condition: "b" }, b: { condition: "a" } } } },
        ),
      "in a circle",
    ],
    ["a rule twice", (stage) => void stage.publish([HIGH, HIGH]), "is there twice"],
    [
      "a rule without a severity",
      (stage) => void stage.publish([{ ...HIGH, severity: "loud" as "low" }]),
      "no severity",
    ],
    [
      "another secret",
      (stage) =>
        void stage.publish(
          [HIGH],
          {},
          {
            destinations: [...DESTINATIONS.slice(0, 1), { ...SLACK, secret: "prod/other" }],
          },
        ),
      "a secret that it was not given",
    ],
    [
      "a route to nowhere",
      (stage) => void stage.publish([HIGH], {}, { routing: { ...ROUTING, otherwise: ["pager"] } }),
      'no destination "pager"',
    ],
  ])("%s", async (_, spoil, reason) => {
    const stage = makeStage();
    stage.publish([HIGH]);
    expect(await stage.severity()).toBe("high");
    spoil(stage);
    stage.pass(MINUTE);
    expect(await stage.severity()).toBe("high");
    stage.pass(MINUTE);
    expect(await stage.severity()).toBe("high");
    expect(stage.failures).toEqual([expect.stringContaining(reason), expect.stringContaining(reason)]);
    stage.publish([CRITICAL]);
    stage.pass(MINUTE);
    expect(await stage.severity()).toBe("critical");
  });
});

describe("a slow bucket", () => {
  it("holds up no invocation: what comes late is used by a later one", async () => {
    const stage = makeStage();
    stage.publish([HIGH]);
    await stage.severity();
    stage.hangs = true;
    stage.publish([CRITICAL]);
    stage.pass(MINUTE);
    const during = stage.severity();
    stage.tooLate();
    expect(await during).toBe("high");
    expect(stage.failures).toEqual([]);
  });

  it("leaves the deployed rules to the first invocation, and says so", async () => {
    const stage = makeStage();
    stage.hangs = true;
    const first = stage.severity();
    stage.tooLate();
    expect(await first).toBe("floor");
    expect(stage.failures).toEqual([expect.stringContaining("did not answer within 3000 ms")]);
  });

  it("two invocations at once work with one set each, and ask once", async () => {
    const stage = makeStage();
    stage.publish([HIGH]);
    const both = await Promise.all([stage.live.current(), stage.live.current()]);
    expect(both[0]).toBe(both[1]);
    stage.publish([CRITICAL]);
    stage.pass(MINUTE);
    const next = await stage.live.current();
    expect([both[0].severity, next.severity, stage.asked]).toEqual(["high", "critical", 2]);
  });
});
