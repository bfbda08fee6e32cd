import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { looksLikeSecret } from "../../../lambda/destinations/looks-like-secret.ts";

describe("looksLikeSecret", () => {
  it.each([
    "hooks.slack.com/services/T0123456/B0123456/abcdefghijklmnop",
    "https://hooks.slack.com/services/T0/B0/x",
    "prod-1.westeurope.logic.azure.com/workflows/0a/triggers?sig=x",
    " xoxb-123-456-abc",
    "Bearer xoxb-123-456-abc",
    "xapp-1-A0-1-ff",
    "whsec_abc",
    "0123456789abcdef0123456789abcdef",
    "R0123456789ABCDEFGHIJKLMNOPQRSTU",
    "k8J/2bQz+P0rT4vX6yA1cE3gI5kM7oQ9sU1wY3aC5eG=",
    "Zk3Qw8Er7Ty6Ui5Op4As3Df2",
    ["prod/fine", "xoxb-123-456-abc"],
  ])("says so of %j", (value) => {
    expect(looksLikeSecret(value)).toBe(true);
  });

  it.each([
    undefined,
    7,
    "",
    "prod/datadog-api-key",
    "prod/Team1/PagerDuty/EventsV2Key",
    "DatadogKey6C9A3E0B-x8Yk2LmNqRst",
    "PagerDutyRoutingKeySecret",
    "PagerDutyRoutingKeySecret6C9A3E0B",
    "alerts@security.example.com",
    "arn:aws:sns:eu-west-1:123456789012:CloudTrailEngineAlerts-eu",
    "CloudTrail Engine Alert",
    "C0123456789",
    ["team:security", "env:prod"],
  ])("does not of %j", (value) => {
    expect(looksLikeSecret(value)).toBe(false);
  });

  it("says so of nearly every key of 32 random bytes in Base64", () => {
    const keys = Array.from({ length: 500 }, () => randomBytes(32).toString("base64"));
    // 456 on average, and 7 more or less of them from one time to the next.
    expect(keys.filter((key) => looksLikeSecret(key)).length).toBeGreaterThan(410);
  });
});
