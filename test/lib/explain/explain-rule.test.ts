import { describe, expect, it } from "vitest";
import type { Rule, RuleSet } from "../../../lambda/engine/rule.ts";
import { readEnvelope } from "../../../lambda/record/envelope.ts";
import { explainRule } from "../../../lib/explain/explain-rule.ts";
import { type Explanation, explanationSchema } from "../../../lib/explain/explanation-schema.ts";
import { formatExplanation } from "../../../lib/explain/format-explanation.ts";
import { recordOf, ruleOf, ruleSetOf } from "../../lambda/engine/samples.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const OPENED = ruleOf("ec2.amazonaws.com/opened", {
  all: [
    { fact: "eventName", operator: "equal", value: "AuthorizeSecurityGroupIngress" },
    { fact: "errorCode", operator: "exists", value: false },
    { fact: "requestParameters.cidrIp", operator: "equal", value: "0.0.0.0/0" },
  ],
});
const DELETED = ruleOf("ec2.amazonaws.com/deleted", {
  all: [{ fact: "eventName", operator: "in", value: ["DeleteTags", "DeleteVpc"] }],
});
const MATCHING = recordOf({
  eventName: "AuthorizeSecurityGroupIngress",
  requestParameters: { cidrIp: "0.0.0.0/0" },
});

/** Explains a record, or an envelope, and gives it with its text. */
async function explain(
  rule: Rule,
  input: unknown,
  more: Partial<RuleSet> = {},
): Promise<Explanation & { text: string }> {
  const reading = readEnvelope(input);
  if (!reading.ok) throw new Error(reading.reason);
  const ruleSet = { ...ruleSetOf([rule, ...(rule === OPENED ? [DELETED] : [])]), ...more };
  const found = { reading, place: { file: "r.json", line: 1, column: 1 }, bare: input === reading.record };
  const explanation = await explainRule(rule, ruleSet, found, { at: NOON });
  expect(explanationSchema.safeParse(explanation).error).toBeUndefined();
  return { ...explanation, text: formatExplanation(explanation) };
}

describe("the explanation of a match", () => {
  it("goes from the event bus to the alert", async () => {
    const { delivery, conditions, verdict, record, text } = await explain(OPENED, MATCHING);
    expect(record).toMatchObject({ actor: "ada", outcome: "success", channel: { name: "cli" } });
    expect(delivery).toMatchObject({ delivered: true, ownSelector: true, misses: [], madeEnvelope: true });
    expect(delivery.by).toEqual([{ name: expect.stringMatching(/^ec2/), state: "ENABLED" }]);
    expect(conditions.holds).toBe(true);
    expect(verdict).toEqual({
      alerts: true,
      matches: true,
      tried: true,
      disposition: "delivered",
      notes: [],
    });
    expect(
      text.replace(/ec2-\S+ /, "ec2-NAME ").replace(/\(medium: [^)]+\)/, "(medium: …)"),
    ).toBe(`2026-11-20T09:00:00Z ada called AuthorizeSecurityGroupIngress of ec2.amazonaws.com in eu-central-1 of account 123456789012, from 192.0.2.10
Channel cli (medium: …). Outcome: success. r.json:1:1, eventID 1c9e2f3a-5b6d-4c7e-8f90-a1b2c3d4e5f6

Rule ec2.amazonaws.com/opened (low): Rule ec2.amazonaws.com/opened

Delivery: EventBridge delivers this record, by ec2-NAME (ENABLED).
The record came without an EventBridge event around it; it is taken as its service would have sent it.

Conditions: they hold. → marks what that rests on.
  ✓ all: one that fails would be enough
→   ✓ eventName equal "AuthorizeSecurityGroupIngress" — saw "AuthorizeSecurityGroupIngress"
→   ✓ errorCode exists false — saw nothing
→   ✓ requestParameters.cidrIp equal "0.0.0.0/0" — saw "0.0.0.0/0"

Verdict: ALERT of severity low.`);
  });

  it("says of a staged rule that its alert goes nowhere", async () => {
    const { verdict, text } = await explain({ ...OPENED, mode: "staged" }, MATCHING);
    expect(verdict).toMatchObject({ alerts: false, matches: true, disposition: "staged" });
    expect(text).toContain("Rule ec2.amazonaws.com/opened (low, staged)");
    expect(text).toContain("Verdict: no alert. The rule matches, but it is staged");
  });

  it("names the suppression that holds, and one that would if it had not ended", async () => {
    const suppression = {
      id: "web",
      rules: ["ec2.amazonaws.com/*"],
      conditions: { all: [{ fact: "awsRegion", operator: "equal", value: "eu-central-1" }] },
      reason: "A public web server.",
      owner: "platform",
      expires: "2026-11-20",
    };
    const held = await explain(OPENED, MATCHING, { suppressions: [suppression] });
    expect(held.verdict).toMatchObject({
      alerts: false,
      matches: true,
      disposition: "suppressed",
      suppression: { id: "web", reason: "A public web server.", owner: "platform", expires: "2026-11-20" },
    });
    expect(held.text).toContain(
      "but the suppression web holds until 2026-11-20.\n  platform: A public web server.",
    );
    const ended = await explain(OPENED, MATCHING, {
      suppressions: [{ ...suppression, expires: "2026-11-19" }],
    });
    expect(ended.verdict).toMatchObject({ alerts: true, disposition: "delivered" });
    expect(ended.text).toMatch(
      /Verdict: ALERT of severity low\.\nNote: The suppression web of platform would hold, but it ended on 2026-11-19\.$/,
    );
  });
});

describe("the explanation of a record that is not delivered", () => {
  it("names the fields that stopped it, with what the rule's pattern wants", async () => {
    const { delivery, verdict, text } = await explain(OPENED, { ...MATCHING, errorCode: "AccessDenied" });
    expect(delivery).toMatchObject({
      delivered: false,
      by: [],
      serving: [{ state: "ENABLED" }],
      ownSelector: false,
      misses: [{ field: "detail.errorCode", wanted: [{ exists: false }], saw: ["AccessDenied"] }],
    });
    expect(verdict).toEqual({ alerts: false, matches: false, tried: true, notes: [] });
    expect(text).toContain(
      "Delivery: EventBridge does not deliver this record.\nThe records of this rule come by ec2-",
    );
    expect(text).toContain('\n  ✗ errorCode: the pattern wants nothing; the record has "AccessDenied"\n');
    expect(text).toContain("Verdict: no alert. The rule does not match.");
  });

  it("says when it comes for the sake of another rule", async () => {
    const { delivery, text } = await explain(OPENED, recordOf({ eventName: "DeleteVpc" }));
    expect(delivery).toMatchObject({ delivered: true, ownSelector: false, readHeldBack: false });
    expect(delivery.misses.map(({ field }) => field)).toEqual([
      "detail.eventName",
      "detail.requestParameters.cidrIp",
    ]);
    expect(text).toContain(
      "For the sake of other rules: the pattern of ec2.amazonaws.com/opened alone stops it.",
    );
  });

  it("says of a forged event what patterns demand of the envelope", async () => {
    const forged = { source: "my.app", "detail-type": "AWS API Call via CloudTrail", detail: MATCHING };
    const { delivery, verdict, text } = await explain(OPENED, forged);
    expect(delivery).toMatchObject({ delivered: false, misses: [{ field: "source", saw: ["my.app"] }] });
    expect(verdict).toMatchObject({ alerts: false, matches: true, disposition: "delivered" });
    expect(text).toContain(
      '  ✗ source: the pattern wants a text that begins with "aws."; the record has "my.app"\n    Only AWS services can send',
    );
    expect(text).toContain("The rule matches, but the record would not reach the engine.");
    expect(text).not.toContain("please report");
    expect(text).not.toContain("The record came without");
  });

  it("says first that a rule of another eventSource is never tried, and explains it all the same", async () => {
    const { verdict, conditions, text } = await explain(OPENED, {
      ...MATCHING,
      eventSource: "kms.amazonaws.com",
    });
    expect(verdict).toMatchObject({ alerts: false, matches: false, tried: false });
    expect(conditions.holds).toBe(true);
    const [, , , , first] = text.split("\n");
    expect(first).toBe(
      "This rule is only tried on records of ec2.amazonaws.com; this one is of kms.amazonaws.com. It cannot match, whatever its conditions say.",
    );
  });

  it("counts the event rules of a rule for every source, the nearest first", async () => {
    const root = ruleOf(
      "_global/root",
      { all: [{ fact: "userIdentity.type", operator: "equal", value: "Root" }] },
      null,
    );
    const others = ["ec2", "iam", "kms"].map((service) =>
      ruleOf(
        `${service}.amazonaws.com/x`,
        {
          all: [
            {
              fact: "eventName",
              operator: "in",
              value: Array.from({ length: 60 }, (_, at) => `Delete${service}${at}`),
            },
          ],
        },
        `${service}.amazonaws.com`,
      ),
    );
    const { delivery, text } = await explain(root, recordOf(), { rules: [root, ...others] });
    expect(delivery.delivered).toBe(false);
    expect(delivery.serving.length).toBeGreaterThan(1);
    expect(text).toMatch(
      /The records of this rule come by \S+ \(ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS\), the nearest, and \d others?\./,
    );
  });

  it("shows nothing as it is that a terminal would act on", async () => {
    const { text } = await explain(OPENED, {
      ...MATCHING,
      userIdentity: { type: "IAMUser", userName: "\u001b[2J" },
      errorCode: "\u202e",
      awsRegion: "a\nb",
    });
    expect(text).not.toContain("\u001b");
    expect(text).not.toContain("\u202e");
    expect(text.split("\n")[0]).toContain("in a\\u000ab of account");
  });
});
