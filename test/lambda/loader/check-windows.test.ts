import { describe, expect, it } from "vitest";
import { load } from "./rules-dir.ts";

const PATH = "s3.amazonaws.com/x.yaml";

function linesOf(keys: string): string[] {
  const text = `name: X\nseverity: low\n${keys}\nconditions: { all: [{ fact: eventName, operator: equal, value: A }] }\n`;
  return load({ [PATH]: text }).lines.map((line) => line.replace(`${PATH}:`, ""));
}

describe("dedup and threshold of a rule", () => {
  it.each([
    "dedup: { by: [recipientAccountId, actor.arn], window: 1h }",
    'dedup: { window: "off" }',
    "dedup: { window: 10s }",
    "dedup: { window: 24h }",
    "threshold: { count: 2, within: 10m, by: [sourceIPAddress] }",
    "threshold: { count: 500, within: 10m, by: [actor.arn], distinct: requestParameters.secretId }",
    "threshold: { count: 5, within: 10m, by: [actor.arn] }\ndedup: { window: 1h }",
  ])("are fine as %s", (keys) => {
    expect(linesOf(keys)).toEqual([]);
  });

  it.each([
    ["dedup: { window: 9s }", '"9s" is not between 10s and 24h.'],
    ["dedup: { window: 25h }", '"25h" is not between 10s and 24h.'],
    ["dedup: { window: 10 minutes }", '"10 minutes" is not what belongs here.'],
    ["dedup: { by: [actor.arm] }", 'actor has no "arm". Did you mean "arn"?'],
    ["dedup: { by: [sourceIPAddress, sourceIPAddress] }", '"sourceIPAddress" is there twice.'],
    ["dedup: { by: [eventID] }", "Every record has its own eventID."],
    ["dedup: { by: [] }", "by is empty."],
    ["threshold: { count: 1, within: 10m, by: [actor.arn] }", "1 is not what belongs here."],
    ["threshold: { count: 501, within: 10m, by: [actor.arn] }", "501 is not what belongs here."],
    ["threshold: { count: 5, within: 10m }", '"by" is missing.'],
    ["threshold: { count: 5, within: off, by: [actor.arn] }", '"off" is not what belongs here.'],
    ["threshold: { count: 5, within: 10m, by: [sourceIp] }", 'No CloudTrail record has a field "sourceIp"'],
    ["threshold: { count: 5, within: 10m, by: [actor.arn], distinct: requestID }", "Leave distinct out."],
    [
      "threshold: { count: 5, within: 10m, by: [actor.arn] }\ndedup: { by: [actor.arn] }",
      "is deduplicated by the threshold's own facts",
    ],
    [
      "threshold: { count: 5, within: 10m, by: [actor.arn] }\ndedup: { window: 5m }",
      "lasts at least as long as the threshold's within",
    ],
    [
      'threshold: { count: 5, within: 10m, by: [actor.arn] }\ndedup: { window: "off" }',
      "lasts at least as long as the threshold's within",
    ],
  ])("are refused as %s", (keys, message) => {
    const lines = linesOf(keys);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(message);
  });
});
