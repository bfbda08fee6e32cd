import { describe, expect, it } from "vitest";
import { fileURLToPath } from "node:url";
import { deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import { OWN_CALLS, OWN_SOURCES } from "../../../lambda/engine/own-role.ts";
import type { Condition, RuleSet } from "../../../lambda/engine/rule.ts";
import { loadRules } from "../../../lambda/loader/load-rules.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";
import { OWN_ROLE, roleSession } from "./many-rules.ts";
import { deliveries, is, named, recordOf, ruleOf, ruleSetOf } from "./samples.ts";

const SHIPPED = loadRules(fileURLToPath(new URL("../../../rules", import.meta.url))).ruleSet;

function ofSources(conditions: Condition): RuleSet {
  return ruleSetOf(OWN_SOURCES.map((source) => ruleOf(source, conditions, source)));
}

function global(conditions: Condition): RuleSet {
  return ruleSetOf([ruleOf("_global/any", conditions, null)]);
}

function ofSns(conditions: Condition): RuleSet {
  return ruleSetOf([ruleOf("sns", conditions, "sns.amazonaws.com")]);
}

/** A call as the detector makes it. */
function call(fields: Record<string, unknown>, role = OWN_ROLE): CloudTrailRecord {
  return recordOf({ userIdentity: roleSession(role), userAgent: "aws-sdk-js/3.1137.0", ...fields });
}

/** How many event rules deliver a record, without the detector's own calls. */
function countFor(ruleSet: RuleSet): (record: unknown) => number {
  return deliveries(deriveEventRules(ruleSet, { excludeOwnRole: OWN_ROLE }).eventRules);
}

describe("calls of the engine's own role", () => {
  const anyCall: Condition = { fact: "eventName", operator: "notEqual", value: "Never" };
  const noName: Condition = { fact: "userAgent", operator: "includes", value: "a" };
  const sets: [string, RuleSet][] = [
    ["the shipped rules", SHIPPED],
    ["a rule of any source that takes every call but one", global(anyCall)],
    ["a rule of any source that takes every call", global(noName)],
    ["rules of those services that take every call", ofSources(noName)],
    [
      "rules of those services, beside one of any source",
      ruleSetOf([...ofSources(noName).rules, ...global(is("errorCode", "X")).rules]),
    ],
    ["rules that name its calls", ofSources(named(...OWN_CALLS, "DeleteTopic"))],
    ["rules on failures", ofSources({ fact: "errorCode", operator: "exists", value: true })],
    [
      "a rule that excludes one error",
      global({ fact: "errorCode", operator: "notEqual", value: "Throttling" }),
    ],
    [
      "a rule that names the services by two patterns",
      global({
        any: [
          { fact: "eventSource", operator: "notIn", value: OWN_SOURCES },
          { fact: "eventSource", operator: "startsWith", value: "s" },
        ],
      }),
    ],
  ];
  it.each(sets)("that the detector makes are not delivered for %s, whatever comes of them", (_, ruleSet) => {
    const count = countFor(ruleSet);
    for (const eventSource of OWN_SOURCES) {
      for (const eventName of OWN_CALLS) {
        for (const errorCode of [
          undefined,
          null,
          "AccessDenied",
          "KMS.UnauthorizedOperation",
          "Throttling",
          "",
        ]) {
          const record = call({ eventSource, errorCode, eventName });
          expect([`${eventSource} ${eventName} ${errorCode}`, count(record)]).toEqual([
            `${eventSource} ${eventName} ${errorCode}`,
            0,
          ]);
        }
      }
    }
  });

  it.each(sets)("that fail are not delivered for %s, whatever the service", (_, ruleSet) => {
    const count = countFor(ruleSet);
    for (const eventSource of [...OWN_SOURCES, "ec2.amazonaws.com", "sts.amazonaws.com", "x.example.com"]) {
      for (const errorCode of ["AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation"]) {
        expect(count(call({ eventSource, errorCode, eventName: "RunInstances" }))).toBe(0);
      }
    }
  });

  it("that fail are told from those of anybody else", () => {
    const count = countFor(SHIPPED);
    for (const eventSource of [...OWN_SOURCES, "ec2.amazonaws.com"]) {
      for (const errorCode of ["AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation"]) {
        expect(count(call({ eventSource, errorCode }, "somebody-else"))).toBe(1);
        expect(count(call({ eventSource, errorCode }, `${OWN_ROLE}2`))).toBe(1);
        expect(count(recordOf({ eventSource, errorCode, userIdentity: null }))).toBe(1);
        expect(
          count(recordOf({ eventSource, errorCode, userIdentity: { type: "IAMUser", userName: OWN_ROLE } })),
        ).toBe(1);
      }
    }
  });

  it.each(sets.slice(1, 5))(
    "of another kind, that succeed, are delivered for %s: somebody else is using the role",
    (_, ruleSet) => {
      const count = countFor(ruleSet);
      for (const eventSource of OWN_SOURCES) {
        expect([eventSource, count(call({ eventSource, eventName: "DeleteTopic" }))]).toEqual([
          eventSource,
          1,
        ]);
        for (const eventName of OWN_CALLS)
          expect(count(call({ eventSource, eventName }, "somebody-else"))).toBe(1);
      }
    },
  );

  it("of another kind are delivered where a rule excludes one error, or names calls by their beginning", () => {
    const excluding = countFor(ofSns({ fact: "errorCode", operator: "notEqual", value: "Throttling" }));
    const beginning = countFor(ofSns({ fact: "eventName", operator: "startsWith", value: "Delete" }));
    for (const count of [excluding, beginning]) {
      expect(count(call({ eventSource: "sns.amazonaws.com", eventName: "DeleteTopic" }))).toBe(1);
      expect(
        count(
          call({ eventSource: "sns.amazonaws.com", eventName: "DeleteTopic", errorCode: "AccessDenied" }),
        ),
      ).toBe(0);
      expect(
        count(
          call(
            { eventSource: "sns.amazonaws.com", eventName: "DeleteTopic", errorCode: "AccessDenied" },
            "x",
          ),
        ),
      ).toBe(1);
    }
  });
});
