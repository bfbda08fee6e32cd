import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toSlackMessage, toThreadReply } from "../../../lambda/destinations/slack-blocks.ts";
import { firstOf, hostileAlert, summaryOf } from "../../contracts/destinations.ts";
import { sampleAlert } from "../alerts/sample.ts";
import {
  blockOf,
  blocksOf,
  checkSlack,
  fieldOf,
  readerSees,
  requestOf,
  sentenceOf,
  sizeOf,
} from "./slack-checks.ts";

/** How many buttons lead to an address of so many characters. */
function buttonsTo(length: number): number {
  const address = `https://wiki.example.com/${"x".repeat(length - 25)}`;
  const { elements } = blockOf(message({}, { references: [address] }), "actions");
  return elements.filter(({ url }) => url === address).length;
}

const message = (record = {}, rule = {}): ReturnType<typeof toSlackMessage> =>
  toSlackMessage(firstOf(sampleAlert(record, rule)));

describe("a message of Slack", () => {
  it("tells at a glance what happened, who, from where and how, where, what, when, why, and what to do", () => {
    expect(readerSees({ ...message(), attachments: [] }).split("\n")).toEqual([
      "🟠 HIGH · ec2.amazonaws.com: Security group opened to the internetAdmin/alice@example.com opened sg-0a1b2c3d to the internetWho: alice@example.com as role Admin (AssumedRole, with MFA)",
      "From: 192.0.2.10, in the console",
      "Where: account 123456789012, eu-west-1",
      "Resource: sg-0a1b2c3d (groupId)",
      "When: 2026-11-20 10:15:30 UTC",
      "Call: ec2.amazonaws.com AuthorizeSecurityGroupIngress: successWhy it fired: Somebody allowed ingress from any address.",
      "What to do: Ask the person, then revoke the rule.Record in CloudTrailAbout vpc (docs.aws.amazon.com)",
    ]);
  });

  it("puts the short first and the details after, in an attachment of the severity's colour", () => {
    const { blocks, attachments } = message();
    expect(blocks.map(({ type }) => type)).toEqual([
      "header",
      "section",
      "rich_text",
      "rich_text",
      "actions",
    ]);
    expect(attachments.map(({ color, blocks: inner }) => [color, inner.length])).toEqual([["#e8590c", 2]]);
    expect(fieldOf(message(), "Access key")).toBe("*Access key*\n`ASIAEXAMPLE`");
    expect(requestOf(message())).toContain("ipPermissions.items.0.ipRanges.items.0.cidrIp: 0.0.0.0/0\n```");
  });

  it.each([
    ["critical", "🔴", "#b00020"],
    ["high", "🟠", "#e8590c"],
    ["medium", "🟡", "#f2b600"],
    ["low", "🔵", "#2f6fde"],
    ["info", "⚪", "#8a8f98"],
  ] as const)("marks severity %s with %s", (severity, mark, color) => {
    const shown = message({}, { severity });
    expect(blockOf(shown, "header").text.text).toMatch(
      new RegExp(`^${mark} ${severity.toUpperCase()} · `, "u"),
    );
    expect(shown.attachments[0]?.color).toBe(color);
  });

  it("links to the record and the runbook, and to nothing that the record names", () => {
    const record = {
      userAgent: "https://evil.example/a",
      requestParameters: { name: "https://evil.example/b" },
    };
    const shown = message(record, {
      runbook: "Follow https://wiki.example.com/runbooks/sg.",
      references: [],
      summary: "{{userAgent}}",
    });
    expect(blockOf(shown, "actions").elements.map(({ text, url }) => [text.text, url])).toEqual([
      ["Record in CloudTrail", sampleAlert().links.record],
      ["Runbook", "https://wiki.example.com/runbooks/sg"],
    ]);
    const outsideCode = JSON.stringify(shown.blocks);
    expect(outsideCode).toContain("https[:]//evil.example/a");
    expect(outsideCode).not.toContain("https://evil.example");
  });

  it("leaves out buttons whose address Slack would refuse the message for: one past 3,000 characters", () => {
    expect([buttonsTo(3000), buttonsTo(3001)]).toEqual([1, 0]);
  });

  it("shows hostile text as text, wherever it stands", () => {
    const texts = [
      "<!channel>",
      "<@U0123456789>",
      "<https://evil.example|AWS console>",
      "*bold* _italic_ ~struck~",
      ":skull: &lt;b&gt;",
      "> quoted",
      "@here #general",
    ];
    for (const text of texts) {
      const alert = sampleAlert(
        { userAgent: text, errorMessage: text, awsRegion: text, requestParameters: { bucketName: text } },
        { summary: "{{userAgent}}" },
      );
      const shown = toSlackMessage(firstOf(alert));
      checkSlack(JSON.stringify(shown));
      const seen = readerSees(shown);
      const visible = text.replace("://", "[:]//");
      expect(seen).toContain(`Where: account 123456789012, ${visible}`);
      expect(seen).toContain(`, ${visible}\n`.replace(", ", ""));
      expect(seen).toContain(`bucketName: ${text}`);
    }
    expect(readerSees(message({ userAgent: "a ``` b" }))).toContain("User agent\na ''' b");
  });

  it("keeps the number of times in a header, sentence and notification that are cut", () => {
    const alert = {
      ...sampleAlert({}, { name: "word ".repeat(60) }),
      count: 12_345,
      summary: "word ".repeat(400),
    };
    const shown = toSlackMessage({ alert, kind: "repeat" });
    expect(blockOf(shown, "header").text.text).toMatch(/ word… \(12,345 times\)$/);
    expect(sentenceOf(shown)).toMatch(/ word… \(12,345 times, 2026-11-20 10:15:30 UTC\)$/);
    expect(shown.text).toMatch(
      / word… \(12,345 times\)` `.* word… \(12,345 times, 2026-11-20 10:15:30 UTC\)`$/,
    );
  });

  it("counts the lines of a long request, and shows twenty", () => {
    const shown = requestOf(
      message({ requestParameters: Object.fromEntries([...Array(50).keys()].map((at) => [`k${at}`, 1])) }),
    );
    expect(shown.split("\n").slice(-3)).toEqual([
      "k19: 1",
      "… 30 more, which the record in CloudTrail has",
      "```",
    ]);
  });

  it("says so when details had to go", () => {
    const alert = hostileAlert();
    const text = '"\\&'.repeat(400);
    const long = {
      ...alert,
      summary: text,
      resources: Array.from({ length: 50 }, () => ({ arn: text })),
      rule: {
        ...alert.rule,
        description: text,
        runbook: text,
        falsePositives: text,
        tags: [text],
        attack: [text],
      },
      channel: { ...alert.channel, reasons: [text] },
      cloud: { ...alert.cloud, region: text },
      actor: { ...alert.actor, session: text, role: text, accessKeyId: text, invokedBy: text },
      source: { ip: text, userAgent: text },
      notes: [text],
    };
    const shown = toSlackMessage({ alert: long, kind: "summary" });
    expect(JSON.stringify(blocksOf(shown).at(-1))).toContain("Some details are left out");
    expect(sizeOf(shown)).toBeLessThanOrEqual(10_000);
    checkSlack(JSON.stringify(shown));
  });

  it("replies in the thread with how often, who and all that was touched", () => {
    const resources = Array.from({ length: 40 }, (_, at) => ({
      ARN: `arn:aws:s3:::a-bucket-with-a-long-name-${at}`,
    }));
    const seen = readerSees(toThreadReply(summaryOf(sampleAlert({ resources }))));
    expect(seen).toMatch(
      /^Admin\/alice@example\.com opened .* \(96 times, 2026-11-20 10:15:30 to 11:15:30 UTC\)Who: /,
    );
    expect(seen).toMatch(/\nResources touched: arn:aws:s3:::a-bucket-with-a-long-name-0, .* and \d+ more$/);
  });

  it("holds every limit and shows text as text, whatever the record holds", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 600 }),
      fc.stringMatching(/^[<>&`*_~:|@#! a-z]{0,300}$/),
      fc.nat(3000).map((length) => "&".repeat(length)),
    );
    fc.assert(
      fc.property(text, text, text, fc.nat(1_000_000), (a, b, c, count) => {
        const record = {
          userAgent: a,
          awsRegion: b,
          errorMessage: c,
          requestParameters: { [a]: b, c: [c, c] },
        };
        const alert = sampleAlert(
          { ...record, sourceIPAddress: c },
          { summary: "{{userAgent}}", description: b, runbook: c },
        );
        const shown = toSlackMessage({ alert: { ...alert, count: count + 1 }, kind: "summary" });
        expect(() => checkSlack(JSON.stringify(shown))).not.toThrow();
      }),
      { numRuns: 200 },
    );
  });
});
