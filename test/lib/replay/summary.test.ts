import { describe, expect, it } from "vitest";
import type { Suppression } from "../../../lambda/engine/rule.ts";
import type { Tally } from "../../../lib/replay/replay.ts";
import { summarize } from "../../../lib/replay/summary.ts";

const suppression = (id: string, expires: string): Suppression => ({
  id,
  rules: ["ec2.amazonaws.com/stop*"],
  conditions: { all: [{ fact: "eventName", operator: "exists", value: true }] },
  reason: "Routine.",
  owner: "plat\u202eform",
  expires,
});

describe("summary", () => {
  const tally: Tally = {
    read: 2900,
    delivered: 61,
    alerted: 30,
    alerts: 1034,
    suppressed: 0,
    staged: 0,
    unreadable: 1,
    failed: 0,
    perRule: new Map([
      ["ec2.amazonaws.com/b", { delivered: 17, suppressed: 0, staged: 0 }],
      ["ec2.amazonaws.com/a", { delivered: 17, suppressed: 0, staged: 0 }],
      ["_global/c", { delivered: 1000, suppressed: 0, staged: 0 }],
    ]),
    perSuppression: new Map(),
  };
  const context = { all: false, suppressions: [], at: Date.UTC(2027, 0, 1) };

  it("gives the counts, rules by their number of alerts, and what could not be read", () => {
    expect(summarize(tally, context)).toEqual([
      "2,900 records read, 61 delivered, 1,034 alerts on 30 records.",
      "  1,000  _global/c",
      "     17  ec2.amazonaws.com/a",
      "     17  ec2.amazonaws.com/b",
      "Could not be read: 1 piece of the input (listed above).",
    ]);
  });

  it("counts what nobody would be told of, and names suppressions with their owners, also idle ones", () => {
    const quiet: Tally = {
      ...tally,
      suppressed: 1_203,
      staged: 1,
      perRule: new Map([
        ["ec2.amazonaws.com/a", { delivered: 1034, suppressed: 1_203, staged: 0 }],
        ["_global/new", { delivered: 0, suppressed: 0, staged: 1 }],
      ]),
      perSuppression: new Map([
        ["backup", 3],
        ["deploys", 1_200],
      ]),
      unreadable: 0,
    };
    const suppressions = [
      suppression("backup", "2027-03-31"),
      suppression("deploys", "2027-03-31"),
      suppression("idle", "2027-01-01"),
      suppression("old", "2026-12-31"),
    ];
    expect(summarize(quiet, { ...context, suppressions })).toEqual([
      "2,900 records read, 61 delivered, 1,034 alerts on 30 records, 1,203 suppressed, 1 staged.",
      "  1,034  ec2.amazonaws.com/a",
      "Staged rules, whose alerts go nowhere: 1 alert.",
      "  1  _global/new",
      "Suppressed, so that nobody would be told: 1,203 alerts.",
      "  1,200  deploys (owner plat\\u202eform, until 2027-03-31)",
      "      3  backup (owner plat\\u202eform, until 2027-03-31)",
      "The suppression idle (owner plat\\u202eform, until 2027-01-01) kept nothing back on these records.",
      "The suppression old (owner plat\\u202eform, until 2026-12-31) has expired: it suppresses nothing any more.",
    ]);
  });

  it("says what was left out, and that the patterns were not applied", () => {
    const others = ["README.md", "LICENSE"];
    const source = { kind: "file", name: "a.json", size: 1 } as const;
    const found = { sources: [source], problems: [], digests: 2, others, links: ["old\u001b"] };
    const lines = summarize({ ...tally, unreadable: 0 }, { ...context, sources: found, all: true });
    expect(lines[0]).toBe("2,900 records read, event patterns not applied, 1,034 alerts on 30 records.");
    expect(lines.slice(4)).toEqual([
      "Left out: 2 digest or Insight files without records.",
      "Left out: README.md and 1 more: by name and first byte no CloudTrail files.",
      "Left out: old\\u001b: links to folders, which are not followed; name them.",
    ]);
  });

  it("says that there was nothing to replay, which a count of 0 records does not tell", () => {
    const nothing = { read: 0, delivered: 0, alerted: 0, alerts: 0, unreadable: 0 };
    const found = { sources: [], problems: [], digests: 0, others: [], links: [] };
    expect(summarize({ ...tally, ...nothing, perRule: new Map() }, { ...context, sources: found })).toEqual([
      "0 records read, 0 delivered, 0 alerts on 0 records.",
      "There was no file to replay: no name below these folders is one of CloudTrail's files.",
    ]);
  });
});
