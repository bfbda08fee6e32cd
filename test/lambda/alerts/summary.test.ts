import { describe, expect, it } from "vitest";
import { makeAlert } from "../../../lambda/alerts/alert.ts";
import { sampleMatch, sampleRecord, sampleRule } from "./sample.ts";

function summaryOf(summary: string | undefined, record: Readonly<Record<string, unknown>> = {}): string {
  const { summary: _, ...rule } = sampleRule();
  const match = { ...sampleMatch(), rule: summary === undefined ? rule : { ...rule, summary } };
  return makeAlert(match, sampleRecord(record)).summary;
}

describe("makeSummary", () => {
  it.each([
    ["{{ eventName }} by {{actor.type}}", "AuthorizeSecurityGroupIngress by AssumedRole"],
    ["{{requestParameters.ipPermissions.items[0].fromPort}}", "22"],
    ["{{requestParameters.ipPermissions.items[*].ipRanges.items[*].cidrIp}}", "0.0.0.0/0"],
    ["{{channel.name}}, {{outcome}}", "console, success"],
    ["{{requestParameters.none | actor.none | outcome}}", "success"],
    ["{{requestParameters.none | actor.none}}", "(unknown)"],
    ["{{responseElements._return}}", "true"],
    ["{{requestParameters.ipPermissions.items[0].ipRanges}}", '{"items":[{"cidrIp":"0.0.0.0/0"}]}'],
    ["{{no.such.fact}} and {{requestParameters.list[*]}}", "(unknown) and (unknown)"],
    ["{{not a..path}} {{}} {{{{", "(unknown) {{}} {{{{"],
    ["{{constructor}} {{__proto__.x}} {{eventName.length}}", "(unknown) (unknown) (unknown)"],
  ])("fills %s", (template, expected) => {
    expect(summaryOf(template)).toBe(expected);
  });

  it("never reads a template out of a value", () => {
    expect(summaryOf("{{userAgent}}", { userAgent: "{{eventID}}" })).toBe("{{eventID}}");
  });

  it("shows characters that would hide or reorder text, and keeps one line", () => {
    expect(summaryOf("by {{userAgent}}!", { userAgent: "a\u202Eb\u0000c\r\nHIGH d\u200b\ud800" })).toBe(
      "by a\\u202eb\\u0000c HIGH d\\u200b\ufffd!",
    );
  });

  it("bounds each value, each list and the whole", () => {
    expect(summaryOf("{{userAgent}}", { userAgent: "x".repeat(10_000) })).toBe(`${"x".repeat(199)}…`);
    const requestParameters = { list: [1, 2, 3, 4, 5, 6, 7] };
    expect(summaryOf("{{requestParameters.list}}", { requestParameters })).toBe("1, 2, 3, 4, 5 and 2 more");
    expect(summaryOf("{{userAgent}}".repeat(100), { userAgent: "x".repeat(200) })).toHaveLength(1000);
  });

  it("says who did what where and how when the rule has no template", () => {
    expect(summaryOf(undefined)).toBe(
      "Admin/alice@example.com called AuthorizeSecurityGroupIngress in eu-west-1 (account 123456789012) from the console",
    );
    const denied = {
      errorCode: "AccessDenied",
      sessionCredentialFromConsole: undefined,
      userAgent: "curl/8",
    };
    expect(
      summaryOf(undefined, { ...denied, awsRegion: 7, recipientAccountId: null, userIdentity: "x" }),
    ).toBe("(unknown) called AuthorizeSecurityGroupIngress; it was denied (AccessDenied)");
    expect(summaryOf(undefined, { errorCode: "Throttling" })).toMatch(
      /from the console; it failed \(Throttling\)$/,
    );
  });
});
