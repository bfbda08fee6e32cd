import { describe, expect, it } from "vitest";
import { importedText } from "../../../lib/import/rule-text.ts";
import { importSigma } from "../../../lib/import/sigma/sigma.ts";
import { matcherOf, ruleOf } from "./one-rule.ts";

/** A rule with a detection, and whatever else it says about itself. */
function sigma(detection: string, more = "level: high"): string {
  const indented = detection
    .trim()
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
  return `title: Example\nlogsource: { product: aws, service: cloudtrail }\ndetection:\n${indented}\n${more}\n`;
}

const importText = (text: string) => importSigma({ file: "aws_example_rule.yml", text });
const refusal = (text: string): string =>
  importText(text)
    .remarks.map(({ message }) => message)
    .join(" ");

function imported(text: string) {
  const { rules, remarks } = importText(text);
  const [draft] = rules;
  if (draft === undefined) throw new Error(remarks.map(({ message }) => message).join());
  return { draft, remarks, matches: matcherOf(ruleOf(draft)) };
}

const CALL = { eventSource: "iam.amazonaws.com", eventName: "CreateUser" };
const withCommand = (command: unknown) => ({
  ...CALL,
  requestParameters: { containerDefinitions: [{}, { command }] },
});

describe("a rule of Sigma", () => {
  it("goes into the folder of its eventSource, with its calls by their names", () => {
    const { draft } = imported(
      sigma("sel: { eventSource: iam.amazonaws.com, eventName: [CreateUser, DeleteUser] }\ncondition: sel"),
    );
    expect(draft.folder).toBe("iam.amazonaws.com");
    expect(draft.stem).toBe("aws-example-rule");
    expect(draft.rule["conditions"]).toEqual({
      all: [{ fact: "eventName", operator: "in", value: ["CreateUser", "DeleteUser"] }],
    });
  });

  it("keeps what its authors said, and writes ATT&CK ids as v19 has them", () => {
    const { draft, remarks } = imported(
      sigma(
        "sel: { eventName: StopLogging }\ncondition: sel",
        'id: 4db60cc0-36fb-42b7-9b58-a5b53019fb74\nauthor: A. N. Other\nlicense: DRL 1.1\nlevel: informational\nfalsepositives: [Admins, Pipelines]\nreferences: [https://example.com/a, "a talk"]\ntags: [attack.t1562.008, attack.persistence]\nfields: [userAgent]',
      ),
    );
    expect(draft.rule).toMatchObject({
      name: "Example",
      severity: "info",
      attack: ["T1685.002"],
      tags: ["attack.persistence"],
      references: ["https://example.com/a"],
      falsePositives: "Admins; Pipelines",
      origin: {
        format: "sigma",
        id: "4db60cc0-36fb-42b7-9b58-a5b53019fb74",
        author: "A. N. Other",
        license: "DRL 1.1",
      },
    });
    expect(remarks.map(({ message }) => message)).toEqual([
      'References that are no links: "a talk".',
      'Not carried over: "fields".',
    ]);
  });

  it("takes an account id that begins with zero as it is written", async () => {
    const { matches } = imported(sigma("sel: { recipientAccountId: 012345678901 }\ncondition: sel"));
    expect(await matches({ ...CALL, recipientAccountId: "012345678901" })).toBe(true);
    expect(await matches({ ...CALL, recipientAccountId: "12345678901" })).toBe(false);
  });

  it("looks through lists, as in the commands of a task definition", async () => {
    const { matches } = imported(
      sigma("sel: { requestParameters.containerDefinitions.command|contains: $AWS_X }\ncondition: sel"),
    );
    expect(await matches(withCommand(["sh", "curl 169.254.170.2$AWS_X"]))).toBe(true);
    expect(await matches(withCommand(["sh"]))).toBe(false);
  });

  it("compares with another field of the same record, and not when both are absent", async () => {
    const { matches } = imported(
      sigma("sel: { userIdentity.userName|fieldref: requestParameters.userName }\ncondition: not sel"),
    );
    const call = (name?: string) => ({
      ...CALL,
      userIdentity: { type: "IAMUser", userName: "ada" },
      requestParameters: { userName: name },
    });
    expect(await matches(call("ada"))).toBe(false);
    expect(await matches(call("bob"))).toBe(true);
    expect(await matches(CALL)).toBe(true);
  });

  it("becomes a threshold where it counts", () => {
    const { draft } = imported(
      sigma(
        "sel: { eventName: GetSecretValue }\ntimeframe: 10m\ncondition: sel | count(requestParameters.secretId) by userIdentity.arn > 20",
      ),
    );
    expect(draft.rule["threshold"]).toEqual({
      count: 21,
      within: "10m",
      by: ["userIdentity.arn"],
      distinct: "requestParameters.secretId",
    });
  });

  it("of which the case of a call is unusual, leaves the case open", async () => {
    const { matches } = imported(sigma("sel: { eventName: createuser }\ncondition: sel"));
    expect(await matches(CALL)).toBe(true);
  });

  it("with hostile names stays one YAML document that says the same", () => {
    const title = "a: b\n---\n- &x [*x] # {{actor}} \u202e";
    const text = JSON.stringify({
      title,
      logsource: { product: "aws", service: "cloudtrail" },
      detection: { sel: { userAgent: "'\"#: \n" }, condition: "sel" },
    });
    const { draft } = imported(text);
    expect(draft.rule["name"]).toBe(title);
    expect(importedText(draft.rule, "rule.schema.json")).not.toContain("\n---");
  });
});

describe("a rule that cannot be said here", () => {
  it.each([
    [
      "another log source",
      sigma("sel: { a: b }\ncondition: sel").replace("cloudtrail", "guardduty"),
      /log source/,
    ],
    ["keywords", sigma("sel: [AccessDenied, Forbidden]\ncondition: sel"), /keywords/],
    ["encoded text", sigma("sel: { userAgent|base64offset|contains: x }\ncondition: sel"), /base64offset/],
    ["a value from outside", sigma("sel: { userAgent|expand: '%x%' }\ncondition: sel"), /expand/],
    ["an unknown modifier", sigma("sel: { userAgent|sounds: x }\ncondition: sel"), /"sounds" is not known/],
    ["look-ahead", sigma("sel: { userAgent|re: 'a(?!b)' }\ncondition: sel"), /RE2/],
    [
      "a field of no record",
      sigma("sel: { type: AssumedRole }\ncondition: sel"),
      /no.*"type"|"type".*at its top/i,
    ],
    ["a field that we derive", sigma("sel: { outcome: denied }\ncondition: sel"), /"outcome"/],
    [
      "the text of an object",
      sigma("sel: { requestParameters|contains: x }\ncondition: sel"),
      /is an object/,
    ],
    [
      "a count without a time",
      sigma("sel: { eventName: A }\ncondition: sel | count() by userIdentity.arn > 5"),
      /timeframe/,
    ],
    ["near", sigma("sel: { eventName: A }\ntimeframe: 5m\ncondition: sel | near other"), /no counterpart/],
    ["2 of", sigma("sel: { eventName: A }\ncondition: 2 of sel*"), /"2 of"/],
    ["a selection that is not there", sigma("sel: { eventName: A }\ncondition: sel and other"), /"other"/],
    ["an open parenthesis", sigma("sel: { eventName: A }\ncondition: (sel"), /lacks "\)"/],
    [
      "two sources at once",
      sigma(
        "a: { eventSource: iam.amazonaws.com }\nb: { eventSource: s3.amazonaws.com }\ncondition: a and b",
      ),
      /contradict/,
    ],
    ["a correlation", "title: x\ncorrelation: { type: event_count }\n", /correlates/],
    ["no YAML", "title: [", /no YAML/],
    [
      "a bomb of aliases",
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]`,
      /aliases/,
    ],
  ])("is refused: %s", (_name, text, reason) => {
    const { rules, remarks } = importText(text);
    expect(rules).toEqual([]);
    expect(refusal(text)).toMatch(reason);
    expect(remarks.every(({ kind, line }) => kind === "refused" && line >= 1)).toBe(true);
  });

  it("is told with the line of the selection that is meant", () => {
    const text = sigma("good: { eventName: A }\nbad: { userAgent|expand: x }\ncondition: good and bad");
    expect(importText(text).remarks[0]?.line).toBe(5);
  });

  it("costs no other rule of the file", () => {
    const text = `${sigma("sel: { eventName: CreateUser }\ncondition: sel")}---\n${sigma("sel: [x]\ncondition: sel")}`;
    const { rules, remarks } = importText(text);
    expect([rules.length, remarks.length]).toEqual([1, 1]);
  });
});
