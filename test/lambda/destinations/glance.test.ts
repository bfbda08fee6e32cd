import { describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { glance } from "../../../lambda/destinations/glance.ts";
import { glanceLinks } from "../../../lambda/destinations/glance-links.ts";
import { resourcesOf } from "../../../lambda/destinations/glance-resources.ts";
import { firstOf, summaryOf } from "../../contracts/destinations.ts";
import { sampleAlert } from "../alerts/sample.ts";

const factsOf = (alert: Alert): Record<string, string> =>
  Object.fromEntries(glance(firstOf(alert)).facts.map(({ label, value }) => [label, value]));

/** An alert for which CloudTrail lists so many resources. */
function listed(count: number): Alert {
  return sampleAlert({
    resources: Array.from({ length: count }, (_, at) => ({ ARN: `arn:aws:s3:::b${at}` })),
  });
}

/** The links of an alert whose record has none, as data events have. */
function linksOf(rule: Parameters<typeof sampleAlert>[1]): (readonly [string, string])[] {
  const alert = sampleAlert({ eventCategory: "Data" }, { references: [], ...rule });
  return glanceLinks(alert).map(({ label, url }) => [label, url] as const);
}

describe("an alert at a glance", () => {
  it("tells who, from where, where, what, when and which call, in this order", () => {
    expect(glance(firstOf()).facts).toEqual([
      { label: "Who", value: "alice@example.com as role Admin (AssumedRole, with MFA)" },
      { label: "From", value: "192.0.2.10, in the console" },
      { label: "Where", value: "account 123456789012, eu-west-1" },
      { label: "Resource", value: "sg-0a1b2c3d (groupId)" },
      { label: "When", value: "2026-11-20 10:15:30 UTC" },
      { label: "Call", value: "ec2.amazonaws.com AuthorizeSecurityGroupIngress: success" },
    ]);
  });

  it.each([
    [{ sessionCredentialFromConsole: "true" }, "192.0.2.10, in the console"],
    [
      { sessionCredentialFromConsole: null, userAgent: "Terraform/1.9" },
      "192.0.2.10, probably with Terraform",
    ],
    [{ sessionCredentialFromConsole: null, userAgent: "AWS Internal" }, "192.0.2.10, perhaps in the console"],
    [{ sessionCredentialFromConsole: null, userAgent: null }, "192.0.2.10"],
  ])("says how sure it is how the call was made: %j", (record, from) => {
    expect(factsOf(sampleAlert(record))["From"]).toBe(from);
  });

  it("says that a call was denied, and why", () => {
    const record = { errorCode: "Client.UnauthorizedOperation", errorMessage: "You are not authorized." };
    expect(factsOf(sampleAlert(record))["Call"]).toBe(
      "ec2.amazonaws.com AuthorizeSecurityGroupIngress: denied, Client.UnauthorizedOperation, You are not authorized.",
    );
  });

  it("leaves out what the record does not tell", () => {
    const bare = Object.fromEntries(Object.keys(sampleAlert().record).map((key) => [key, null]));
    const alert = sampleAlert({ ...bare, eventSource: "ec2.amazonaws.com", eventName: "X" });
    expect(Object.keys(factsOf(alert))).toEqual(["Who", "When", "Call"]);
  });

  it("gives the rule author's advice, why first", () => {
    const alert = sampleAlert({}, { falsePositives: "Planned work." });
    expect(glance(firstOf(alert)).advice).toEqual([
      { label: "Why it fired", value: "Somebody allowed ingress from any address." },
      { label: "What to do", value: "Ask the person, then revoke the rule." },
      { label: "Harmless when", value: "Planned work." },
    ]);
  });

  it("tells how often and until when it happened, in heading and sentence", () => {
    const { heading, sentence, endings } = glance(summaryOf());
    expect(heading).toBe("HIGH · ec2.amazonaws.com: Security group opened to the internet (96 times)");
    expect(sentence).toBe(
      "Admin/alice@example.com opened sg-0a1b2c3d to the internet (96 times, 2026-11-20 10:15:30 to 11:15:30 UTC)",
    );
    expect([heading.endsWith(endings.heading), sentence.endsWith(endings.sentence)]).toEqual([true, true]);
    expect(glance(firstOf()).endings).toEqual({ heading: "", sentence: "" });
  });

  it("names both days of a window that crosses midnight", () => {
    const alert = { ...sampleAlert(), count: 2, endTime: "2026-11-21T00:01:02.000Z" };
    expect(factsOf(alert)["When"]).toBe("2026-11-20 10:15:30 to 2026-11-21 00:01:02 UTC");
  });

  it("shows nothing that hides, and one line a text", () => {
    const alert = sampleAlert({ userAgent: "a\u202eb\r\nc", sourceIPAddress: "\u200b1" });
    expect(glance(firstOf(alert)).details[0]).toEqual({ label: "User agent", value: "a\\u202eb c" });
    expect(factsOf(alert)["From"]).toBe("\\u200b1, in the console");
  });
});

describe("the resources of an alert", () => {
  it("are those that CloudTrail lists, as many as fit, with the count of the others", () => {
    expect(resourcesOf(listed(2), 300)).toEqual({ text: "arn:aws:s3:::b0, arn:aws:s3:::b1", many: true });
    const text = "arn:aws:s3:::b0, arn:aws:s3:::b1, arn:aws:s3:::b2 and 6 more";
    expect(resourcesOf(listed(9), text.length)).toEqual({ text, many: true });
    expect(resourcesOf(listed(9), text.length - 1).text).toBe("arn:aws:s3:::b0, arn:aws:s3:::b1 and 7 more");
    expect(resourcesOf(listed(9), 1)).toEqual({ text: "… and 8 more", many: true });
  });

  it("are all in the details of a summary, which is there to list them", () => {
    const { facts, details } = glance({ alert: listed(50), kind: "summary" });
    expect(facts[3]).toMatchObject({
      label: "Resources",
      value: expect.stringMatching(/ and 34 more$/) as string,
    });
    expect(details[0]).toMatchObject({
      label: "Resources touched",
      value: expect.stringMatching(/b49$/) as string,
    });
    for (const notice of [summaryOf(), { alert: listed(50), kind: "first" } as const])
      expect(glance(notice).details[0]?.label).toBe("User agent");
  });

  it.each([
    [{ bucketName: "logs", maxKeys: "5" }, "logs (bucketName)"],
    [
      { userName: "eve", policyArn: "arn:aws:iam::aws:policy/X" },
      "eve (userName), arn:aws:iam::aws:policy/X (policyArn)",
    ],
    [
      { instancesSet: { items: [{ instanceId: "i-1" }, { instanceId: "i-2" }] } },
      "i-1 (instanceId), i-2 (instanceId)",
    ],
    [{ a: { b: { c: { d: { e: { vpcId: "x" } } } } } }, ""],
    [
      { clientRequestToken: "x", requestId: "y", nextTokenId: "z", groupId: "", volumeId: null, keyName: {} },
      "",
    ],
    [["a"], ""],
    [null, ""],
  ])("are what the request names when CloudTrail lists none: %j", (requestParameters, text) => {
    expect(resourcesOf(sampleAlert({ requestParameters }), 300).text).toBe(text);
  });

  it("are what the response names where the request names none, as for what was just made", () => {
    const responseElements = {
      requestId: "x",
      vpc: { vpcId: "vpc-0a1b", ownerId: "123456789012", state: "pending" },
    };
    const alert = sampleAlert({ requestParameters: { cidrBlock: "192.0.2.0/24" }, responseElements });
    expect(resourcesOf(alert, 300).text).toBe("vpc-0a1b (vpcId)");
  });
});

describe("the links of an alert", () => {
  it.each([
    ["https://wiki.example.com/sg", "https://wiki.example.com/sg"],
    ["See https://wiki.example.com/sg, then act.", "https://wiki.example.com/sg"],
    ["Follow the runbook (https://wiki.example.com/sg).", "https://wiki.example.com/sg"],
    ["https://wiki.example.com/a|b'c", "https://wiki.example.com/a"],
    ["https://wiki.example.com/a(b)c", "https://wiki.example.com/a%28b%29c"],
  ])("lead to the runbook in %j", (runbook, url) => {
    expect(linksOf({ runbook })).toEqual([["Runbook", url]]);
  });

  it.each([
    "Ask the person.",
    "http://wiki.example.com/sg",
    "javascript:alert(1)",
    "https://user:word@wiki.example.com/",
    "https://",
  ])("do not include %j", (runbook) => {
    expect(linksOf({ runbook })).toEqual([]);
  });

  it("name where a reference leads, at most two, none twice", () => {
    const runbook = "https://wiki.example.com/sg";
    const references = [
      runbook,
      "https://docs.example.com/a b",
      "https://docs.example.com/a.html",
      "https://x.example/",
    ];
    expect(linksOf({ runbook, references })).toEqual([["Runbook", runbook]]);
    expect(linksOf({ references: references.slice(2) })).toEqual([
      ["About a (docs.example.com)", "https://docs.example.com/a.html"],
      ["About x.example", "https://x.example/"],
    ]);
  });

  it("begin with the record", () => {
    expect(glanceLinks(sampleAlert())[0]).toEqual({
      label: "Record in CloudTrail",
      url: sampleAlert().links.record,
    });
  });
});
