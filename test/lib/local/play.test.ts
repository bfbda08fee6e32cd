import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Envelope } from "../../../lambda/record/record.ts";
import { startEventBus } from "../../../lib/local/event-bus.ts";
import type { LocalServer } from "../../../lib/local/local-server.ts";
import { play } from "../../../lib/local/play.ts";

let bus: LocalServer;
let folder: string;
const envelopes: Envelope[] = [];
const problems: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "play-test-"));
  bus = await startEventBus({
    account: "123456789012",
    region: "us-east-1",
    onEnvelope: (envelope) => envelopes.push(envelope),
  });
});
afterAll(async () => {
  await bus.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  envelopes.length = 0;
  problems.length = 0;
});

const record = (change: Record<string, unknown> = {}) =>
  JSON.stringify({
    eventSource: "ec2.amazonaws.com",
    eventName: "RunInstances",
    eventTime: "2026-11-19T10:00:00Z",
    eventType: "AwsApiCall",
    ...change,
  });

async function playLines(lines: readonly string[], stopped = () => false) {
  const path = join(folder, "records.ndjson");
  await writeFile(path, lines.join("\n"));
  return play({
    busUrl: bus.url,
    region: "us-east-1",
    paths: [path],
    stopped,
    onProblem: (line) => problems.push(line),
  });
}

describe("playing CloudTrail files into the event bus", () => {
  it("puts each record on the bus in its envelope, in order, more than one call can hold", async () => {
    const lines = Array.from({ length: 25 }, (_, index) => record({ eventID: String(index) }));
    expect(await playLines(lines)).toEqual({ records: 25, problems: 0 });
    expect(envelopes.map(({ detail }) => (detail as { eventID: string }).eventID)).toEqual(
      lines.map((_, index) => String(index)),
    );
    expect(envelopes[0]).toMatchObject({
      source: "aws.ec2",
      "detail-type": "AWS API Call via CloudTrail",
      time: "2026-11-19T10:00:00Z",
    });
  });

  it("names what it cannot play, with its line, and plays the rest", async () => {
    const large = record({ requestParameters: { text: "x".repeat(1_100_000) } });
    expect(await playLines([record(), "not json", large, record()])).toEqual({ records: 2, problems: 2 });
    expect(problems[0]).toMatch(/records\.ndjson:2/u);
    expect(problems[1]).toMatch(/records\.ndjson:3.*EventBridge takes at most 1048576/u);
  });

  it("keeps each call under 1 MB where records are large", async () => {
    const lines = [1, 2, 3].map(() => record({ requestParameters: { text: "x".repeat(400_000) } }));
    expect(await playLines(lines)).toEqual({ records: 3, problems: 0 });
  });

  it("plays a record whose time cannot be read, and ends when it is told to", async () => {
    expect(await playLines([record({ eventTime: "soon" })])).toEqual({ records: 1, problems: 0 });
    expect(await playLines([record()], () => true)).toEqual({ records: 0, problems: 0 });
  });
});
