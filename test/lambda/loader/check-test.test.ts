import { describe, expect, it } from "vitest";
import { load } from "./rules-dir.ts";

const GOOD =
  "name: Good\nseverity: low\nconditions: { all: [{ fact: eventName, operator: equal, value: A }] }\n";

function loadTest(test: string): ReturnType<typeof load> {
  return load({ "kms.amazonaws.com/key.yaml": GOOD, "kms.amazonaws.com/key.test.yaml": test });
}

describe("a test file", () => {
  it("is read with the place of every case", () => {
    const { lines, tests } = loadTest(`cases:
  - name: fires
    record: { eventName: A, requestParameters: { keyId: k } }
    remove: [userIdentity.sessionContext, "resources[0]"]
    fires: [kms.amazonaws.com/key]
    delivered: true
  - { name: quiet, fires: [] }
`);
    expect(lines).toEqual([]);
    expect(tests).toEqual([
      {
        file: expect.stringMatching(/kms\.amazonaws\.com\/key\.test\.yaml$/),
        ruleId: "kms.amazonaws.com/key",
        eventSource: "kms.amazonaws.com",
        cases: [
          {
            name: "fires",
            record: { eventName: "A", requestParameters: { keyId: "k" } },
            remove: ["userIdentity.sessionContext", "resources[0]"],
            fires: ["kms.amazonaws.com/key"],
            delivered: true,
            line: 2,
            column: 11,
          },
          { name: "quiet", fires: [], line: 7, column: 13 },
        ],
      },
    ]);
  });

  it("reports everything that is wrong with it at once, and keeps its rule", () => {
    const { lines, tests, ruleSet } = loadTest(`cases:
  - name: a
    fires: [kms.amazonaws.com/kye, kms.amazonaws.com/key, kms.amazonaws.com/key, key]
    remove: ["a..b", "resources[*]"]
    recrod: {}
  - name: a
    fires: kms
  - delivered: "yes"
`);
    expect(lines.map((line) => line.replace("kms.amazonaws.com/key.test.yaml:", ""))).toEqual([
      '3:13 cases[0].fires[0]: There is no rule "kms.amazonaws.com/kye". Did you mean "kms.amazonaws.com/key"?',
      '3:59 cases[0].fires[2]: "kms.amazonaws.com/key" stands here twice. Keep one of the two.',
      '3:82 cases[0].fires[3]: There is no rule "key". Did you mean "kms.amazonaws.com/key"?',
      '4:14 cases[0].remove[0]: "a..b" has an empty part at character 3. Take the extra dot out.',
      "4:22 cases[0].remove[1]: [*] names no single key. Write items[0], or give the list in record.",
      '5:5 cases[0].recrod: "recrod" is no key here. Did you mean "record"?',
      '6:11 cases[1].name: There are two cases "a". Name each after what it shows.',
      '7:12 cases[1].fires: "kms" is text, expected a list. Write a list.',
      expect.stringMatching(/^8:5 cases\[2\]\.name: "name" is missing\. Add it: what the case shows, /),
      expect.stringMatching(/^8:5 cases\[2\]\.fires: "fires" is missing\. Add it: the ids of ALL rules /),
      '8:16 cases[2].delivered: "yes" is text, expected true or false. Write true or false.',
    ]);
    expect(tests).toEqual([]);
    expect(ruleSet.rules).toHaveLength(1);
  });

  it.each([
    ["cases: []\n", /^kms\S+:1:8 cases: cases is empty\. Fill it in: /],
    ["{}\n", /^kms\S+:1:1 cases: "cases" is missing\. Add it: /],
    [
      "cases:\n  - hello\n",
      /^kms\S+:2:5 cases\[0\]: "hello" is text, expected an object\. Write an object\.$/,
    ],
    [
      "cases:\n  - { name: x, fires: [], record: [] }\n",
      /^kms\S+:2:35 cases\[0\]\.record: \[\] is a list, expected an object\. Write an object\.$/,
    ],
  ])("is refused: %j", (text, line) => {
    expect(loadTest(text).lines).toEqual([expect.stringMatching(line)]);
  });

  it("that names a field which no record has would pass for that reason, and is refused", () => {
    const { lines, tests } = loadTest(`cases:
  - name: quiet
    record: { eventNme: A, userIdentity.type: Root, nonsense: 1, constructor: 2 }
    remove: [usrIdentity.sessionContext, tlsDetails]
    fires: []
`);
    expect(lines.map((line) => line.replace("kms.amazonaws.com/key.test.yaml:", ""))).toEqual([
      '3:15 cases[0].record.eventNme: No CloudTrail record has a field "eventNme" at its top. Did you mean "eventName"?',
      '3:28 cases[0].record.userIdentity.type: No CloudTrail record has a field "userIdentity.type" at its top. Nest it: userIdentity: { type: … }.',
      '3:53 cases[0].record.nonsense: No CloudTrail record has a field "nonsense" at its top. Write the field as CloudTrail spells it, e.g. eventName.',
      '3:66 cases[0].record.constructor: No CloudTrail record has a field "constructor" at its top. Write the field as CloudTrail spells it, e.g. eventName.',
      '4:14 cases[0].remove[0]: No CloudTrail record has a field "usrIdentity" at its top. Did you mean "userIdentity"?',
    ]);
    expect(tests).toEqual([]);
  });

  it("without a rule is an orphan", () => {
    const { lines } = load({
      "kms.amazonaws.com/key-deleted.yaml": GOOD,
      "kms.amazonaws.com/key-delted.test.yaml": "cases:\n  - { name: quiet, fires: [] }\n",
    });
    expect(lines).toEqual([
      'kms.amazonaws.com/key-delted.test.yaml:1:1 There is no rule kms.amazonaws.com/key-delted for this test. Did you mean "kms.amazonaws.com/key-deleted"?',
    ]);
  });

  it("may name a rule whose own file is bad: that file's problem is enough", () => {
    const { lines, tests } = load({
      "kms.amazonaws.com/bad.yaml": GOOD.replace("low", "lwo"),
      "kms.amazonaws.com/key.yaml": GOOD,
      "kms.amazonaws.com/key.test.yaml": "cases:\n  - { name: quiet, fires: [kms.amazonaws.com/bad] }\n",
    });
    expect(lines).toEqual([expect.stringMatching(/^kms\.amazonaws\.com\/bad\.yaml:2:11 severity: /)]);
    expect(tests).toHaveLength(1);
  });
});
