import { describe, expect, it } from "vitest";
import type { Condition, RuleSet } from "../../../lambda/engine/rule.ts";
import { explainConditions } from "../../../lambda/explain/explain-conditions.ts";
import { formatTree } from "../../../lib/explain/format-tree.ts";
import { recordOf } from "../../lambda/engine/samples.ts";

const SHARED: Pick<RuleSet, "conditions" | "lists"> = {
  conditions: { succeeded: { fact: "errorCode", operator: "exists", value: false } },
  lists: { offices: { description: "o", kind: "cidr", values: ["192.0.2.0/24"] } },
};
const arn = (value: string): Condition => ({ fact: "userIdentity.arn", operator: "startsWith", value });
const is = (value: string): Condition => ({ fact: "eventName", operator: "equal", value });

function lines(condition: Condition, most = 100, toDiffer = true): string[] {
  const record = recordOf({ errorCode: "AccessDenied" });
  return formatTree(explainConditions(condition, SHARED, record), { most, toDiffer });
}

describe("a tree for people", () => {
  it("marks every condition, points at what decided and says what would have had to differ", () => {
    expect(
      lines({
        all: [
          { ...is("CreateTags"), name: "tags" },
          { condition: "succeeded" },
          { not: { fact: "sourceIPAddress", operator: "inList", value: "offices" } },
          { fact: "userIdentity.userName", operator: "equal", value: { fact: "actor.name" } },
        ],
      }),
    ).toEqual([
      "  ✗ all: each that fails would have to differ",
      '    ✓ tags: eventName equal "CreateTags" — saw "CreateTags"',
      "    ✗ succeeded (shared condition)",
      '→     ✗ errorCode exists false — saw "AccessDenied"; would hold without errorCode',
      "    ✗ not",
      '→     ✓ sourceIPAddress inList offices (1 range) — saw "192.0.2.10", which meets "192.0.2.0/24"; would not hold if it is not on the list "offices"',
      '    ✓ userIdentity.userName equal actor.name ("ada") — saw "ada"',
    ]);
  });

  it("says where one of several would be enough", () => {
    expect(lines({ any: [is("A"), is("B")] }, 100, false)).toEqual([
      "  ✗ any: one that holds would be enough",
      '→   ✗ eventName equal "A" — saw "CreateTags"',
      '→   ✗ eventName equal "B" — saw "CreateTags"',
    ]);
    expect(lines({ all: [is("CreateTags"), is("CreateTags")] })[0]).toBe(
      "  ✓ all: one that fails would be enough",
    );
    expect(lines({ any: [is("CreateTags"), is("CreateTags")] })[0]).toBe(
      "  ✓ any: each that holds would have to differ",
    );
  });

  it("does not repeat a long value from line to line", () => {
    expect(lines({ any: [arn("a"), arn("b")] }, 100, false).slice(1)).toEqual([
      '→   ✓ userIdentity.arn startsWith "a" — saw "arn:aws:iam::123456789012:user/ada"',
      '    ✗ userIdentity.arn startsWith "b" — saw the same',
    ]);
  });

  it("leaves out of a long tree what decided nothing first, then all but a few", () => {
    const idle: Condition = { any: [is("CreateTags"), is("B"), is("C")] };
    const deciding: Condition = { any: Array.from({ length: 30 }, (_, at) => is(`D${at}`)) };
    expect(lines({ all: [idle, deciding] })).toHaveLength(36);
    expect(lines({ all: [idle, deciding] }, 35, false).slice(0, 3)).toEqual([
      "  ✗ all",
      "    ✓ any (3 comparisons)",
      "    ✗ any: one that holds would be enough",
    ]);
    const shortest = lines({ all: [idle, deciding] }, 20, false);
    expect(shortest[3]).toBe('→     ✗ eventName equal "D0" — saw "CreateTags"');
    expect(shortest.at(-1)).toBe("      … and 20 more: 0 ✓, 20 ✗");
  });

  it("keeps what decided where it leaves out conditions of a group", () => {
    const idle = Array.from({ length: 20 }, () => is("CreateTags"));
    expect(lines({ all: [...idle, is("Z")] }, 8, false)).toEqual([
      "  ✗ all",
      '    ✓ eventName equal "CreateTags" — saw "CreateTags"',
      '    ✓ eventName equal "CreateTags" — saw "CreateTags"',
      '    ✓ eventName equal "CreateTags" — saw "CreateTags"',
      '→   ✗ eventName equal "Z" — saw "CreateTags"',
      "    … and 17 more: 17 ✓, 0 ✗",
    ]);
  });

  it("is never longer than it may be, however deep, and still shows what decided", () => {
    let deep = is("Z");
    for (let depth = 0; depth < 200; depth++) deep = { not: deep };
    const shown = lines(deep, 30, false);
    expect(shown.slice(14)).toEqual([
      `${" ".repeat(30)}✗ not`,
      "  … 185 lines more",
      `→${" ".repeat(41)}✗ eventName equal "Z" — saw "CreateTags"`,
    ]);
    expect(Math.max(...shown.map((line) => line.length))).toBeLessThan(120);
  });

  it("shows nothing as it is that a terminal would act on", () => {
    const [line = ""] = lines({ fact: "eventName", operator: "equal", value: "\u001b[2J", name: "\u202e" });
    expect(line).toContain("\\u202e: ");
    expect(line).toContain("[2J");
    expect(line).not.toContain("\u001b");
    expect(line).not.toContain("\u202e");
  });
});
