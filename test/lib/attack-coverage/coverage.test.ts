import { describe, expect, it } from "vitest";
import { coverageOf } from "../../../lib/attack-coverage/coverage.ts";
import { coverageSchema } from "../../../lib/attack-coverage/coverage-schema.ts";
import { coverageTotals, formatCoverage } from "../../../lib/attack-coverage/format-coverage.ts";
import { ruleNaming } from "./samples.ts";

const rules = [
  ruleNaming("ec2.amazonaws.com/a", ["T1686.001"]),
  ruleNaming("ec2.amazonaws.com/b", ["T1686.001", "T1078.004", "T1686.001"]),
  ruleNaming("ec2.amazonaws.com/c", ["T1686.001", "T1535"], { mode: "staged" }),
  ruleNaming("ec2.amazonaws.com/d", undefined, { mode: "staged" }),
  ruleNaming("ec2.amazonaws.com/e", []),
];
const coverage = coverageOf({ rules });
const tactic = (key: string) => coverage.tactics.find((one) => one.key === key);

describe("coverage", () => {
  it("has the published shape", () => {
    expect(coverageSchema.parse(coverage)).toEqual(coverage);
  });

  it("names the active rules of a technique once each, and the staged ones apart", () => {
    expect(tactic("defense-impairment")?.techniques).toEqual([
      {
        id: "T1686.001",
        name: "Disable or Modify System Firewall: Cloud Firewall",
        url: "https://attack.mitre.org/techniques/T1686/001/",
        formerIds: ["T1562.007"],
        rules: ["ec2.amazonaws.com/a", "ec2.amazonaws.com/b"],
        staged: ["ec2.amazonaws.com/c"],
      },
    ]);
  });

  it("shows a technique of several tactics under each", () => {
    const with1078 = coverage.tactics.filter(({ techniques }) =>
      techniques.some(({ id }) => id === "T1078.004"),
    );
    expect(with1078.map(({ name }) => name)).toEqual([
      "Initial Access",
      "Persistence",
      "Privilege Escalation",
      "Stealth",
    ]);
  });

  it("does not count a technique that only a staged rule names as watched", () => {
    expect(tactic("stealth")?.techniques.map(({ id }) => id)).toEqual(["T1078.004", "T1535"]);
    expect(coverage.totals).toEqual({
      rules: 5,
      active: 3,
      staged: 2,
      withoutTechnique: 2,
      techniques: 2,
      techniquesOfAttack: 697,
    });
  });

  it("lists the rules without a technique, whose list may also be empty", () => {
    expect(coverage.withoutTechnique).toEqual(["ec2.amazonaws.com/d", "ec2.amazonaws.com/e"]);
  });

  it("keeps all tactics in the order of the matrix, also of no rules", () => {
    const none = coverageOf({ rules: [] });
    expect(none.tactics.length).toBe(15);
    expect(none.tactics.flatMap(({ techniques }) => techniques)).toEqual([]);
    expect(coverageSchema.parse(none).totals.techniques).toBe(0);
  });
});

describe("coverage for people", () => {
  it("goes by tactic, with the rules of each technique, gaps last", () => {
    expect(formatCoverage(coverage)).toBe(`Initial Access: 1 technique, 1 rule
  T1078.004  Valid Accounts: Cloud Accounts: 1 rule
               ec2.amazonaws.com/b

Persistence: 1 technique, 1 rule
  T1078.004  Valid Accounts: Cloud Accounts: 1 rule (as above)

Privilege Escalation: 1 technique, 1 rule
  T1078.004  Valid Accounts: Cloud Accounts: 1 rule (as above)

Stealth: 1 technique, 1 rule
  T1078.004  Valid Accounts: Cloud Accounts: 1 rule (as above)
  T1535      Unused/Unsupported Cloud Regions: 0 rules, 1 staged
               ec2.amazonaws.com/c (staged: its alerts go nowhere)

Defense Impairment: 1 technique, 2 rules
  T1686.001  Disable or Modify System Firewall: Cloud Firewall: 2 rules, 1 staged
               ec2.amazonaws.com/a
               ec2.amazonaws.com/b
               ec2.amazonaws.com/c (staged: its alerts go nowhere)

Without a technique: 2 rules
  ec2.amazonaws.com/d
  ec2.amazonaws.com/e

No rule watches: Reconnaissance, Resource Development, Execution, Credential Access, Discovery, Lateral Movement, Collection, Command and Control, Exfiltration, Impact
`);
  });

  it("ends in one line of totals", () => {
    expect(coverageTotals(coverage)).toBe(
      "3 active rules watch 2 techniques of the 697 of Enterprise ATT&CK 19.2; 2 staged; 2 without a technique.",
    );
  });
});
