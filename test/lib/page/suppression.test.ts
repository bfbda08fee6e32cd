import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { UNSEEN } from "../../../lambda/alerts/unseen.ts";
import { draftSuppression, offerFacts } from "../../../lib/page/suppression.ts";
import { whyNot } from "../../../lib/page/why-not.ts";
import { HOSTILE_ALERTS } from "../../browser/hostile.ts";
import { sampleAlert, sampleRecord } from "../../lambda/alerts/sample.ts";
import { ruleSet } from "./stage.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const request = { name: "a-web-server", reason: "Public.", owner: "platform", expires: "2027-01-31" };
const draft = (changes: object = {}, alert = sampleAlert()) =>
  draftSuppression({ ...request, facts: ["actor.arn"], ...changes }, alert, ruleSet, NOW);

describe("the file of a suppression", () => {
  it("is what the loader takes, and holds the alert back", async () => {
    const { path, yaml, errors, warnings, holds } = await draft();
    expect({ path, errors, warnings, holds }).toEqual({
      path: "rules/_suppressions/a-web-server.yaml",
      errors: [],
      warnings: [],
      holds: true,
    });
    expect(parse(yaml)).toEqual({
      rules: ["ec2.amazonaws.com/security-group-opened"],
      conditions: {
        all: [{ fact: "actor.arn", operator: "equal", value: "arn:aws:iam::123456789012:role/people/Admin" }],
      },
      reason: "Public.",
      owner: "platform",
      expires: "2027-01-31",
    });
  });

  it("keeps account ids as text, and takes values from the alert alone", async () => {
    const { yaml, errors } = await draft({
      facts: ["recipientAccountId", "actor.arn", "nonsense", "__proto__"],
    });
    expect(yaml).toContain('value: "123456789012"');
    expect(yaml).not.toContain("nonsense");
    expect(errors).toEqual([]);
  });

  it("is refused in the loader's own words: nothing to match on, no such day, a name that is taken", async () => {
    expect((await draft({ facts: [] })).errors.join()).toContain("conditions.all");
    expect((await draft({ expires: "2027-02-30" })).errors.join()).toContain(
      "There is no 2027-02-30 in the calendar",
    );
    expect((await draft({ expires: "2026-01-01" })).warnings.join()).toContain("expired");
    expect((await draft({ facts: ["userAgent"] })).warnings.join()).toContain(
      "an attacker can choose it too",
    );
    const suppression = { ...request, id: "a-web-server", rules: ["*"], conditions: { all: [] } };
    const taken = await draftSuppression(
      { ...request, facts: ["actor.arn"] },
      sampleAlert(),
      { ...ruleSet, suppressions: [suppression] },
      NOW,
    );
    expect(taken.errors.join()).toContain("There is a suppression called a-web-server already");
  });

  it("hides nothing from who reviews it: not a bidirectional mark, nor what has no width", async () => {
    const hidden = 'Terraform/1.0\u202e\u2066\u200b\u00ad\u2028\u0085\ufeff\u{e0041} "\\n\\: #';
    const alert = sampleAlert({ userAgent: hidden, requestParameters: { groupId: `x${hidden}` } });
    const facts = ["userAgent", "requestParameters.groupId", "actor.arn"];
    const { yaml, errors } = await draft({ facts, reason: `because ${hidden}`, owner: "\u202eo" }, alert);
    expect(errors).toEqual([]);
    expect(yaml.search(UNSEEN)).toBe(-1);
    const read = parse(yaml) as { conditions: { all: { value: string }[] }; reason: string };
    expect(read.reason).toBe(`because ${hidden}`);
    expect(read.conditions.all.map(({ value }) => value)).toEqual([
      "arn:aws:iam::123456789012:role/people/Admin",
      hidden,
      `x${hidden}`,
    ]);
  });

  it("of any value matches that value and no other", async () => {
    const hostile = fc.oneof(
      fc.string({ minLength: 1, maxLength: 60, unit: "binary" }),
      fc.constantFrom(
        "*",
        "{fact: eventName}",
        "!!js/function x",
        "<<",
        "&a *a",
        "~",
        "null",
        "0x10",
        "1e3",
        "yes",
        "- a: b",
        "a\n  operator: exists",
        "%YAML 1.1\n---",
        "'\"",
        "@alice",
        "`x`",
      ),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (userAgent) => {
        const { yaml } = await draft({ facts: ["userAgent"] }, sampleAlert({ userAgent }));
        expect(yaml.search(UNSEEN)).toBe(-1);
        expect(parse(yaml)).toMatchObject({
          conditions: { all: [{ fact: "userAgent", operator: "equal", value: userAgent }] },
        });
        expect(parse(yaml, { version: "1.1" })).toMatchObject({
          conditions: { all: [{ value: userAgent }] },
        });
      }),
      { numRuns: 150 },
    );
  });

  it("of any texts, hostile ones too, is a file that says just these", async () => {
    const text = fc.oneof(
      fc.string({ maxLength: 80 }),
      fc.constantFrom(...HOSTILE_ALERTS.map((one) => one.text)),
    );
    await fc.assert(
      fc.asyncProperty(text, text, fc.constantFrom(...HOSTILE_ALERTS), async (reason, owner, { alert }) => {
        const facts = offerFacts(alert).map(({ fact }) => fact);
        const { yaml } = await draft({ reason, owner, facts }, { ...alert, rule: sampleAlert().rule });
        expect(parse(yaml)).toMatchObject({ reason, owner });
        expect(Object.keys(parse(yaml) as object)).toEqual([
          "rules",
          "conditions",
          "reason",
          "owner",
          "expires",
        ]);
      }),
      { numRuns: 60 },
    );
  });
});

const ask = (text: string, more: object = {}) => whyNot({ text, ...more }, ruleSet, NOW);
const message = async (text: string, more: object = {}): Promise<string> => {
  const answer = await ask(text, more);
  return answer.ok ? "" : answer.message;
};

describe("why it did not fire", () => {
  const record = sampleRecord();

  it("explains the rules that come nearest, those that alert first", async () => {
    const answer = await ask(JSON.stringify(record));
    expect(answer).toMatchObject({ ok: true, records: [] });
    if (!answer.ok) return;
    expect(answer.tried).toBeGreaterThan(30);
    expect(answer.explanations).toHaveLength(8);
    expect(answer.explanations[0]?.verdict.alerts).toBe(true);
    const rule = answer.explanations.find((one) => one.rule.id === "ec2.amazonaws.com/security-group-opened");
    expect(rule?.verdict).toMatchObject({ matches: true, alerts: true });
  });

  it("explains one rule, one record of several, in any form", async () => {
    const other = sampleRecord({ eventName: "DescribeInstances", readOnly: true });
    const answer = await ask(JSON.stringify({ Records: [record, other] }), {
      ruleId: "ec2.amazonaws.com/security-group-opened",
      index: 1,
    });
    expect(answer).toMatchObject({
      ok: true,
      explanations: [
        {
          record: { eventName: "DescribeInstances" },
          verdict: { matches: false },
          delivery: { delivered: false },
        },
      ],
    });
    expect(answer.ok && answer.records).toHaveLength(2);
  });

  it("says what is wrong with what is no record, no rule, no such number", async () => {
    expect(await message("hello")).toContain("This is no CloudTrail record");
    expect(await message("  ")).toContain("nothing but white space");
    expect(await message("[1, {}]")).toContain("This is no CloudTrail record");
    expect(await message(JSON.stringify(record), { ruleId: "x" })).toBe("There is no rule called x.");
    expect(await message(JSON.stringify(record), { index: 4 })).toContain("none of number 5");
  });

  it("never throws, whatever is pasted", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ maxLength: 300 }), fc.json({ maxDepth: 4 })), async (text) => {
        expect(typeof (await ask(text)).ok).toBe("boolean");
      }),
      { numRuns: 200 },
    );
  });
});
