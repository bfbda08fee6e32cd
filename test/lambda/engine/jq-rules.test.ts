import { describe, expect, it } from "vitest";
import { createEngine } from "../../../lambda/engine/engine.ts";
import type { JqAnswer, JqPort } from "../../../lambda/engine/jq-port.ts";
import type { Rule } from "../../../lambda/engine/rule.ts";
import { makeAlert } from "../../../lambda/alerts/alert.ts";
import { alertSchema } from "../../../lambda/alerts/alert-schema.ts";
import { formatAlertForPeople } from "../../../lambda/alerts/text.ts";
import { glance } from "../../../lambda/destinations/glance.ts";
import { is, recordOf, ruleOf, ruleSetOf } from "./samples.ts";

const jqRule = (id: string, value = "CreateTags"): Rule => ({
  ...ruleOf(id, { all: [is("eventName", value)] }),
  jq: ".",
});

/** A jq that says this of each rule, and remembers what it was asked. */
function saying(answers: Readonly<Record<string, Partial<JqAnswer>>>): JqPort & { asked: string[][] } {
  const asked: string[][] = [];
  return {
    asked,
    ask: (_, questions) => {
      asked.push(questions.map(({ id }) => id));
      return Promise.resolve(
        questions.map(({ id }) => ({ ruleId: id, matches: false, annotations: [], ...answers[id] })),
      );
    },
  };
}

describe("rules with a jq expression", () => {
  it("match where conditions hold and the expression does, asked together for all candidates", async () => {
    const jq = saying({ a: { matches: true }, b: { matches: false }, d: { matches: true } });
    const rules = [
      jqRule("a"),
      jqRule("b"),
      ruleOf("c", { all: [is("eventName", "CreateTags")] }),
      jqRule("d", "Other"),
    ];
    const { matches } = await createEngine(ruleSetOf(rules), jq).evaluate(recordOf(), 0);
    expect(matches.map(({ rule }) => rule.id)).toEqual(["a", "c"]);
    expect(jq.asked).toEqual([["a", "b"]]);
  });

  it("cost nothing where none is a candidate", async () => {
    const jq = saying({});
    await createEngine(ruleSetOf([jqRule("a", "Other")]), jq).evaluate(recordOf(), 0);
    expect(jq.asked).toEqual([]);
  });

  it("give the alert their results, a line each, as hostile text", async () => {
    const jq = saying({ a: { matches: true, annotations: ["user bob", "and \u202e\u0007more"] } });
    const record = recordOf();
    const { matches } = await createEngine(ruleSetOf([jqRule("a")]), jq).evaluate(record, 0);
    const [match] = matches;
    if (match === undefined) throw new Error("no match");
    const alert = alertSchema.parse(makeAlert(match, record));
    expect(alert.annotation).toBe("user bob\nand \u202e\u0007more");
    expect(formatAlertForPeople(alert)).toContain("  what    user bob and \\u202e\\u0007more\n");
    expect(glance({ alert, kind: "alert" } as never).facts[0]).toEqual({
      label: "What",
      value: "user bob and \\u202e\\u0007more",
    });
  });

  it("whose expression ends with an error do not match and do not fail; it is told", async () => {
    const jq = saying({ a: { error: "boom" }, b: { matches: true, annotations: ["x"], error: "late" } });
    const found = await createEngine(ruleSetOf([jqRule("a"), jqRule("b")]), jq).evaluate(recordOf(), 0);
    expect(found.matches.map(({ rule }) => rule.id)).toEqual(["b"]);
    expect(found.problems).toEqual([]);
    expect(found.jqErrors).toEqual([
      { ruleId: "a", message: "boom" },
      { ruleId: "b", message: "late" },
    ]);
  });

  it("that could not be judged fail, and stop no other", async () => {
    const jq = saying({ a: { failed: "too slow" }, b: { matches: true } });
    const found = await createEngine(ruleSetOf([jqRule("a"), jqRule("b")]), jq).evaluate(recordOf(), 0);
    expect(found.matches.map(({ rule }) => rule.id)).toEqual(["b"]);
    expect(found.problems).toEqual([{ ruleId: "a", message: "too slow" }]);
    expect(found.jqErrors).toBeUndefined();
  });

  it("fail, and are not passed over, where there is no jq", async () => {
    const { matches, problems } = await createEngine(ruleSetOf([jqRule("a")])).evaluate(recordOf(), 0);
    expect(matches).toEqual([]);
    expect(problems[0]?.message).toContain("jq is not there");
  });
});
