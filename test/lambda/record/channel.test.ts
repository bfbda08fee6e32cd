import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { CHANNEL_NAMES } from "../../../lambda/record/channel-names.ts";
import { deriveChannel } from "../../../lambda/record/channel.ts";
import { readEnvelope } from "../../../lambda/record/envelope.ts";

type Fields = Readonly<Record<string, unknown>>;
type Row = { readonly is: string; readonly sure: string; readonly what: string; readonly record: Fields };

const table = parse(readFileSync(join(import.meta.dirname, "channel-records.yaml"), "utf8")) as {
  readonly rows: readonly Row[];
};
const STATED: Fields = { sessionCredentialFromConsole: "true" };

const recordOf = (fields: Fields) => ({
  eventVersion: "1.11",
  eventTime: "2026-11-20T09:00:00Z",
  eventSource: "ec2.amazonaws.com",
  eventName: "StopInstances",
  eventType: "AwsApiCall",
  awsRegion: "eu-central-1",
  sourceIPAddress: "192.0.2.10",
  recipientAccountId: "123456789012",
  ...fields,
});
const channelOf = (fields: Fields) => deriveChannel(recordOf(fields));
const agents = [...new Set(table.rows.map(({ record }) => record.userAgent))].filter(
  (agent) => typeof agent === "string",
);

describe("deriveChannel", () => {
  it("is shown by a table with every channel, and more than a hundred records", () => {
    expect(table.rows.length).toBeGreaterThan(100);
    expect(new Set(table.rows.map(({ is }) => is))).toEqual(new Set(CHANNEL_NAMES));
    expect(new Set(table.rows.map(({ what }) => what)).size).toBe(table.rows.length);
    expect(agents.length).toBeGreaterThan(50);
  });

  it.each(table.rows)("says $is ($sure) of $what", ({ is, sure, record }) => {
    const channel = channelOf(record);
    expect(channel).toMatchObject({ name: is, confidence: sure });
    expect(channel.reasons.length).toBeGreaterThan(0);
  });

  it("is shown by records that are read, but for the one with fields of the wrong type", () => {
    const refused = table.rows.filter(({ record }) => !readEnvelope(recordOf(record)).ok);
    expect(refused.map(({ what }) => what)).toEqual(["fields of the wrong type"]);
  });

  it.each(agents)("is never more than medium sure of what only the caller wrote: %s", (userAgent) => {
    expect(channelOf({ userAgent }).confidence).not.toBe("high");
    expect(["service", "cloudformation"]).not.toContain(channelOf({ userAgent }).name);
  });

  it.each(agents)("does not let an agent talk a call away from what AWS says: %s", (userAgent) => {
    // CloudShell is part of the console: its agent alone says more than the flag, and only that the caller says so.
    const inShell = userAgent.includes("exec-env/CloudShell");
    expect(channelOf({ ...STATED, userAgent })).toMatchObject({
      name: inShell ? "cloudshell" : "console",
      confidence: inShell ? "medium" : "high",
    });
    for (const [fields, name] of [
      [{ eventType: "AwsConsoleSignIn", eventSource: "signin.amazonaws.com" }, "console"],
      [{ eventType: "AwsConsoleAction" }, "console"],
      [{ userIdentity: { type: "AWSService" } }, "service"],
      [{ userIdentity: { type: "IAMUser", invokedBy: "athena.amazonaws.com" } }, "service"],
      [{ sourceIPAddress: "cloudformation.amazonaws.com" }, "cloudformation"],
      [{ eventType: "AwsServiceEvent" }, "service"],
    ] as const)
      expect(channelOf({ ...fields, userAgent })).toMatchObject({ name, confidence: "high" });
  });

  it("says what the caller wrote where it does not fit what AWS wrote", () => {
    const { reasons } = channelOf({ ...STATED, userAgent: "aws-cli/2.31.0" });
    expect(reasons).toEqual([
      "sessionCredentialFromConsole is true",
      "the user agent names a command line, which the caller can choose",
    ]);
  });

  it("sees what a key with a dot spells", () => {
    const dotted = { userAgent: "aws-cli/2.31.0", "userIdentity.invokedBy": "athena.amazonaws.com" };
    expect(channelOf(dotted)).toMatchObject({ name: "service", confidence: "high" });
    expect(channelOf({ ...dotted, userIdentity: { invokedBy: "cloudformation.amazonaws.com" } }).name).toBe(
      "cloudformation",
    );
  });

  it("takes a hostile agent and address of 256 KB in its stride", () => {
    const hostile = channelOf({
      userAgent: `console.${"a.".repeat(131_072)}`,
      sourceIPAddress: ".amazonaws.com".repeat(20_000),
    });
    expect(hostile.name).toBe("service");
    expect(JSON.stringify(hostile).length).toBeLessThan(500);
    expect(channelOf({ userAgent: `console.${"a.".repeat(131_072)}` }).name).toBe("unknown");
  });
});
