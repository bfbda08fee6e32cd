import { describe, expect, it } from "vitest";
import { toLog } from "../../../lambda/destinations/datadog-log.ts";
import { firstOf, HOSTILE, summaryOf } from "../../contracts/destinations.ts";
import { sampleAlert } from "../alerts/sample.ts";

const NOW = Date.parse("2026-11-20T10:20:00Z");

describe("toLog", () => {
  it("has the record's fields, Datadog's names for them, and the alert", () => {
    const alert = sampleAlert();
    const log = toLog(firstOf(alert), NOW, ["team:security"]);
    expect(log).toMatchObject(alert.record);
    expect(log).toMatchObject({
      ddsource: "cloudtrail",
      service: "cloudtrail-engine",
      status: "error",
      date: "2026-11-20T10:15:30.000Z",
      message:
        "ec2.amazonaws.com: Security group opened to the internet: Admin/alice@example.com opened sg-0a1b2c3d to the internet",
      evt: { name: "AuthorizeSecurityGroupIngress", outcome: "success", id: alert.record["eventID"] },
      usr: { id: "AROAEXAMPLE:alice@example.com", name: "Admin/alice@example.com" },
      network: { client: { ip: "192.0.2.10" } },
      http: { useragent: "AWS Internal" },
      alert: {
        id: alert.id,
        kind: "first",
        state: "open",
        severity: "high",
        count: 1,
        rule: { id: "ec2.amazonaws.com/security-group-opened" },
      },
    });
    expect(log["ddtags"]).toContain("rule:ec2.amazonaws.com/security-group-opened");
    expect(log["ddtags"]).toContain("team:security");
    expect(log["alert"]).not.toHaveProperty("record");
  });

  it.each([
    ["info", "info"],
    ["low", "notice"],
    ["medium", "warning"],
    ["high", "error"],
    ["critical", "critical"],
  ] as const)("gives severity %s the status %s", (severity, status) => {
    expect(toLog(firstOf(sampleAlert({}, { severity })), NOW)["status"]).toBe(status);
  });

  it("calls what was denied or failed a failure, with its error", () => {
    const log = toLog(firstOf(sampleAlert({ errorCode: "AccessDenied", errorMessage: "no" })), NOW);
    expect(log).toMatchObject({
      evt: { outcome: "failure" },
      error: { kind: "AccessDenied", message: "no" },
    });
  });

  it("names no address where a service called", () => {
    const log = toLog(firstOf(sampleAlert({ sourceIPAddress: "cloudformation.amazonaws.com" })), NOW);
    expect(log).toMatchObject({
      network: { client: { ip: undefined } },
      sourceIPAddress: "cloudformation.amazonaws.com",
    });
  });

  it.each([
    ["18 hours old", "2026-11-19T16:20:00Z", "2026-11-19T16:25:00.000Z"],
    ["a month old", "2026-10-20T10:15:30Z", "2026-11-19T16:25:00.000Z"],
    ["from the future", "2027-01-01T00:00:00Z", "2026-11-20T10:20:00.000Z"],
    ["no time at all", HOSTILE, "2026-11-19T16:25:00.000Z"],
  ])("dates a record that is %s where Datadog takes it, and tells the true time", (_, eventTime, date) => {
    const alert = sampleAlert({ eventTime });
    const log = toLog(firstOf(alert), NOW);
    expect([log["date"], log["eventTime"]]).toEqual([date, date]);
    expect(log["alert"]).toMatchObject({ startTime: alert.startTime });
    expect(JSON.stringify(log["alert"])).toContain(`${alert.startTime} is the true time`);
  });

  it("leaves the time alone that Datadog takes, and says nothing about it", () => {
    const log = toLog(firstOf(sampleAlert({ eventTime: "2026-11-19T16:25:00Z" })), NOW);
    expect(log["eventTime"]).toBe("2026-11-19T16:25:00Z");
    expect(log["alert"]).not.toHaveProperty("notes");
  });

  it("writes a time in numbers as a text, which Datadog cannot misread", () => {
    const log = toLog(firstOf(sampleAlert({ eventTime: Date.parse("2026-11-20T10:15:30Z") / 1000 })), NOW);
    expect(log["eventTime"]).toBe("2026-11-20T10:15:30.000Z");
  });

  it("lets no record date, tag or route its own log", () => {
    const forged = { timestamp: 1, _timestamp: 1, Timestamp: 1, published_date: 1 };
    const taken = {
      date: "x",
      ddsource: "x",
      ddtags: "x",
      service: "x",
      status: "x",
      message: "x",
      alert: "x",
    };
    const log = toLog(firstOf(sampleAlert({ ...forged, ...taken })), NOW);
    for (const key of Object.keys(forged)) expect(log).not.toHaveProperty(key);
    expect(Object.keys(taken).filter((key) => log[key] === "x")).toEqual([]);
  });

  it("tells the close of a window as such", () => {
    const log = toLog(summaryOf(), NOW);
    expect(log).toMatchObject({ alert: { kind: "summary", count: 96 } });
    expect(log["message"]).toContain("(96 times)");
  });
});
