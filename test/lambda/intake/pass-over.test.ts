import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileEventRules } from "../../../lambda/engine/delivery.ts";
import { deriveEventRules, type EventRule } from "../../../lambda/engine/event-rules.ts";
import { Glance, GLANCED } from "../../../lambda/intake/glance.ts";
import { cutPattern } from "../../../lambda/intake/may-deliver.ts";
import { makePassOver } from "../../../lambda/intake/wire-intake.ts";
import { readEnvelope } from "../../../lambda/record/envelope.ts";
import { makeRecord } from "../../properties/record-generator.ts";
import { ruleSetArbitrary } from "../../properties/rule-arbitrary.ts";
import { sampleRecord } from "../alerts/sample.ts";
import { diceArbitrary, diceOf, spell } from "./spelling.ts";

function ruleOf(detail: Record<string, unknown>): EventRule {
  const eventPattern = {
    source: [{ prefix: "aws." }],
    "detail-type": [{ suffix: " via CloudTrail" }],
    detail,
  };
  return { name: "one", state: "ENABLED", rules: [], eventPattern };
}

/** Whether a text, or what is spelled in some way, is passed over. */
function isPassed(text: string, eventRules: readonly EventRule[]): boolean {
  const bytes = Buffer.from(text);
  const end = makePassOver(eventRules)(bytes, 0);
  expect([undefined, bytes.length]).toContain(end);
  return end !== undefined;
}

const EVENT_NAME = GLANCED.indexOf("eventName");
const createUser = [ruleOf({ eventName: ["CreateUser"] })];

describe("passing over records", () => {
  it("never passes over what a deployed pattern lets through, whatever the rules, the record and its spelling", () => {
    let [passed, delivered] = [0, 0];
    fc.assert(
      fc.property(
        ruleSetArbitrary,
        fc.array(fc.nat(), { minLength: 5, maxLength: 12 }),
        diceArbitrary,
        fc.constantFrom(0, 1, 10, 40),
        (ruleSet, seeds, dice, wild) => {
          const { eventRules } = deriveEventRules(ruleSet, { excludeOwnRole: "own" });
          const delivering = compileEventRules(eventRules);
          const passOver = makePassOver(eventRules);
          for (const seed of seeds) {
            const text = spell(makeRecord(ruleSet, seed), dice, wild);
            const bytes = Buffer.from(text);
            const end = passOver(bytes, 0);
            const reading = readEnvelope(JSON.parse(text));
            const isDelivered = reading.ok && delivering(reading.envelope).length > 0;
            if (isDelivered) delivered++;
            if (end === undefined) continue;
            passed++;
            expect(end).toBe(bytes.length);
            expect({ text, isDelivered }).toEqual({ text, isDelivered: false });
          }
        },
      ),
      { numRuns: 1500 },
    );
    // Or the property says nothing.
    expect(passed).toBeGreaterThan(500);
    expect(delivered).toBeGreaterThan(500);
  });

  it("sees what JSON.parse sees, or gives up, whatever object stands there", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom("eventName", "userIdentity", "readOnly", "a", "é", '"'),
          fc.jsonValue(),
        ),
        diceArbitrary,
        fc.constantFrom(0, 5, 30),
        (object, dice, wild) => {
          const text = spell(object, dice, wild);
          const bytes = Buffer.from(`${text},{"eventName":"Other"}`);
          const glance = new Glance();
          const end = glance.look(bytes, 0);
          if (end < 0) return;
          expect(end).toBe(Buffer.byteLength(text));
          const { eventName } = JSON.parse(text) as { eventName?: unknown };
          const seen = glance.kinds[EVENT_NAME] === 1 ? glance.textOf(EVENT_NAME) : undefined;
          expect(seen).toBe(eventName ?? undefined);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("passes over a call that no pattern names, and not the one that is named", () => {
    expect(isPassed(JSON.stringify(sampleRecord({ eventName: "ListUsers" })), createUser)).toBe(true);
    expect(isPassed(JSON.stringify(sampleRecord({ eventName: "CreateUser" })), createUser)).toBe(false);
  });

  it("looks only at the record's own fields", () => {
    const nested = {
      ...sampleRecord({ eventName: "ListUsers" }),
      requestParameters: { eventName: "CreateUser", a: '{"eventName":"CreateUser"}' },
    };
    expect(isPassed(JSON.stringify(nested), createUser)).toBe(true);
  });

  it.each([
    ["an escape in the name", '{"eventSource":"iam.amazonaws.com","eventName":"\\u0043reateUser"}'],
    ["an escape in the key", '{"eventSource":"iam.amazonaws.com","event\\u004eame":"CreateUser"}'],
    [
      "a name that comes twice",
      '{"eventSource":"iam.amazonaws.com","eventName":"ListUsers","eventName":"CreateUser"}',
    ],
    ["no name", '{"eventSource":"iam.amazonaws.com"}'],
    ["a name that is no text", '{"eventSource":"iam.amazonaws.com","eventName":1}'],
    [
      "an envelope",
      '{"eventSource":"iam.amazonaws.com","eventName":"ListUsers","detail":{"eventName":"CreateUser"}}',
    ],
    ["a line break", '{"eventSource":"iam.amazonaws.com",\n"eventName":"ListUsers"}'],
    [
      "a record that is cut off",
      '{"eventSource":"iam.amazonaws.com","eventName":"ListUsers","requestParameters":{"a":"b',
    ],
    [
      "a record without its end and the next one",
      '{"eventSource":"i.a","eventName":"L","requestParameters":{"a":1,{"eventName":"CreateUser"}}}',
    ],
    ["brackets that do not match", '{"eventSource":"i.a","eventName":"L","requestParameters":{"a":[1}]}'],
    [
      "a text that was never closed",
      '{"eventSource":"i.a","eventName":"L","requestParameters":{"a":"b,"c":"CreateUser"}}',
    ],
  ])("leaves %s to JSON.parse", (_, text) => {
    expect(makePassOver(createUser)(Buffer.from(text), 0)).toBeUndefined();
  });

  it("knows state, absence and the identity as EventBridge does", () => {
    const root = [ruleOf({ userIdentity: { type: ["Root"], invokedBy: [{ exists: false }] } })];
    const record = (userIdentity: unknown, more = {}) =>
      JSON.stringify(sampleRecord({ userIdentity, ...more }));
    expect(isPassed(record({ type: "IAMUser" }), root)).toBe(true);
    expect(isPassed(record({ type: "Root" }), root)).toBe(false);
    expect(isPassed(record({ type: "Root", invokedBy: "a.amazonaws.com" }), root)).toBe(true);
    expect(isPassed(record({ type: "Root", invokedBy: null }), root)).toBe(false);
    expect(isPassed(record({ type: "Root" }, { readOnly: true, eventName: "ListUsers" }), root)).toBe(true);
  });

  it("counts what is asked of other fields as met", () => {
    const known = new Set(["detail.eventName"]);
    expect(cutPattern({ detail: { requestParameters: { a: ["b"] } } }, known)).toBeUndefined();
    expect(cutPattern({ detail: { $or: [{ eventName: ["A"] }, { other: ["B"] }] } }, known)).toBeUndefined();
    // The branch's mention replaces the outer one, so without its branch the outer one must not stay.
    const replaced = { detail: { eventName: ["A"], $or: [{ eventName: ["B"] }, { other: ["C"] }] } };
    expect(cutPattern(replaced, known)).toBeUndefined();
  });

  it("spells what JSON.parse reads back", () => {
    const record = sampleRecord();
    expect(JSON.parse(spell(record, diceOf([7, 3, 99, 12, 5, 41]), 30))).toEqual(record);
  });
});
