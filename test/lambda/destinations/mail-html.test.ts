import { describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import type { Notice } from "../../../lambda/destinations/destination.ts";
import { mailHtml } from "../../../lambda/destinations/mail-html.ts";
import { firstOf, hostileAlert, summaryOf } from "../../contracts/destinations.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { linksOf, shownBy } from "./mail-rules.ts";

/** A notice in which every text that a message shows is as long as it can be, of one character or pair. */
function fullOf(text: string): Notice {
  const long = text.repeat(5_000);
  const alert = sampleAlert();
  const whole: Alert = {
    ...alert,
    severity: "critical",
    title: long,
    summary: long.slice(0, 1000),
    count: 1_000_000,
    rule: {
      ...alert.rule,
      id: long,
      description: long,
      runbook: long,
      falsePositives: long,
      tags: [long],
      attack: [long],
    },
    actor: {
      ...alert.actor,
      type: long,
      name: long,
      role: long,
      session: long,
      sourceIdentity: long,
      accessKeyId: long,
      invokedBy: long,
    },
    channel: { name: "console", confidence: "high", reasons: [long] },
    source: { ip: long, userAgent: long },
    cloud: { accountId: long, region: long, service: long },
    outcome: { result: "denied", errorCode: long, errorMessage: long },
    resources: Array.from({ length: 100 }, () => ({ arn: long.slice(0, 1000) })),
    record: { requestParameters: { long }, eventName: long, eventSource: long },
    notes: [long],
  };
  return { alert: whole, kind: "summary" };
}

describe("the HTML of a mail", () => {
  it("says at a glance what happened, how bad it is, who, from where, how, what and when, why, and what to do", () => {
    const shown = shownBy(mailHtml(firstOf()));
    const order = [
      "HIGH",
      "Admin/alice@example.com opened sg-0a1b2c3d to the internet",
      "ec2.amazonaws.com: Security group opened to the internet",
      "Who alice@example.com as role Admin (AssumedRole, with MFA)",
      "From 192.0.2.10",
      "console",
      "account 123456789012, eu-west-1",
      "Resource sg-0a1b2c3d",
      "When 2026-11-20 10:15:30 UTC",
      "Why it fired Somebody allowed ingress from any address.",
      "What to do Ask the person, then revoke the rule.",
      "Record in CloudTrail",
      "Details",
      "The record requestParameters.groupId sg-0a1b2c3d",
      "sessionCredentialFromConsole true",
    ];
    const places = order.map((text) => shown.indexOf(text));
    expect(places).not.toContain(-1);
    expect(places.toSorted((a, b) => a - b)).toEqual(places);
  });

  it("links to the record, the runbook and what the rule refers to, and to nothing else", () => {
    const alert = sampleAlert(
      { userAgent: "https://evil.example/a", requestParameters: { url: "https://evil.example/b" } },
      { runbook: "Follow https://wiki.example.com/runbooks/sg?a=1&b=2." },
    );
    expect(linksOf(mailHtml(firstOf(alert)))).toEqual([
      alert.links.record,
      "https://wiki.example.com/runbooks/sg?a=1&b=2",
      "https://docs.aws.amazon.com/vpc/",
    ]);
  });

  it("leaves nothing of a record that a mail program would make a link of", () => {
    const html = mailHtml(
      firstOf(
        sampleAlert(
          {
            userAgent: "see https://evil.example/x or www.evil.example or evil.example",
            requestParameters: { path: "\\\\192.0.2.1\\share", host: "a.evil.example" },
          },
          { summary: "{{userAgent}}" },
        ),
      ),
    );
    const shown = shownBy(html);
    expect(shown).toContain("see https[:]//evil.example/x or www[.]evil.example or evil.example");
    expect(shown).toContain("[\\\\]192.0.2.1\\share");
    // What mark-up divides, no program joins: a text of its own must not look like an address or a domain.
    const texts = html.replace(/<(style)>.*?<\/style>/gs, "").split(/<[^>]*>/);
    expect(texts.filter((text) => /:\/\/|\bwww\.|\w\.[a-z]|\\\\\w/i.test(text))).toEqual([
      "About vpc (docs.aws.amazon.com)",
    ]);
  });

  it("leaves the rule author's addresses as they are", () => {
    const html = mailHtml(
      firstOf(sampleAlert({}, { description: "See https://wiki.example.com/why for more." })),
    );
    expect(html).toContain("See https://wiki.example.com/why for more.");
  });

  it("shows hostile text as text", () => {
    const html = mailHtml(firstOf(hostileAlert()));
    expect(html).not.toContain("<script");
    expect(shownBy(html)).toContain("<script>alert(1)</script>");
    expect(html).toContain("&lt;script&gt;");
    expect(shownBy(html)).toContain("&amp;");
    // Once as the rule author's words each, and as their link.
    expect(html.split("https://evil.example").length - 1).toBe(4);
  });

  it("tells of a window's close that it is one, how often it happened, and all that was touched", () => {
    const resources = Array.from({ length: 12 }, (_, at) => ({ arn: `arn:aws:s3:::bucket-${at}` }));
    const shown = shownBy(mailHtml(summaryOf({ ...sampleAlert(), resources })));
    expect(shown).toContain("96 times");
    expect(shown).toContain("This sums up what happened");
    for (const { arn } of resources) expect(shown).toContain(arn);
    expect(shownBy(mailHtml(firstOf()))).not.toContain("This sums up");
  });

  it.each(["&", "<", ".a", "😀", "€", "\\", "://", "a "])(
    "stays below 100,000 bytes and 998 a line when every text is as long as can be (%j)",
    (text) => {
      const html = mailHtml(fullOf(text));
      expect(Buffer.byteLength(html)).toBeLessThanOrEqual(100_000);
      expect(Math.max(...html.split("\n").map((line) => Buffer.byteLength(line)))).toBeLessThan(998);
      expect(html).toContain("…");
      expect(html.trimEnd().endsWith("</html>")).toBe(true);
    },
  );

  it("says how many fields of the record it left out", () => {
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`key${at}`, "value"]));
    const html = mailHtml(firstOf(sampleAlert({ requestParameters: wide })));
    const rows = [...html.matchAll(/>requestParameters<wbr>\.key\d+</g)].length;
    expect(rows).toBeGreaterThan(200);
    const left = Number(/… (\d+) more fields, which the record/.exec(shownBy(html))?.[1]);
    expect(left).toBe(5_000 - rows + 27);
  });

  it("drops a link that is longer than a line of a mail may be", () => {
    const runbook = `https://wiki.example.com/${"x".repeat(1000)}`;
    expect(linksOf(mailHtml(firstOf(sampleAlert({}, { runbook })))).join()).not.toContain("wiki.example.com");
  });

  it("needs nothing from elsewhere, runs nothing, and has colours for dark screens", () => {
    const html = mailHtml(firstOf());
    expect(html).not.toMatch(/<(?:script|img|link|iframe|object|form|input|svg)\b|@import|url\(/i);
    expect(html).toContain("prefers-color-scheme:dark");
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain("<!--[if mso]>");
  });
});
