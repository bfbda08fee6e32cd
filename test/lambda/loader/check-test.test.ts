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

  it("that misspells a field below userIdentity or tlsDetails is refused, and warned of what may be new", () => {
    const { lines, tests } = loadTest(`cases:
  - name: quiet
    record:
      userIdentity:
        usrName: ada
        sessionContext.attributes: {}
        constructor: 1
        sessionContext: { sesionIssuer: {}, attributes: { mfaAuthenticatd: "true" }, sessionIssuer: { name: x } }
      tlsDetails: { tlsVersionn: TLSv1.3 }
      requestParameters: { usrName: as each service likes }
    fires: []
`);
    expect(lines.map((line) => line.replace("kms.amazonaws.com/key.test.yaml:", ""))).toEqual([
      '5:9 cases[0].record.userIdentity.usrName: CloudTrail documents no "usrName" in userIdentity. Did you mean "userName"?',
      '6:9 cases[0].record.userIdentity.sessionContext.attributes: CloudTrail documents no "sessionContext.attributes" in userIdentity. Nest it: sessionContext: { attributes: … }.',
      '7:9 warning: cases[0].record.userIdentity.constructor: CloudTrail documents no "constructor" in userIdentity. Check it against a real record.',
      '8:27 cases[0].record.userIdentity.sessionContext.sesionIssuer: CloudTrail documents no "sesionIssuer" in userIdentity.sessionContext. Did you mean "sessionIssuer"?',
      '8:59 cases[0].record.userIdentity.sessionContext.attributes.mfaAuthenticatd: CloudTrail documents no "mfaAuthenticatd" in userIdentity.sessionContext.attributes. Did you mean "mfaAuthenticated"?',
      '8:103 warning: cases[0].record.userIdentity.sessionContext.sessionIssuer.name: CloudTrail documents no "name" in userIdentity.sessionContext.sessionIssuer. Check it against a real record.',
      '9:21 cases[0].record.tlsDetails.tlsVersionn: CloudTrail documents no "tlsVersionn" in tlsDetails. Did you mean "tlsVersion"?',
    ]);
    expect(tests).toEqual([]);
  });

  it("is good with a field that CloudTrail may add next year, and with every field that it documents", () => {
    const { lines, tests } = loadTest(`cases:
  - name: quiet
    record:
      userIdentity:
        somethingQuiteNew: x
        onBehalfOf: { userId: u, identityStoreArn: a }
        sessionContext: { sourceIdentity: ada, webIdFederationData: { federatedProvider: p, attributes: { any: 1 } } }
    fires: []
`);
    expect(lines).toEqual([expect.stringContaining(":5:9 warning: ")]);
    expect(tests).toHaveLength(1);
  });

  it("says which of the rules that fire are suppressed, and of no others", () => {
    const { lines, tests } = loadTest(`cases:
  - { name: fires, fires: [kms.amazonaws.com/key], suppressed: [kms.amazonaws.com/key] }
  - { name: none, fires: [kms.amazonaws.com/key], suppressed: [] }
`);
    expect(lines).toEqual([]);
    expect(tests[0]?.cases.map(({ suppressed }) => suppressed)).toEqual([["kms.amazonaws.com/key"], []]);
    const wrong = loadTest(`cases:
  - { name: a, fires: [kms.amazonaws.com/key], suppressed: [kms.amazonaws.com/kye, other] }
  - { name: b, fires: [], suppressed: [kms.amazonaws.com/key] }
  - { name: c, fires: [kms.amazonaws.com/key], suppressed: kms }
`);
    expect(wrong.lines.map((line) => line.replace("kms.amazonaws.com/key.test.yaml:", ""))).toEqual([
      '2:61 cases[0].suppressed[0]: "kms.amazonaws.com/kye" does not stand in fires: only a rule whose conditions hold can be suppressed. Did you mean "kms.amazonaws.com/key"?',
      '2:84 cases[0].suppressed[1]: "other" does not stand in fires: only a rule whose conditions hold can be suppressed. Add it to fires as well.',
      '3:40 cases[1].suppressed[0]: "kms.amazonaws.com/key" does not stand in fires: only a rule whose conditions hold can be suppressed. Add it to fires as well.',
      '4:60 cases[2].suppressed: "kms" is text, expected a list. Write a list.',
    ]);
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
