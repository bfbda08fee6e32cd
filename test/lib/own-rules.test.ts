import { describe, expect, it } from "vitest";
import { loadRules } from "../../lambda/loader/load-rules.ts";
import type { Rule, RuleSet } from "../../lambda/engine/rule.ts";
import { STACK_NAME } from "../../lib/names.ts";
import { checkOwnRules } from "../../lib/own-rules.ts";

const shipped = loadRules("rules").ruleSet;
const own = shipped.rules.filter(({ id }) => id.includes("/engine-"));
const only = (...rules: Rule[]): RuleSet => ({ conditions: {}, lists: {}, suppressions: [], rules });
const rule = (id: string, fact: string, value: string, operator = "includes"): Rule => ({
  id,
  eventSource: id.split("/")[0] ?? "",
  name: "x",
  severity: "high",
  tags: ["engine"],
  conditions: { all: [{ fact, operator, value }] },
});

describe("the rules that watch the engine", () => {
  it("watch the stack as it is called unless told otherwise", () => {
    expect(own.length).toBeGreaterThan(5);
    expect(checkOwnRules(shipped, STACK_NAME, [])).toEqual([]);
  });

  it("are all named when the stack is called otherwise, with the cure", () => {
    const [warning = "", ...others] = checkOwnRules(shipped, "SecondEngine", []);
    expect(others).toEqual([]);
    expect(warning).toContain('another stack than "SecondEngine"');
    expect(warning).toContain("Write the stack's name into the conditions and tests of ");
    expect(warning).toContain("(its EventBridge rules are called SecondEngine.…)");
    for (const { id, eventSource } of own)
      expect([id, warning.includes(id)]).toEqual([id, eventSource !== "secretsmanager.amazonaws.com"]);
  });

  it("are not taken for those of a stack whose name is longer or shorter", () => {
    const one = only(rule("iam.amazonaws.com/engine-role", "requestParameters.roleName", "SecondEngine-"));
    expect(checkOwnRules(one, "SecondEngine", [])).toEqual([]);
    for (const other of ["Second", "Engine", "SecondEngine2", "econdEngine"])
      expect(checkOwnRules(one, other, [])).toHaveLength(1);
  });

  it("of EventBridge rules, have to say the name that the engine makes of a long one", () => {
    const long = "CloudTrailEngineOfThePaymentsTeam";
    const fact = "requestParameters.name";
    const made = only(rule("events.amazonaws.com/engine-rule", fact, `${long}.`));
    const [warning = ""] = checkOwnRules(made, long, []);
    const prefix = /called (\S+)…/.exec(warning)?.[1] ?? "";
    expect(prefix).toMatch(/^CloudTrailEngi-[0-9a-f]{8}\.$/);
    expect(checkOwnRules(only(rule("events.amazonaws.com/engine-rule", fact, prefix)), long, [])).toEqual([]);
  });

  it("are only those that ship: a rule of the user's may be tagged engine", () => {
    const engines = rule("rds.amazonaws.com/old-engine", "requestParameters.engine", "mysql");
    expect(checkOwnRules(only(engines), "SecondEngine", [])).toEqual([]);
  });
});

describe("the secrets of destinations", () => {
  const NAMES = rule(
    "secretsmanager.amazonaws.com/engine-secret-tampered",
    "requestParameters.secretId",
    "(?i)datadog|cloudtrail-?engine",
    "matches",
  );

  it.each([
    "prod/datadog-api-key",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/Datadog-a1B2c3",
  ])("are watched where a rule fires on their name: %s", (secret) => {
    expect(checkOwnRules(shipped, STACK_NAME, [secret])).toEqual([]);
    expect(checkOwnRules(only(NAMES), STACK_NAME, [secret])).toEqual([]);
  });

  it("are named where no rule fires on their name, each once", () => {
    expect(checkOwnRules(shipped, STACK_NAME, ["prod/alerts", "prod/datadog", "x"])).toEqual([
      'The secret "prod/alerts" of a destination is watched by no rule: whoever deletes or overwrites it causes no alert, and later ones do not arrive there. Add its name to the conditions of secretsmanager.amazonaws.com/engine-secret-tampered.',
      expect.stringContaining('The secret "x" of a destination'),
    ]);
  });

  it("are nobody's where the rule was deleted on purpose", () => {
    expect(checkOwnRules(only(), STACK_NAME, ["prod/alerts"])).toEqual([]);
  });
});
