/** The rules and the records of the proof: records of each kind match none, one or two rules. */
import { hash } from "node:crypto";
import { createEngine, type Engine } from "../../lambda/engine/engine.ts";
import type { Rule } from "../../lambda/engine/rule.ts";
import { sampleRecord, sampleRule } from "../lambda/alerts/sample.ts";
import type { Schedule } from "./schedule.ts";

type Kind = Schedule["records"][number]["kind"];

const named = (name: string, calls: readonly string[], changes: Partial<Rule> = {}): Rule =>
  sampleRule({
    id: `ec2.amazonaws.com/${name}`,
    name,
    conditions: { all: [{ fact: "eventName", operator: "in", value: [...calls] }] },
    dedup: { window: "off" },
    ...changes,
  });

/** The rule whose repeats within ten minutes make one alert. */
export const WINDOWED = "ec2.amazonaws.com/windowed";

/** The id of the alert that a rule makes of a record on its own. */
export function alertIdOf(ruleId: string, record: number): string {
  return hash("sha256", `${ruleId}\nevent-${record}`).slice(0, 32);
}

/** Rules whose every match is delivered: one to every destination, one to the first alone. */
export const DELIVERED: Readonly<
  Record<Kind, readonly { readonly ruleId: string; readonly all: boolean }[]>
> = {
  none: [],
  one: [{ ruleId: "ec2.amazonaws.com/everywhere", all: true }],
  two: [
    { ruleId: "ec2.amazonaws.com/everywhere", all: true },
    { ruleId: "ec2.amazonaws.com/first-alone", all: false },
  ],
  repeated: [],
  staged: [],
  suppressed: [],
  unreadable: [],
};

/** Rules whose every match is kept, if it is not told. */
export const KEPT: Readonly<Partial<Record<Kind, string>>> = {
  repeated: WINDOWED,
  staged: "ec2.amazonaws.com/staged",
  suppressed: "ec2.amazonaws.com/suppressed",
};

/** The engine, compiled once for all schedules. */
export const engine: Engine = createEngine({
  rules: [
    named("everywhere", ["one", "two"]),
    named("first-alone", ["two"], { destinations: ["d0"], severity: "critical" }),
    named("windowed", ["repeated"], { dedup: { window: "10m" } }),
    named("staged", ["staged"], { mode: "staged" }),
    named("suppressed", ["suppressed"]),
  ],
  conditions: {},
  lists: {},
  suppressions: [
    {
      id: "routine",
      rules: ["ec2.amazonaws.com/suppressed"],
      conditions: { all: [{ fact: "eventName", operator: "exists", value: true }] },
      reason: "Routine.",
      owner: "platform",
      expires: "2099-01-01",
    },
  ],
});

/** What EventBridge would bring. */
export function envelopeOf(kind: Kind, index: number, at: number): unknown {
  if (kind === "unreadable") return { index };
  return {
    version: "0",
    "detail-type": "AWS API Call via CloudTrail",
    source: "aws.ec2",
    detail: sampleRecord({
      eventName: kind,
      eventID: `event-${index}`,
      eventTime: new Date(at).toISOString(),
    }),
  };
}

/** Whatever the engine loads at its first record takes real time, in which virtual time would go on without it. */
export async function warmUp(): Promise<void> {
  await engine.evaluate(sampleRecord({ eventName: "repeated" }), 0);
}
