import { describe, expect, it } from "vitest";
import { ruleFileSchema } from "../../../lambda/engine/rule-schema.ts";
import { hasErrors, loadRules } from "../../../lambda/loader/load-rules.ts";
import { load, rule, rulesDir } from "./rules-dir.ts";

const GOOD = rule("all: [{ fact: eventName, operator: equal, value: A }]");

describe("loadRules", () => {
  it("keeps the good rules of a folder that has bad files of every kind, and reports each of these", () => {
    const bad = {
      "_conditions/bad.yaml": "conditions: []\n",
      "_global/bad.json": "{",
      "ec2/x.yaml": GOOD,
      "ec2.amazonaws.com/bad.test.yaml": "cases: 1\n",
      "iam.amazonaws.com/bad.yaml": "",
      "kms.amazonaws.com/bad.yaml": rule("all: [{ fact: eventName, operator: equals, value: A }]"),
      "s3.amazonaws.com/bad.txt": "",
    };
    const { problems, ruleSet } = load({
      ...bad,
      "_global/good.yaml": GOOD,
      "ec2.amazonaws.com/good.yaml": GOOD,
      "s3.amazonaws.com/good.json":
        '{ "name": "J", "severity": "low", "conditions": { "all": [{ "fact": "eventName", "operator": "equal", "value": "A" }] } }',
    });
    const silent = Object.keys(bad).filter((path) => {
      const folder = path.split("/", 1)[0] ?? "";
      return !problems.some(({ file }) => file.endsWith(path) || file.endsWith(`/${folder}`));
    });
    expect(silent).toEqual([]);
    expect(hasErrors(problems)).toBe(true);
    expect(ruleSet.rules.map(({ id }) => id)).toEqual([
      "_global/good",
      "ec2.amazonaws.com/good",
      "s3.amazonaws.com/good",
    ]);
  });

  it("gives plain data that survives JSON, which is how the Lambda gets it", () => {
    const { ruleSet } = load({ "ec2.amazonaws.com/good.yaml": GOOD });
    expect(JSON.parse(JSON.stringify(ruleSet))).toEqual(ruleSet);
  });

  it("agrees with the published schema about what is a good rule", () => {
    const { ruleSet } = loadRules("rules");
    const refused = ruleSet.rules.filter((good) => {
      const file = Object.fromEntries(
        Object.entries(good).filter(([key]) => key !== "id" && key !== "eventSource"),
      );
      return !ruleFileSchema.safeParse(file).success;
    });
    expect(refused).toEqual([]);
    expect(ruleSet.rules.length).toBeGreaterThan(0);
    const bad: unknown[] = [
      {},
      [],
      { all: [] },
      { any: [], all: [] },
      { fact: "eventName", operator: "equal" },
      { fact: "eventName", operator: "equal", value: { a: 1 } },
      { fact: "eventName", operator: "equal", value: "A", path: "$.x" },
      { not: [] },
      { condition: "" },
      { fact: "eventName", operator: "equal", value: "A" },
    ];
    const taken = bad.filter((conditions) => {
      const text = JSON.stringify({ name: "X", severity: "low", conditions });
      return (
        ruleFileSchema.safeParse(JSON.parse(text)).success ||
        load({ "ec2.amazonaws.com/x.json": text }).ruleSet.rules.length > 0
      );
    });
    expect(taken).toEqual([]);
  });

  it("loads 10,000 rules in under 5 seconds", () => {
    const conditions = `all:
  - { fact: eventName, operator: equal, value: AuthorizeSecurityGroupIngress }
  - { fact: errorCode, operator: exists, value: false }
  - any:
      - { fact: "requestParameters.ipPermissions.items[*].ipRanges.items[*].cidrIp", operator: "someFact:equal", value: 0.0.0.0/0 }
      - { fact: "requestParameters.ipPermissions.items[*].ipv6Ranges.items[*].cidrIpv6", operator: "someFact:equal", value: "::/0" }`;
    const text = `${rule(conditions)}description: Somebody allowed ingress from any address.\nsummary: "{{actor.name}} opened {{requestParameters.groupId}}"\nattack: [T1686.001]\ntags: [cis-4.10]\n`;
    const names = Array.from(
      { length: 10_000 },
      (_, index) => `svc${index % 60}.amazonaws.com/rule-${index}.yaml`,
    );
    const dir = rulesDir(Object.fromEntries(names.map((name) => [name, text])));
    // Processor time: other tests run beside this one, and the time they take is not the loader's.
    const start = process.cpuUsage();
    const { ruleSet, problems } = loadRules(dir);
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1_000_000;
    expect(problems).toEqual([]);
    expect(ruleSet.rules).toHaveLength(10_000);
    expect(seconds).toBeLessThan(5);
  });
});
