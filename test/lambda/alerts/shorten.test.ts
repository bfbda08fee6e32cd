import { describe, expect, it } from "vitest";
import { alertSchema } from "../../../lambda/alerts/alert-schema.ts";
import { shortenAlert } from "../../../lambda/alerts/shorten.ts";
import { sampleAlert } from "./sample.ts";

const within = (limit: number) => (candidate: unknown) => JSON.stringify(candidate).length <= limit;

describe("shortenAlert", () => {
  it("leaves an alert that fits alone", () => {
    const alert = sampleAlert();
    expect(shortenAlert(alert, within(100_000))).toBe(alert);
  });

  it("leaves out the record's largest fields first, and says which", () => {
    const alert = sampleAlert({
      responseElements: { big: "x".repeat(50_000) },
      additionalEventData: { mid: "y".repeat(5000) },
    });
    const shorter = shortenAlert(alert, within(20_000));
    expect(shorter.record).not.toHaveProperty("responseElements");
    expect(shorter.record).toHaveProperty("additionalEventData");
    expect(shorter.record).toHaveProperty("requestParameters");
    expect(shorter.notes?.join()).toContain("left out of the record for size: responseElements.");
    expect(alert.record).toHaveProperty("responseElements");
  });

  it("keeps what identifies the record, however much must go", () => {
    const shorter = shortenAlert(sampleAlert({ requestParameters: "x".repeat(9000) }), within(4000));
    expect(shorter.record.eventID).toBe("3f2504e0-4f89-41d3-9a0c-0305e82c3301");
    expect(shorter.record.eventName).toBe("AuthorizeSecurityGroupIngress");
  });

  it("comes down to a small, valid alert whatever is long", () => {
    const long = "x".repeat(200_000);
    const resources = Array.from({ length: 5000 }, () => ({ ARN: `arn:${long.slice(0, 900)}`, type: "t" }));
    const record = {
      eventName: long,
      eventID: long,
      errorCode: long,
      userAgent: long,
      resources,
      recipientAccountId: long,
    };
    const rule = {
      description: long,
      runbook: long,
      tags: Array.from({ length: 5000 }, () => long.slice(0, 999)),
    };
    const shorter = shortenAlert(sampleAlert(record, rule), within(10));
    expect(JSON.stringify(shorter).length).toBeLessThan(45_000);
    expect(alertSchema.safeParse(shorter).error).toBeUndefined();
    expect(shorter.notes?.join()).toContain("shortened");
  });

  it("does not rewrite a record of many small fields once a field", () => {
    const fields = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`field${i}`, "some text"]));
    let tries = 0;
    shortenAlert(sampleAlert(fields), (candidate) => {
      tries++;
      return within(10_000)(candidate);
    });
    expect(tries).toBeLessThan(20);
  });
});
