import { describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { formatSummary } from "../../../lib/local/summary.ts";

const counts = { seen: 552, delivered: 3, invocations: 3, failures: 0, deadLetters: 0 };
const alert = (id: string, severity: string) => ({ severity, rule: { id } }) as Alert;

describe("the summary of a local run", () => {
  it("tells what was seen, delivered and alerted: the worst first, the busiest rule first", () => {
    const alerts = [alert("a/low", "low"), alert("b/high", "high"), alert("b/high", "high")];
    expect(formatSummary({ counts, unreadable: 0, alerts, datadog: 2 }).split("\n")).toEqual([
      "  seen       552  records at the event bus",
      "  delivered    3  records that an event pattern let through (3 invocations)",
      "  alerts       3  2 high, 1 low",
      "               2  b/high",
      "               1  a/low",
      "  SNS          3  alerts arrived",
      "  Datadog      2  alerts arrived at the stand-in",
    ]);
  });

  it("tells of what could not be read and what failed, and only then", () => {
    const failed = { ...counts, failures: 2, deadLetters: 2 };
    const lines = formatSummary({ counts: failed, unreadable: 4, alerts: [], datadog: 0 });
    expect(lines).toContain("unreadable   4  inputs, named above");
    expect(lines).toContain("failed       2  invocations for good (2 in the dead-letter queue)");
  });
});
