import { describe, expect, it } from "vitest";
import { dayRecords, dayText } from "../../../lib/day/day.ts";

const records = dayRecords();
const text = dayText();

describe("the shipped day", () => {
  it("is what its stories make (after a change: npx vitest run test/lib/day -u)", async () => {
    await expect(text).toMatchFileSnapshot("../../../examples/day.ndjson");
  });

  it("has at least 300 records, in the order of their times, each with an id of its own", () => {
    expect(records.length).toBeGreaterThanOrEqual(300);
    const times = records.map((record) => String(record["eventTime"]));
    expect(times).toEqual(times.toSorted());
    expect(new Set(records.map((record) => record["eventID"])).size).toBe(records.length);
  });

  it("is mostly reading and services, with writes of people, code and an attacker among it", () => {
    const writes = records.filter((record) => record["readOnly"] === false);
    expect(writes.length).toBeLessThan(records.length / 2);
    const all = JSON.stringify(writes);
    for (const trace of [
      "Terraform/",
      "cloudformation.amazonaws.com",
      "GitHubActions",
      "203.0.113.66",
      "mira.okafor",
    ]) {
      expect(all).toContain(trace);
    }
  });

  it("names no account but the example account and no address but those reserved for documentation", () => {
    const accounts = new Set(text.match(/(?<=arn:aws:[a-z0-9-]*:[a-z0-9-]*:)\d{12}/gu));
    expect([...accounts]).toEqual(["123456789012"]);
    const addresses = records.map((record) => String(record["sourceIPAddress"]));
    for (const address of addresses) {
      expect(address).toMatch(/^(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$|\.amazonaws\.com$/u);
    }
  });

  it("gives every record the fields that CloudTrail always writes", () => {
    for (const record of records) {
      expect(record).toMatchObject({
        eventVersion: "1.11",
        eventSource: expect.stringMatching(/^[a-z0-9-]+\.amazonaws\.com$/u),
        eventName: expect.stringMatching(/^[A-Z]/u),
        awsRegion: "us-east-1",
        recipientAccountId: "123456789012",
        managementEvent: true,
        eventCategory: "Management",
      });
      expect(record["readOnly"]).toBeTypeOf("boolean");
    }
  });
});
