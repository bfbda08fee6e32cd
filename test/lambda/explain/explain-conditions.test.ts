import { describe, expect, it } from "vitest";
import type { Condition, RuleSet } from "../../../lambda/engine/rule.ts";
import { explainConditions } from "../../../lambda/explain/explain-conditions.ts";
import { recordOf } from "../../lambda/engine/samples.ts";

const NOTHING: Pick<RuleSet, "conditions" | "lists"> = { conditions: {}, lists: {} };
const succeeded: Condition = { fact: "errorCode", operator: "exists", value: false };
const isDelete: Condition = { fact: "eventName", operator: "equal", value: "DeleteTags", name: "a delete" };

function decisive(condition: Condition): boolean[] {
  const tree = explainConditions(condition, NOTHING, recordOf());
  return tree.kind === "comparison" ? [] : tree.conditions.map((part) => part.decisive);
}

describe("explained conditions", () => {
  it("are the tree as it was written, with verdicts and what each comparison saw", () => {
    const shared = { conditions: { succeeded }, lists: {} };
    const conditions: Condition = { all: [isDelete, { condition: "succeeded", name: "it worked" }] };
    expect(explainConditions(conditions, shared, recordOf({ errorCode: "AccessDenied" }))).toEqual({
      kind: "all",
      holds: false,
      decisive: true,
      conditions: [
        {
          kind: "comparison",
          name: "a delete",
          holds: false,
          decisive: true,
          fact: "eventName",
          operator: "equal",
          value: "DeleteTags",
          saw: '"CreateTags"',
          toDiffer: 'would hold if it is "DeleteTags"',
        },
        {
          kind: "shared",
          condition: "succeeded",
          name: "it worked",
          holds: false,
          decisive: true,
          conditions: [
            {
              kind: "comparison",
              holds: false,
              decisive: true,
              fact: "errorCode",
              operator: "exists",
              value: false,
              saw: '"AccessDenied"',
              toDiffer: "would hold without errorCode",
            },
          ],
        },
      ],
    });
  });

  it("rest on what failed of all, and on what held of any", () => {
    const both: Condition[] = [isDelete, succeeded];
    expect(decisive({ all: both })).toEqual([true, false]);
    expect(decisive({ any: both })).toEqual([false, true]);
    expect(decisive({ all: [succeeded, succeeded] })).toEqual([true, true]);
    expect(decisive({ any: [isDelete, isDelete] })).toEqual([true, true]);
    expect(decisive({ not: isDelete })).toEqual([true]);
  });

  it("show the other fact of a comparison with what it is", () => {
    const condition: Condition = {
      fact: "userIdentity.userName",
      operator: "equal",
      value: { fact: "actor.name" },
    };
    expect(explainConditions(condition, NOTHING, recordOf())).toMatchObject({
      holds: true,
      saw: '"ada"',
      expected: { fact: "actor.name", saw: '"ada"' },
    });
  });

  it("show the list of a comparison, and which of its values was met", () => {
    const lists = {
      offices: { description: "o", kind: "cidr" as const, values: ["198.51.100.0/24", "192.0.2.0/24"] },
      roles: { description: "r", kind: "wildcard" as const, values: ["break-glass-*"] },
      people: { description: "p", kind: "exact" as const, values: ["ada"] },
    };
    const explain = (fact: string, operator: string, value: string) =>
      explainConditions({ fact, operator, value }, { conditions: {}, lists }, recordOf());
    expect(explain("sourceIPAddress", "inList", "offices")).toMatchObject({
      holds: true,
      list: { name: "offices", kind: "cidr", values: 2, matched: "192.0.2.0/24" },
    });
    expect(explain("userIdentity.userName", "notInList", "people")).toMatchObject({
      holds: false,
      list: { matched: "ada" },
    });
    const other = explain("userIdentity.userName", "not:inList", "roles");
    expect(other).toMatchObject({ holds: true, list: { name: "roles", kind: "wildcard", values: 1 } });
    expect(other).not.toHaveProperty("list.matched");
  });

  it("find the element that a list has, where any will do", () => {
    const lists = { ports: { description: "p", kind: "exact" as const, values: ["22", "3389"] } };
    const condition: Condition = {
      fact: "requestParameters.ports[*]",
      operator: "someFact:inList",
      value: "ports",
    };
    const record = recordOf({ requestParameters: { ports: ["80", "3389"] } });
    expect(explainConditions(condition, { conditions: {}, lists }, record)).toMatchObject({
      holds: true,
      list: { matched: "3389" },
    });
  });

  it("name the key that a record has instead of the one asked for", () => {
    const condition: Condition = { fact: "requestParameters.groupID", operator: "exists", value: true };
    const record = recordOf({ requestParameters: { groupId: "sg-1" } });
    expect(explainConditions(condition, NOTHING, record)).toMatchObject({
      saw: "nothing",
      toDiffer: "would hold with requestParameters.groupID; the record has requestParameters.groupId",
    });
  });

  it("say of colliding keys what the engine goes by: below not, the opposite may hold as well", () => {
    const record = recordOf({ requestParameters: { a: "x" }, "requestParameters.a": "y" });
    const isX: Condition = { fact: "requestParameters.a", operator: "equal", value: "x" };
    expect(explainConditions(isX, NOTHING, record)).toMatchObject({ holds: true, saw: '"x" and also "y"' });
    expect(explainConditions({ not: isX }, NOTHING, record)).toMatchObject({
      holds: true,
      conditions: [{ holds: false }],
    });
  });

  it("are refused when a name in them leads nowhere", () => {
    const refused: readonly [Condition, string][] = [
      [{ condition: "constructor" }, 'there is no shared condition "constructor"'],
      [{ fact: "eventName", operator: "inList", value: "x" }, 'there is no list "x"'],
      [{ fact: "eventName", operator: "equals", value: "x" }, "equals"],
    ];
    for (const [condition, reason] of refused)
      expect(() => explainConditions(condition, NOTHING, recordOf())).toThrow(reason);
  });
});
