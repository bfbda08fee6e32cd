import { describe, expect, it } from "vitest";
import { load, rule } from "./rules-dir.ts";

const RULES = {
  "ec2.amazonaws.com/opened.yaml": rule("all: [{ fact: eventName, operator: equal, value: X }]"),
  "iam.amazonaws.com/user-created.yaml": rule("all: [{ fact: eventName, operator: equal, value: Y }]"),
  "iam.amazonaws.com/broken.yaml": "name: [",
};
const KEYS = {
  rules: "[ec2.amazonaws.com/opened]",
  conditions: '{ all: [{ fact: userIdentity.accountId, operator: equal, value: "123456789012" }] }',
  reason: "Routine.",
  owner: "platform",
  expires: "2027-03-31",
};
const NOON = Date.UTC(2027, 2, 31, 12);
const DAY = 86_400_000;

/** Loads a suppression with these keys in place of good ones; its problems without the name of the file. */
function suppression(keys: Record<string, string | undefined> = {}, now?: number) {
  const text = Object.entries({ ...KEYS, ...keys })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join("");
  const { lines, ruleSet } = load(
    { ...RULES, "_suppressions/s.yaml": text },
    now === undefined ? {} : { now },
  );
  const own = lines.filter((line) => line.startsWith("_suppressions/"));
  return {
    lines: own.map((line) => line.replace("_suppressions/s.yaml:", "")),
    good: ruleSet.suppressions[0],
  };
}

describe("a suppression", () => {
  it("is part of the rule set under the name of its file", () => {
    const { lines, good } = suppression();
    expect(lines).toEqual([]);
    expect(good).toEqual({
      id: "s",
      rules: ["ec2.amazonaws.com/opened"],
      conditions: {
        all: [{ fact: "userIdentity.accountId", operator: "equal", value: "123456789012" }],
      },
      reason: "Routine.",
      owner: "platform",
      expires: "2027-03-31",
    });
  });

  it.each(["rules", "conditions", "reason", "owner", "expires"])("has to have %s", (key) => {
    const { lines, good } = suppression({ [key]: undefined });
    expect(lines).toEqual([expect.stringContaining(`"${key}" is missing. Add it:`)]);
    expect(good).toBeUndefined();
  });

  it.each([
    [{ name: "x" }, 'name: "name" is no key here. Delete it: a suppression is called as its file.'],
    [{ rule: "x" }, 'rule: "rule" is no key here. Did you mean "rules"?'],
    [{ until: "x" }, 'until: "until" is no key here. Did you mean "expires"?'],
    [{ any: "[]" }, 'any: "any" is no key here. Put it below "conditions".'],
    [{ rules: "ec2.amazonaws.com/opened" }, "is text, expected a list"],
    [{ rules: "[]" }, "rules is empty"],
    [{ reason: '""' }, "reason is empty"],
    [{ expires: "31.3.2027" }, "expires: "],
    [{ expires: "2027-3-31" }, "expires: "],
    [
      { expires: "2027-02-30" },
      "expires: There is no 2027-02-30 in the calendar. Write a day that there is.",
    ],
    [{ expires: "2027-02-29" }, "expires: There is no 2027-02-29 in the calendar."],
  ])("is refused with %j", (keys, advice) => {
    const { lines, good } = suppression(keys);
    expect(lines).toEqual([expect.stringContaining(advice)]);
    expect(good).toBeUndefined();
  });

  it.each([
    ["{}", "This condition says nothing."],
    ["{ all: [] }", "all is empty"],
    ["[]", "A condition is an object, this is a list."],
    ["", "A condition is an object, this is null."],
    [
      "{ fact: eventName, operator: equal, value: X }",
      "json-rules-engine needs all, any, not or condition at the top of a suppression, not a comparison.",
    ],
    ["{ all: [{ fact: eventNam, operator: equal, value: X }] }", 'Did you mean "eventName"?'],
    ["{ condition: nowhere }", 'There is no shared condition "nowhere".'],
  ])("is refused when its conditions say nothing, or nonsense: %s", (conditions, advice) => {
    const { lines, good } = suppression({ conditions });
    expect(lines).toEqual([expect.stringContaining(advice)]);
    expect(good).toBeUndefined();
  });
});

describe("the rules that a suppression names", () => {
  it.each(["ec2.amazonaws.com/*", "iam.amazonaws.com/user-*", "iam.amazonaws.com/broken"])(
    "may be one or several, and have errors of their own: %s",
    (pattern) => {
      expect(suppression({ rules: `[${pattern}]` }).lines).toEqual([]);
    },
  );

  it.each(["*", "**", "*/*", "*.amazonaws.com/*"])(
    "are warned of where they are all rules: %s",
    (pattern) => {
      const { lines, good } = suppression({ rules: `["${pattern}"]` });
      expect(lines).toEqual([
        `1:9 warning: rules[0]: "${pattern}" is every rule, also those that are still to be written. Name the rules, or those of one eventSource: iam.amazonaws.com/*.`,
      ]);
      expect(good).toBeDefined();
    },
  );

  it.each([
    ["ec2.amazonaws.com/openned", 'Did you mean "ec2.amazonaws.com/opened"?'],
    ["opened", 'Did you mean "ec2.amazonaws.com/opened"?'],
    ["opened.yaml", 'Did you mean "ec2.amazonaws.com/opened"?'],
    ["rules/ec2.amazonaws.com/opened.yaml", 'Did you mean "ec2.amazonaws.com/opened"?'],
    ["kms.amazonaws.com/*", "Write a rule's id, its path below the rules folder without .yaml"],
    ["ec2.amazonaws.com", "Write a rule's id"],
  ])("have to be there: %s", (pattern, cure) => {
    const { lines, good } = suppression({ rules: `[ec2.amazonaws.com/opened, ${pattern}]` });
    expect(lines).toEqual([
      expect.stringContaining(`1:35 rules[1]: No rule is called "${pattern}". ${cure}`),
    ]);
    expect(good).toBeUndefined();
  });
});

const lineAt = (now: number) => suppression({}, now).lines;

describe("the end of a suppression", () => {
  it("is not mentioned more than 14 days before, nor where nobody asks for the time", () => {
    expect(lineAt(Date.UTC(2027, 3, 1) - 14 * DAY - 1)).toEqual([]);
    expect(suppression().lines).toEqual([]);
  });

  it.each([
    [NOON - 13 * DAY, "The suppression ends in 13 days, after 2027-03-31: then its matches alert again."],
    [NOON - DAY, "The suppression ends in 1 day, after 2027-03-31"],
    [NOON, "The suppression ends today, after 2027-03-31"],
    [NOON + DAY, "The suppression expired on 2027-03-31: its matches alert again. Delete it, or renew it."],
    [NOON + 900 * DAY, "The suppression expired on 2027-03-31"],
  ])("is warned of at %d", (now, advice) => {
    expect(lineAt(now)).toEqual([expect.stringContaining(`5:10 warning: expires: ${advice}`)]);
    expect(suppression({}, now).good).toBeDefined();
  });

  it("is warned of where it is more than a year ahead", () => {
    const now = Date.UTC(2026, 10, 20);
    expect(suppression({ expires: "2027-11-20" }, now).lines).toEqual([]);
    expect(suppression({ expires: "2027-11-30" }, now).lines).toEqual([
      "5:10 warning: expires: The suppression holds until 2027-11-30, more than a year ahead: nobody will look at its reason again. Write a day within a year; validate says when it comes near.",
    ]);
    expect(suppression({ expires: "9999-12-31" }, now).lines).toHaveLength(1);
  });
});

describe("a suppression that rests on what the caller chooses", () => {
  const WARNING = "can hold by what the caller chooses alone";

  it("is warned of at its conditions, with the facts, and works", () => {
    const conditions = `{ any: [
  { all: [{ fact: userAgent, operator: startsWith, value: Terraform/ }, { fact: eventName, operator: equal, value: X }] },
  { fact: actor.session, operator: equal, value: ci },
  { fact: sourceIPAddress, operator: inCidr, value: 192.0.2.0/24 } ] }`;
    const { lines, good } = suppression({ conditions });
    expect(lines).toEqual([
      "2:1 warning: conditions: These conditions can hold by what the caller chooses alone (userAgent, actor.session), and an attacker can choose it too. Fix that as AWS writes it, e.g. actor.arn, userIdentity.accountId or sourceIPAddress, or the id of the one thing that is touched, in every branch of any.",
    ]);
    expect(good).toBeDefined();
  });

  it("is found through shared conditions and lists", () => {
    const files = {
      ...RULES,
      "_conditions/terraform.yaml": "conditions: { fact: userAgent, operator: inList, value: agents }\n",
      "_lists/agents.yaml": 'description: x\nkind: wildcard\nvalues: ["Terraform/*"]\n',
      "_suppressions/s.yaml": Object.entries({ ...KEYS, conditions: "{ condition: terraform }" })
        .map(([key, value]) => `${key}: ${value}\n`)
        .join(""),
    };
    const { lines } = load(files);
    expect(lines.filter((line) => line.includes(WARNING))).toHaveLength(1);
  });
});

describe("a suppression that holds for anybody", () => {
  it.each([
    ["fact: eventSource, operator: exists, value: true", "eventSource"],
    ["fact: outcome, operator: equal, value: success", "outcome"],
    ["fact: sourceIPAddress, operator: inCidr, value: 0.0.0.0/0", "sourceIPAddress"],
    ["fact: userIdentity.userName, operator: notEqual, value: evil", "userIdentity.userName"],
  ])("is warned of at its conditions, and works: %s", (literal, fact) => {
    const { lines, good } = suppression({ conditions: `{ all: [{ ${literal} }] }` });
    expect(lines).toEqual([
      `2:1 warning: conditions: These conditions do not say who calls, from where or on what (${fact}): they can hold for anybody. Fix that as AWS writes it, e.g. actor.arn, userIdentity.accountId or sourceIPAddress, or the id of the one thing that is touched, in every branch of any.`,
    ]);
    expect(good).toBeDefined();
  });

  it("is none where it fixes the thing that is touched", () => {
    const conditions =
      "{ all: [{ fact: requestParameters.bucketName, operator: equal, value: public-site }] }";
    expect(suppression({ conditions }).lines).toEqual([]);
  });
});
