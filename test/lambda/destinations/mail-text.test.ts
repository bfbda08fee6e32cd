import { describe, expect, it } from "vitest";
import { mailText } from "../../../lambda/destinations/mail-text.ts";
import { firstOf, hostileAlert, summaryOf } from "../../contracts/destinations.ts";
import { sampleAlert } from "../alerts/sample.ts";

const longest = (text: string): number =>
  Math.max(...text.split("\n").map((line) => Buffer.byteLength(line)));

describe("the text of a mail", () => {
  it("says the short things first, in lines that a terminal holds", () => {
    const lines = mailText(firstOf()).split("\n");
    expect(lines.slice(0, 5)).toEqual([
      "HIGH · ec2.amazonaws.com: Security group opened to the internet",
      "",
      "Admin/alice@example.com opened sg-0a1b2c3d to the internet",
      "",
      "Who:                alice@example.com as role Admin (AssumedRole, with MFA)",
    ]);
    expect(lines).toContain("  requestParameters.groupId: sg-0a1b2c3d");
    expect(lines).toContain("What to do:         Ask the person, then revoke the rule.");
    expect(lines.filter((line) => line.length > 88 && !line.includes("https://"))).toEqual([]);
  });

  it("keeps a link in one piece", () => {
    const { links } = sampleAlert();
    expect(mailText(firstOf()).split("\n")).toContain(`  ${links.record}`);
  });

  it("wraps long words, and indents what goes on", () => {
    const text = mailText(firstOf(sampleAlert({ userAgent: `${"word ".repeat(60)}${"y".repeat(290)}` })));
    const agent = text.slice(text.indexOf("User agent:")).split("\n");
    expect(agent[1]).toMatch(/^ {20}word /);
    expect(longest(text)).toBeLessThan(998);
    expect(longest(mailText(firstOf(sampleAlert({ userAgent: "€".repeat(5_000) }))))).toBeLessThan(998);
    expect(
      longest(
        mailText(firstOf(sampleAlert({}, { runbook: `https://wiki.example.com/${"x".repeat(2_000)}` }))),
      ),
    ).toBeLessThan(998);
  });

  it("takes addresses of a record apart, and leaves the rule author's", () => {
    const text = mailText(
      firstOf(
        sampleAlert(
          { userAgent: "https://evil.example www.evil.example" },
          { description: "https://wiki.example.com" },
        ),
      ),
    );
    expect(text).toContain("User agent:         https[:]//evil.example www[.]evil.example");
    expect(text).toContain("Why it fired:       https://wiki.example.com");
    expect(mailText(firstOf(hostileAlert()))).toContain("<script>alert(1)</script>");
  });

  it("says that it closes a window", () => {
    expect(mailText(summaryOf())).toContain("This sums up what happened while repeats were held back.");
    expect(mailText(summaryOf())).toContain("96 times");
    expect(mailText(firstOf())).not.toContain("This sums up");
  });

  it("shows as much of the record as is worth reading, and counts the rest", () => {
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`key${at}`, "value"]));
    const text = mailText(firstOf(sampleAlert({ requestParameters: wide })));
    expect(text.length).toBeLessThan(45_000);
    expect(text).toMatch(/ {2}… \d{4} more fields, which the record in CloudTrail has\n$/);
  });
});
