import * as fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createEngine } from "../../../lambda/engine/engine.ts";
import { literalsOf, normalize } from "../../../lambda/engine/conditions.ts";
import { OPERATORS } from "../../../lambda/engine/operators.ts";
import { factOfValue } from "../../../lambda/engine/predicate.ts";
import type { Condition, Rule, RuleSet, Suppression } from "../../../lambda/engine/rule.ts";
import { factRoot } from "../../../lambda/record/derived-facts.ts";
import { parseFactPath } from "../../../lambda/record/fact-path.ts";
import { AlternativeLists, Alternatives, resolveFact } from "../../../lambda/record/facts.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";
import { createOracle } from "../../properties/oracle.ts";
import { makeRecord } from "../../properties/record-generator.ts";
import { ruleSetArbitrary } from "../../properties/rule-arbitrary.ts";
import { is, recordOf, ruleOf } from "./samples.ts";

const RULE = ruleOf("ec2.amazonaws.com/tagged", is("eventName", "CreateTags"));
const NOW = Date.UTC(2027, 0, 15);

function suppression(id: string, conditions: Condition, more: Partial<Suppression> = {}): Suppression {
  return {
    id,
    rules: [RULE.id],
    conditions,
    reason: "Routine.",
    owner: "platform",
    expires: "2027-03-31",
    ...more,
  };
}

function setOf(suppressions: readonly Suppression[], rules: readonly Rule[] = [RULE]): RuleSet {
  return {
    rules,
    suppressions,
    conditions: { "by-ada": is("userIdentity.userName", "ada") },
    lists: { office: { kind: "cidr", values: ["192.0.2.0/24"], description: "The office." } },
  };
}

const ADA = suppression("ada", { all: [{ condition: "by-ada" }] });

async function evaluate(ruleSet: RuleSet, fields: Record<string, unknown> = {}, at = NOW) {
  const { matches, problems } = await createEngine(ruleSet).evaluate(recordOf(fields), at);
  return {
    matches: matches.map(({ rule, disposition, suppression: held, notes }) => ({
      rule: rule.id,
      disposition,
      held: held?.id,
      notes,
    })),
    problems,
  };
}

function collides({ conditions }: Rule, ruleSet: RuleSet, record: CloudTrailRecord): boolean {
  const isOne = (value: unknown): boolean =>
    value instanceof Alternatives ||
    value instanceof AlternativeLists ||
    (Array.isArray(value) && value.some(isOne));
  return literalsOf(normalize(conditions, ruleSet.conditions, ruleSet.lists))
    .flatMap(({ fact, value }) => [fact, factOfValue(value) ?? fact])
    .some((name) => {
      const path = parseFactPath(name);
      return isOne(resolveFact(factRoot(record, path), path));
    });
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a suppression", () => {
  it("keeps back the matches that its conditions hold for, and no others", async () => {
    const ruleSet = setOf([ADA]);
    expect((await evaluate(ruleSet)).matches).toEqual([
      { rule: RULE.id, disposition: "suppressed", held: "ada", notes: [] },
    ]);
    expect((await evaluate(ruleSet, { userIdentity: { type: "IAMUser", userName: "eve" } })).matches).toEqual(
      [{ rule: RULE.id, disposition: "delivered", held: undefined, notes: [] }],
    );
  });

  it("may use lists", async () => {
    const office = { fact: "sourceIPAddress", operator: "inList", value: "office" };
    const ruleSet = setOf([suppression("office", { all: [office] })]);
    const dispositions = async (sourceIPAddress: string) =>
      (await evaluate(ruleSet, { sourceIPAddress })).matches.map(({ disposition }) => disposition);
    expect(await dispositions("192.0.2.7")).toEqual(["suppressed"]);
    expect(await dispositions("198.51.100.7")).toEqual(["delivered"]);
  });

  it.each([
    [["ec2.amazonaws.com/tagged"], true],
    [["iam.amazonaws.com/x", "ec2.amazonaws.com/tag*"], true],
    [["*"], true],
    [["*/tagged"], true],
    [["ec2.amazonaws.com/tag"], false],
    [["tagged"], false],
  ])("of the rules %j: %j", async (rules, expected) => {
    const { matches } = await evaluate(setOf([{ ...ADA, rules }]));
    expect(matches[0]?.disposition).toBe(expected ? "suppressed" : "delivered");
  });

  it("holds to the end of its last day in UTC, and not a moment longer", async () => {
    const ruleSet = setOf([ADA]);
    const dispositions: unknown[] = [];
    for (const at of [0, Date.UTC(2027, 2, 31, 23, 59, 59, 999), Date.UTC(2027, 3, 1)])
      dispositions.push((await evaluate(ruleSet, {}, at)).matches[0]?.disposition);
    expect(dispositions).toEqual(["suppressed", "suppressed", "delivered"]);
  });

  it("gives way to the first that holds, in the order of ids, those passed over that have expired or do not", async () => {
    const suppressions = [
      suppression("a-expired", ADA.conditions, { expires: "2026-12-31" }),
      suppression("b-other", { all: [is("userAgent", "x")] }),
      suppression("c", ADA.conditions),
      suppression("d", ADA.conditions),
    ];
    expect((await evaluate(setOf(suppressions))).matches[0]?.held).toBe("c");
  });

  it("is not asked about the match of a staged rule, which goes nowhere anyhow", async () => {
    const { matches } = await evaluate(setOf([ADA], [{ ...RULE, mode: "staged" }]));
    expect(matches).toEqual([{ rule: RULE.id, disposition: "staged", held: undefined, notes: [] }]);
  });

  it("is asked once for each rule that it names", async () => {
    const rules = [
      RULE,
      ruleOf("ec2.amazonaws.com/too", is("eventName", "CreateTags")),
      { ...RULE, id: "x/y" },
    ];
    const { matches } = await evaluate(setOf([{ ...ADA, rules: ["ec2.amazonaws.com/*"] }], rules));
    expect(matches.map(({ disposition }) => disposition)).toEqual(["suppressed", "suppressed", "delivered"]);
  });
});

describe("a suppression that cannot be evaluated", () => {
  // A name that nothing else compiles: what is compiled while the operator throws is kept.
  const operator = "someValue:not:equalIgnoreCase";
  const broken = suppression("broken", { all: [{ fact: "userAgent", operator, value: ["x"] }] });

  it("lets the alert through, says so in its notes and is counted", async () => {
    const ruleSet = setOf([broken]);
    const { equalIgnoreCase } = OPERATORS;
    if (equalIgnoreCase === undefined) throw new Error("there is no such operator");
    vi.spyOn(equalIgnoreCase, "holds").mockImplementation(() => {
      throw new Error("boom");
    });
    expect(await evaluate(ruleSet)).toEqual({
      matches: [
        {
          rule: RULE.id,
          disposition: "delivered",
          held: undefined,
          notes: ["The suppression broken could not be evaluated and was passed over: boom"],
        },
      ],
      problems: [{ ruleId: RULE.id, suppressionId: "broken", message: "boom" }],
    });
  });

  it("does not keep another from being asked", async () => {
    const ruleSet = setOf([suppression("a", { all: [{ condition: "nowhere" }] }), ADA]);
    const { matches, problems } = await evaluate(ruleSet);
    expect(matches[0]).toMatchObject({ disposition: "suppressed", held: "ada" });
    expect(matches[0]?.notes).toHaveLength(1);
    expect(problems).toEqual([
      { ruleId: RULE.id, suppressionId: "a", message: 'there is no shared condition "nowhere"' },
    ]);
  });

  it.each([
    [{ all: [{ fact: "userAgent", operator: "nonsense", value: "x" }] }],
    [{ all: [{ fact: "", operator: "equal", value: "x" }] }],
    [{ all: [] }],
  ])("for its conditions %j lets every alert through and stops no engine", async (conditions) => {
    const { matches, problems } = await evaluate(setOf([suppression("bad", conditions)]));
    expect(matches[0]?.disposition).toBe("delivered");
    expect(problems).toMatchObject([{ suppressionId: "bad" }]);
  });

  it("expired says nothing", async () => {
    const ruleSet = setOf([{ ...broken, conditions: { condition: "nowhere" }, expires: "2026-12-31" }]);
    expect((await evaluate(ruleSet)).problems).toEqual([]);
  });
});

describe("suppressions of records that are evaluated at the same time", () => {
  it("see each its own record", async () => {
    const byActor = suppression("ada", { all: [is("actor.name", "ada"), is("outcome", "success")] });
    const engine = createEngine(setOf([byActor]));
    const records = Array.from({ length: 40 }, (_, at) =>
      recordOf({ userIdentity: { type: "IAMUser", userName: at % 3 === 0 ? "ada" : "eve" } }),
    );
    const together = await Promise.all(records.map((record) => engine.evaluate(record, NOW)));
    expect(together.map(({ matches }) => matches[0]?.disposition)).toEqual(
      records.map((_, at) => (at % 3 === 0 ? "suppressed" : "delivered")),
    );
  });
});

describe("a suppression of a record whose keys collide", () => {
  const held = suppression("a", { all: [is("requestParameters.a", "routine")] });
  const disposition = async (fields: Record<string, unknown>) =>
    (await evaluate(setOf([held]), fields)).matches[0]?.disposition;

  it("has to hold for all of the values, so that nobody writes the routine one beside the other", async () => {
    const forged = { "requestParameters.a": "routine" };
    expect(await disposition({ requestParameters: { a: "routine" } })).toBe("suppressed");
    expect(await disposition({ requestParameters: { a: "odd" }, ...forged })).toBe("delivered");
    expect(await disposition({ requestParameters: { a: "routine" }, "requestParameters.a": "odd" })).toBe(
      "delivered",
    );
    expect(await disposition({ requestParameters: { a: "routine" }, ...forged })).toBe("suppressed");
  });

  it("does so under a not, too", async () => {
    const conditions = { all: [{ not: is("requestParameters.a", "odd") }] };
    const ruleSet = setOf([suppression("a", conditions)]);
    const fields = { requestParameters: { a: "odd" }, "requestParameters.a": "routine" };
    expect((await evaluate(ruleSet, fields)).matches[0]?.disposition).toBe("delivered");
    expect((await evaluate(ruleSet, { requestParameters: null })).matches[0]?.disposition).toBe("suppressed");
  });
});

describe("a random suppression", () => {
  it("holds exactly when json-rules-engine, as it comes, says so", async () => {
    const tally = { suppressed: 0, delivered: 0 };
    const always = ruleOf("_global/always", { fact: "eventName", operator: "exists", value: true }, null);
    const seeds = fc.array(fc.nat(), { minLength: 10, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(ruleSetArbitrary, seeds, async (ruleSet, records) => {
        const [random] = ruleSet.rules;
        if (random === undefined) throw new Error("the generator made a rule set without a rule");
        const { conditions } = random;
        const suppressions = [suppression("random", conditions, { rules: ["*"] })];
        const engine = createEngine({ ...ruleSet, rules: [always], suppressions });
        const oracle = createOracle(random, ruleSet);
        for (const seed of records) {
          const record = JSON.parse(JSON.stringify(makeRecord(ruleSet, seed))) as CloudTrailRecord;
          // What holds where keys collide is told above, and in siblings.test.ts.
          if (collides(random, ruleSet, record)) continue;
          const expected = (await oracle(record)) ? "suppressed" : "delivered";
          const { matches, problems } = await engine.evaluate(record, NOW);
          const context = `suppression: ${JSON.stringify(conditions)}\nrecord: ${JSON.stringify(record)}`;
          expect({ context, problems, disposition: matches[0]?.disposition }).toEqual({
            context,
            problems: [],
            disposition: expected,
          });
          tally[expected]++;
        }
      }),
      { numRuns: 300 },
    );
    expect(Math.min(tally.suppressed, tally.delivered)).toBeGreaterThan(500);
  });
});
