import type { PublishCommandInput } from "@aws-sdk/client-sns";
import { describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { toMessage } from "../../../lambda/destinations/sns-message.ts";
import { firstOf, HOSTILE, summaryOf } from "../../contracts/destinations.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { checkMessage as check } from "./sns-limits.ts";

const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts";
const messageOf = (alert: Alert): PublishCommandInput => toMessage(TOPIC, firstOf(alert));
const fifo = (alert: Alert): PublishCommandInput => toMessage(`${TOPIC}.fifo`, firstOf(alert));

describe("toMessage", () => {
  it("puts title, summary and severity first, indented for people who read it as mail", () => {
    const lines = messageOf(sampleAlert()).Message?.split("\n");
    expect(lines?.slice(0, 4)).toEqual([
      "{",
      '  "title": "ec2.amazonaws.com: Security group opened to the internet",',
      '  "summary": "Admin/alice@example.com opened sg-0a1b2c3d to the internet",',
      '  "severity": "high",',
    ]);
  });

  it("sends the whole alert document", () => {
    const alert = sampleAlert();
    expect(JSON.parse(messageOf(alert).Message ?? "")).toEqual(alert);
  });

  it("gives severity and title as the subject, cut with an ellipsis", () => {
    expect(messageOf(sampleAlert()).Subject).toBe(
      "[HIGH] ec2.amazonaws.com: Security group opened to the internet",
    );
    const long = messageOf(sampleAlert({}, { name: `a${"😀".repeat(80)}` })).Subject;
    expect(long).toMatch(/😀…$/u);
    expect(long?.length).toBe(98);
  });

  it("gives filter policies the severity, rule, source and account", () => {
    const values = Object.entries(messageOf(sampleAlert()).MessageAttributes ?? {}).map(
      ([name, { StringValue }]) => [name, StringValue],
    );
    expect(Object.fromEntries(values)).toEqual({
      notice: "first",
      severity: "high",
      ruleId: "ec2.amazonaws.com/security-group-opened",
      eventSource: "ec2.amazonaws.com",
      accountId: "123456789012",
    });
  });

  it("leaves an attribute out that would be empty, which SNS would refuse", () => {
    const alert = sampleAlert({ recipientAccountId: "", userIdentity: {} });
    expect(Object.keys(messageOf(alert).MessageAttributes ?? {})).toEqual([
      "severity",
      "ruleId",
      "eventSource",
      "notice",
    ]);
    expect(
      messageOf(sampleAlert({ recipientAccountId: HOSTILE })).MessageAttributes?.accountId?.StringValue,
    ).not.toMatch(/[\p{Cc}\ud800-\udfff]/u);
  });

  it("drops the indentation before any content", () => {
    let nested: unknown = "x";
    for (let depth = 0; depth < 40; depth++) nested = [nested];
    const alert = sampleAlert({ requestParameters: Array.from({ length: 1500 }, () => nested) });
    expect(Buffer.byteLength(JSON.stringify(alert, undefined, 2))).toBeGreaterThan(262_144);
    const { Message = "" } = messageOf(alert);
    expect(Message).not.toContain("\n");
    expect(JSON.parse(Message)).toEqual(alert);
  });

  it("shortens the record of a message that is too long and says so in it", () => {
    const input = messageOf(sampleAlert({ responseElements: { big: "ü".repeat(140_000) } }));
    check(input);
    const message = JSON.parse(input.Message ?? "") as { notes: string[]; record: Record<string, unknown> };
    expect(message.notes.join()).toContain("responseElements");
    expect(message.record).toHaveProperty("requestParameters");
    expect(message.record).not.toHaveProperty("responseElements");
  });

  it("writes what is invisible or breaks lines as escapes, counts their bytes, and loses nothing", () => {
    const hidden = "a\u0085\u009b\u200b\u2028\u202e\u{e0041}\uffffb";
    const alert = sampleAlert({ userAgent: hidden, requestParameters: { [hidden]: hidden.repeat(2_000) } });
    const { Message = "" } = messageOf(alert);
    expect(Message).toContain('"userAgent": "a\\u0085\\u009b\\u200b\\u2028\\u202e\\udb40\\udc41\\uffffb"');
    expect(Message).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029\uffff]/u);
    expect(JSON.parse(Message)).toEqual(alert);
    // 160,000 bytes as UTF-8, more than fits as escapes.
    const long = messageOf(sampleAlert({ requestParameters: "\u2028".repeat(53_000) }));
    check(long);
    expect(long.Message).toContain("left out of the record for size: requestParameters");
  });

  it("orders and deduplicates on a FIFO topic", () => {
    const alert = sampleAlert();
    expect(fifo(alert)).toMatchObject({
      MessageGroupId: "123456789012",
      MessageDeduplicationId: alert.id,
    });
    expect(fifo(sampleAlert({ recipientAccountId: HOSTILE })).MessageGroupId).toMatch(/^[\x21-\x7e]{1,128}$/);
    expect(messageOf(alert)).not.toHaveProperty("MessageGroupId");
  });

  it("tells the summary of a window from its first alert, and gets it past a FIFO topic's deduplication", () => {
    const [first, summary] = [firstOf(), summaryOf()].map((notice) => toMessage(`${TOPIC}.fifo`, notice));
    expect(summary?.Subject).toMatch(/ \(96 times\)$/);
    expect(summary?.MessageAttributes?.notice?.StringValue).toBe("summary");
    expect(JSON.parse(summary?.Message ?? "")).toMatchObject({ id: sampleAlert().id, count: 96 });
    expect(summary?.MessageDeduplicationId).not.toBe(first?.MessageDeduplicationId);
    expect(summary?.MessageDeduplicationId).toMatch(/^[\x21-\x7e]{1,128}$/);
  });
});
