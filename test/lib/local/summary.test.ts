import { describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import type { Envelope } from "../../../lambda/record/record.ts";
import { noCounts } from "../../../lib/local/detector-log.ts";
import {
  describeDelivery,
  describePassedOver,
  describeRules,
  describeStaged,
  formatSummary,
} from "../../../lib/local/summary.ts";

const counts = {
  ...noCounts(),
  seen: 552,
  letThrough: 3,
  invocations: 3,
  caseBatches: 2,
  failures: 0,
  deadLetters: 0,
  deadDeliveries: 0,
  waiting: 0,
  windows: 0,
};
let made = 0;
const alert = (id: string, severity: string) =>
  ({ id: String((made += 1)), severity, rule: { id } }) as Alert;

describe("the summary of a local run", () => {
  it("tells what was seen, delivered and alerted: the worst first, the busiest rule first", () => {
    const alerts = [alert("a/low", "low"), alert("b/high", "high"), alert("b/high", "high")];
    const summary = { ...(alerts[1] as Alert), count: 3 };
    const arrived = new Map([["datadog", 2]]);
    expect(
      formatSummary({ counts, unreadable: 0, alerts: [...alerts, summary], arrived }).split("\n"),
    ).toEqual([
      "  seen           552  records at the event bus",
      "  delivered        3  records that an event pattern let through (3 invocations)",
      "  alerts           3  2 high, 1 low",
      "                   2  b/high",
      "                   1  a/low",
      "  SNS              4  messages arrived",
      "  datadog          2  messages arrived at the stand-in",
    ]);
  });

  it("counts one as one", () => {
    const ones = Object.entries(counts).map(([name]) => [name, 1]);
    const one = Object.fromEntries(ones) as typeof counts;
    const lines = formatSummary({
      counts: one,
      unreadable: 1,
      alerts: [alert("a/low", "low")],
      arrived: new Map([["x", 1]]),
    });
    expect(lines.split("\n").filter((line) => /\b1 {2}\w+s\b|1 invocations/u.test(line))).toEqual([]);
  });

  it("tells of alerts that were kept back, and only then", () => {
    const kept = { ...counts, suppressed: 12, staged: 1 };
    const lines = formatSummary({ counts: kept, unreadable: 0, alerts: [], arrived: new Map() });
    expect(lines).toContain("  suppressed      12  alerts that went nowhere");
    expect(lines).toContain("  staged           1  alert that went nowhere");
  });

  it("tells of what could not be read and what failed, and only then", () => {
    const failed = { ...counts, failures: 2, deadLetters: 2 };
    const lines = formatSummary({ counts: failed, unreadable: 4, alerts: [], arrived: new Map() });
    expect(lines).toContain("unreadable       4  inputs, named above");
    expect(lines).toContain("broken           2  invocations for good (2 in the dead-letter queue)");
  });
});

function envelope(detail: unknown): Envelope {
  return { source: "aws.ec2", "detail-type": "AWS API Call\u001b", detail };
}

describe("the words of a local run", () => {
  const targets = ["arn:aws:lambda:us-east-1:123456789012:function:detector"];

  it("tell event rules that deliver from the one that counts", () => {
    expect(describeRules([{ targets }, { targets }, { targets: [] }])).toBe(
      "2 event rules and one that counts the engine's own denied calls",
    );
    expect(describeRules([{ targets }])).toBe("1 event rule");
  });

  it("tell of staged rules, and nothing where there is none", () => {
    expect(describeStaged(2)).toBe(", 2 staged rules whose alerts go nowhere");
    expect(describeStaged(0)).toBe("");
  });

  it("tell what became of an envelope that went nowhere", () => {
    const record = { eventSource: "ec2.amazonaws.com", eventName: "Describe\u202eInstances" };
    expect(describePassedOver(envelope(record), false)).toBe(
      "seen: ec2.amazonaws.com Describe\\u202eInstances; no pattern let it through",
    );
    expect(describePassedOver(envelope(record), true)).toContain("counted as a denied call");
    expect(describePassedOver(envelope({ eventName: 5 }), false)).toBe(
      'seen: aws.ec2 "AWS API Call\\u001b", no CloudTrail record; no pattern let it through',
    );
  });
});

describe("a delivery in a line", () => {
  const news = { destination: "slack", ruleId: "a/b", alertId: "1", reason: "no\u001b[1m", attempts: 3 };
  it("tells of trouble and of what came of it, and is silent when all went well at once", () => {
    expect(describeDelivery({ ...news, kind: "delivered", attempts: 1 })).toBeUndefined();
    expect(describeDelivery({ ...news, kind: "delivered" })).toBe("  slack took a/b at attempt 3");
    expect(describeDelivery({ ...news, kind: "failed" })).toMatch(/^ {2}slack failed: a\/b: no/u);
    expect(describeDelivery({ ...news, kind: "failed" })).not.toContain("\u001b");
    expect(describeDelivery({ ...news, kind: "dead" })).toContain("dead-letter queue of deliveries");
    expect(describeDelivery({ ...news, kind: "repeat-failed" })).toContain("was not told of a repeat");
  });
});
