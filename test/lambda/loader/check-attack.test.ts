import { describe, expect, it } from "vitest";
import { load } from "./rules-dir.ts";

const PATH = "iam.amazonaws.com/x.yaml";

function linesOf(attack: string): string[] {
  const text = `name: X\nseverity: low\nattack: ${attack}\nconditions: { all: [{ fact: eventName, operator: equal, value: A }] }\n`;
  return load({ [PATH]: text }).lines.map((line) => line.replace(`${PATH}:`, ""));
}

describe("the ATT&CK ids of a rule", () => {
  it("are fine when v19 has them", () => {
    expect(linesOf("[T1078, T1098.001, T1685.002, T1686.001]")).toEqual([]);
    expect(linesOf("[]")).toEqual([]);
  });

  it.each([
    [
      "v19 replaced, with the new id",
      "T1562.008",
      "T1562.008 is T1685.002 since ATT&CK v19. Write T1685.002 (Disable or Modify Tools: Disable or Modify Cloud Log).",
    ],
    [
      "an earlier version replaced, with today's id",
      "T1089",
      "T1089 is T1685 now. Write T1685 (Disable or Modify Tools).",
    ],
    [
      "was withdrawn",
      "T1064",
      "T1064 was withdrawn from ATT&CK. Choose a technique that still exists: https://attack.mitre.org/techniques/enterprise/ lists all.",
    ],
    [
      "is an unknown sub-technique, with those there are",
      "T1686.009",
      "T1686.009 is no technique of Enterprise ATT&CK v19. T1686 has T1686.001 (Cloud Firewall), T1686.002 (Network Device Firewall), T1686.003 (Windows Host Firewall).",
    ],
    [
      "is a sub-technique of one that has none",
      "T1530.001",
      "T1530.001 is no technique of Enterprise ATT&CK v19. T1530 (Data from Cloud Storage) has no sub-techniques: write T1530.",
    ],
    [
      "is an unknown sub-technique of one that v19 replaced",
      "T1562.005",
      expect.stringMatching(/^T1562\.005 is no technique of Enterprise ATT&CK v19\. T1685 has T1685\.001 /),
    ],
    [
      "is near to some, with their names",
      "T1865",
      "T1865 is no technique of Enterprise ATT&CK v19. Did you mean T1565 (Data Manipulation) or T1665 (Hide Infrastructure) or T1685 (Disable or Modify Tools)?",
    ],
    [
      "is far from all",
      "T9999",
      "T9999 is no technique of Enterprise ATT&CK v19. https://attack.mitre.org/techniques/enterprise/ lists all.",
    ],
    [
      "belongs to another matrix",
      "T0843",
      "T0843 is no technique of Enterprise ATT&CK v19. https://attack.mitre.org/techniques/enterprise/ lists all.",
    ],
  ])("that %s, are an error at their place", (_, id, words) => {
    const lines = linesOf(`[T1078, ${id}]`);
    expect(lines.map((line) => line.replace(/^3:17 attack\[1\]: /, ""))).toEqual([words]);
  });

  it("each have their own line, and what is no id at all is told once", () => {
    expect(linesOf('\n  - T1562.008\n  - "<T1078>"\n  - T1562\n')).toEqual([
      expect.stringContaining("4:5 attack[0]: T1562.008 is T1685.002"),
      expect.stringMatching(/^5:5 attack\[1\]: "<T1078>" is not what belongs here\./),
      expect.stringContaining("6:5 attack[2]: T1562 is T1685"),
    ]);
    expect(linesOf("T1562")).toEqual([expect.stringContaining('"T1562" is text, expected a list')]);
  });

  it("may stand there twice, with a warning", () => {
    expect(linesOf("[T1078, T1098, T1078]")).toEqual([
      "3:24 warning: attack[2]: T1078 is there already. Delete one of the two.",
    ]);
  });

  it("keep a rule with a wrong one out of the rule set", () => {
    const { ruleSet } = load({
      "iam.amazonaws.com/x.yaml":
        "name: X\nseverity: low\nattack: [T1562.008]\nconditions: { all: [{ fact: eventName, operator: equal, value: A }] }\n",
    });
    expect(ruleSet.rules).toEqual([]);
  });
});
