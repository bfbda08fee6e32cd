import { describe, expect, it } from "vitest";
import data from "../../../lambda/attack/attack-techniques.json" with { type: "json" };
import {
  formerIdsOf,
  isWithdrawn,
  replacementOf,
  subtechniquesOf,
  TACTICS,
  TECHNIQUE_IDS,
  techniqueOf,
} from "../../../lambda/attack/attack-techniques.ts";

const replaced = [...Object.keys(data.replacedInV19), ...Object.keys(data.replacedBefore)];

describe("the techniques of ATT&CK v19", () => {
  it("are as many as MITRE counts: 222 techniques, 475 sub-techniques, 15 tactics", () => {
    const subtechniques = TECHNIQUE_IDS.filter((id) => id.includes("."));
    expect(TECHNIQUE_IDS.length - subtechniques.length).toBe(222);
    expect(subtechniques.length).toBe(475);
    expect(TACTICS.length).toBe(15);
  });

  it("with those that were replaced or withdrawn, are as many as the bundle holds, each once", () => {
    const ids = [...TECHNIQUE_IDS, ...replaced, ...data.withdrawn];
    expect(ids.length).toBe(858);
    expect(new Set(ids).size).toBe(858);
    expect(ids.filter((id) => !/^T\d{4}(\.\d{3})?$/.test(id))).toEqual([]);
  });

  it("each have a name and tactics of the matrix, and a parent where they are sub-techniques", () => {
    const known = new Set(data.tactics.map(({ key }) => key));
    const wrong = Object.entries<string[]>(data.techniques).filter(([id, [name = "", ...tactics]]) => {
      const named = /^\S.*\S$/.test(name);
      const placed = tactics.length > 0 && tactics.every((key) => known.has(key));
      return !named || !placed || techniqueOf(id.split(".")[0] ?? "") === undefined;
    });
    expect(wrong).toEqual([]);
  });

  it("cover every tactic, in the order of the matrix, with what became of Defense Evasion", () => {
    expect(TACTICS.map(({ name }) => name)).toEqual([
      "Reconnaissance",
      "Resource Development",
      "Initial Access",
      "Execution",
      "Persistence",
      "Privilege Escalation",
      "Stealth",
      "Defense Impairment",
      "Credential Access",
      "Discovery",
      "Lateral Movement",
      "Collection",
      "Command and Control",
      "Exfiltration",
      "Impact",
    ]);
    const used = new Set(TECHNIQUE_IDS.flatMap((id) => techniqueOf(id)?.tactics ?? []));
    expect([...used].map(({ id }) => id).toSorted()).toEqual(TACTICS.map(({ id }) => id).toSorted());
    expect(TACTICS.find(({ id }) => id === "TA0112")?.key).toBe("defense-impairment");
  });
});

describe("looking up an id", () => {
  it("gives name, parent, tactics in the order of the matrix and MITRE's page", () => {
    expect(techniqueOf("T1078.004")).toEqual({
      id: "T1078.004",
      name: "Cloud Accounts",
      fullName: "Valid Accounts: Cloud Accounts",
      parent: "T1078",
      tactics: TACTICS.filter(({ key }) =>
        ["initial-access", "persistence", "privilege-escalation", "stealth"].includes(key),
      ),
      url: "https://attack.mitre.org/techniques/T1078/004/",
    });
    expect(techniqueOf("T1530")).toMatchObject({
      fullName: "Data from Cloud Storage",
      url: "https://attack.mitre.org/techniques/T1530/",
    });
    expect(subtechniquesOf("T1686").map(({ id }) => id)).toEqual(["T1686.001", "T1686.002", "T1686.003"]);
  });

  it.each(["T1562", "T0843", "T1685.009", "constructor", "__proto__", ""])("knows no %j", (id) => {
    expect(techniqueOf(id)).toBeUndefined();
  });

  it.each([
    ["T1562", "T1685"],
    ["T1562.001", "T1685"],
    ["T1562.007", "T1686.001"],
    ["T1562.008", "T1685.002"],
  ])("maps %s, which v19 replaced, to %s and back", (old, now) => {
    expect(replacementOf(old)).toEqual({ id: now, since: "v19" });
    expect(formerIdsOf(now)).toContain(old);
  });

  it("follows an id that was replaced twice to what it is today", () => {
    expect(replacementOf("T1089")).toEqual({ id: "T1685" });
    expect(formerIdsOf("T1685")).toEqual(["T1562", "T1562.001", "T1562.006"]);
  });

  it("leads every replaced id to a technique of v19, and none that is one away", () => {
    expect(replaced.filter((id) => techniqueOf(id) !== undefined)).toEqual([]);
    expect(replaced.filter((id) => techniqueOf(replacementOf(id)?.id ?? "") === undefined)).toEqual([]);
    expect(replacementOf("T1685.002")).toBeUndefined();
    expect(replacementOf("toString")).toBeUndefined();
  });

  it("knows what was withdrawn", () => {
    expect(isWithdrawn("T1064")).toBe(true);
    expect(isWithdrawn("T1059")).toBe(false);
  });
});
