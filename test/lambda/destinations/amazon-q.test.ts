import { describe, expect, it } from "vitest";
import { toCustomNotification } from "../../../lambda/destinations/amazon-q.ts";
import type { Notice } from "../../../lambda/destinations/destination.ts";
import { firstOf, summaryOf } from "../../contracts/destinations.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { checkCustomNotification, type CustomNotification } from "./amazon-q-rules.ts";

const shown = (notice: Notice): CustomNotification =>
  checkCustomNotification(JSON.stringify(toCustomNotification(notice)));

describe("toCustomNotification", () => {
  it("says what happened, who, how, where and when, then why, and what to do", () => {
    const alert = sampleAlert();
    const { content, metadata, id } = shown(firstOf(alert));
    expect(content.title).toBe("HIGH: Security group opened to the internet");
    expect(content.description.split("\n")).toEqual([
      "`Admin/alice@example.com opened sg-0a1b2c3d to the internet`",
      "",
      "Who: `alice@example.com as role Admin (AssumedRole, with MFA)`",
      "From: `192.0.2.10, in the console`",
      "Where: `account 123456789012, eu-west-1`",
      "Resource: `sg-0a1b2c3d (groupId)`",
      "When: `2026-11-20 10:15:30 UTC`",
      "Call: `ec2.amazonaws.com AuthorizeSecurityGroupIngress: success`",
      "Why it fired: Somebody allowed ingress from any address.",
    ]);
    expect(content.nextSteps).toEqual([
      "Ask the person, then revoke the rule.",
      `Record in CloudTrail: ${alert.links.record}`,
      "About vpc (docs.aws.amazon.com): https://docs.aws.amazon.com/vpc/",
    ]);
    expect(content.keywords).toEqual([
      "high",
      "ec2.amazonaws.com/security-group-opened",
      "123456789012",
      "eu-west-1",
    ]);
    expect([id, metadata.threadId]).toEqual([alert.id, alert.id]);
  });

  it("puts the summary of a window into its first alert's thread, as a notification of its own", () => {
    const [first, summary] = [shown(firstOf()), shown(summaryOf())];
    expect(summary.metadata.threadId).toBe(first.metadata.threadId);
    expect(summary.id).not.toBe(first.id);
    expect(summary.content.title).toBe("HIGH: Security group opened to the internet (96 times)");
  });

  it.each([
    ["<!channel> wake up", "`&lt;!channel&gt; wake up`"],
    ["<https://evil.example|click>", "`&lt;https://evil.example|click&gt;`"],
    ["a `b` & c", "`a 'b' &amp; c`"],
    ["[l](https://evil.example)", "`[l](https://evil.example)`"],
  ])("shows %j as code that Slack does not act on", (hostile, code) => {
    const alert = sampleAlert({ userAgent: hostile }, { summary: "{{userAgent}}" });
    expect(shown(firstOf(alert)).content.description.split("\n")[0]).toBe(code);
  });

  it("lets the rule's own texts have addresses, but no markdown", () => {
    const runbook = "See https://runbooks.example/sg and [this](https://x.example) <!here>";
    const { content } = shown(firstOf(sampleAlert({}, { runbook })));
    expect(content.nextSteps[0]).toBe(
      "See https://runbooks.example/sg and [this] (https://x.example) &lt;!here&gt;",
    );
  });

  it("keeps its lengths when escaping makes a text five times as long, and cuts no entity in two", () => {
    const rule = { name: "&".repeat(300), description: "<".repeat(900), runbook: "&".repeat(900) };
    const { content } = shown(firstOf(sampleAlert({ errorMessage: "&".repeat(900) }, rule)));
    expect(content.title).toMatch(/&amp;…$/);
    expect(content.title.length).toBeGreaterThan(190);
    expect(content.nextSteps[0]).toMatch(/&amp;…$/);
    expect(content.description).toMatch(/&lt;…(?:\n|$)/);
  });

  it("says so when not even its own lines fit", () => {
    const long = "&".repeat(900);
    const record = { userAgent: long, errorMessage: long, sourceIPAddress: long };
    const rule = { summary: "{{userAgent}}", description: long, falsePositives: long };
    const alert = sampleAlert(record, rule);
    const resources = [{ arn: long }];
    const actor = { ...alert.actor, session: long };
    const { content } = shown(firstOf({ ...alert, actor, resources, notes: [long] }));
    expect(content.description.length).toBeGreaterThan(1900);
    expect(content.description).toMatch(/\n… shortened: the record in CloudTrail has the rest$/);
  });
});
