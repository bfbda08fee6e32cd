import { describe, expect, it } from "vitest";
import { eventsOf } from "../../../lambda/lacework/scope-events.ts";
import { sampleAlert } from "../alerts/sample.ts";

describe("records of an attacker", () => {
  it("of nothing but quotes do not make Events larger than Lambda answers", () => {
    const { record } = sampleAlert({ requestParameters: { policyDocument: '"\\'.repeat(20_000) } });
    const events = Array.from({ length: 100 }, () => ({
      alertId: "0".repeat(32),
      time: "2026-11-20T11:00:00.000Z",
      record,
    }));
    const rows = eventsOf(events);
    expect(rows).toHaveLength(100);
    expect(Buffer.byteLength(JSON.stringify(JSON.stringify({ data: rows })))).toBeLessThan(5_800_000);
    expect(JSON.parse(rows[0]?.["additionalEventInfo"] ?? "")).toHaveProperty("eventID", record["eventID"]);
    expect(JSON.parse(eventsOf(events.slice(0, 1))[0]?.["additionalEventInfo"] ?? "")).toHaveProperty(
      "requestParameters",
    );
  });
});
