import { describe, expect, it } from "vitest";
import { TACTICS, techniqueOf } from "../../../lambda/attack/attack-techniques.ts";
import { OFFERED, ruleFileForEditors } from "../../../lib/attack-coverage/attack-completion.ts";
import { publishedSchemas } from "../../../lib/published-schemas.ts";

type Items = { pattern: string; anyOf: { const?: string; description?: string }[] };

function items(): Items {
  const schema = JSON.parse(publishedSchemas().get("rules/rule.schema.json") ?? "") as {
    properties: { attack: { items: Items } };
  };
  return schema.properties.attack.items;
}

describe("completion of techniques in editors", () => {
  it("offers each technique once, by the order of the matrix, with its name and tactics", () => {
    const { anyOf } = items();
    expect(anyOf).toContainEqual({
      const: "T1098.003",
      description: "Account Manipulation: Additional Cloud Roles (Persistence, Privilege Escalation)",
    });
    expect(new Set(OFFERED).size).toBe(OFFERED.length);
    const order = OFFERED.map((id) =>
      TACTICS.findIndex(({ id: tactic }) => tactic === techniqueOf(id)?.tactics[0]?.id),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it("takes every other id of the form too, which validate judges", () => {
    const { anyOf, pattern } = items();
    expect(anyOf.at(-1)).toEqual({});
    expect(pattern).toBe("^T\\d{4}(\\.\\d{3})?$");
    const rule = { name: "X", severity: "low", conditions: { all: [{ condition: "y" }] }, attack: ["T1040"] };
    expect(ruleFileForEditors.safeParse(rule).success).toBe(true);
    expect(ruleFileForEditors.safeParse({ ...rule, attack: ["1040"] }).success).toBe(false);
    expect(ruleFileForEditors.safeParse({ ...rule, unknown: 1 }).success).toBe(false);
  });
});
