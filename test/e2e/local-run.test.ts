/**
 * The whole product, end to end: the synthesised template's patterns, the bundled detector with the template's
 * environment, SNS, SQS and the stand-ins. What holds here is what a deployment would do with the shipped day.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { LOCAL_CREDENTIALS } from "../../lib/local/queues.ts";
import { startLocalRun } from "../../lib/local/local-run.ts";
import type { LocalRun } from "../../lib/local/local-run.ts";
import type { StandIn } from "../../lib/local/stand-in.ts";
import { play } from "../../lib/local/play.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DAY = fileURLToPath(new URL("../../examples/day.ndjson", import.meta.url));
const OWN_EVENT = new URL("../../examples/console-change.json", import.meta.url);
const [CONSOLE_CHANGE] = JSON.parse(readFileSync(OWN_EVENT, "utf8")) as [PutEventsRequestEntry];

let run: LocalRun;
let client: EventBridgeClient;
let datadog: StandIn;
const alerts: Alert[] = [];
const problems: string[] = [];

beforeAll(async () => {
  run = await startLocalRun({
    directory: ROOT,
    speed: 10_000,
    onAlert: (alert) => alerts.push(alert),
    onProblem: (line) => problems.push(line),
  });
  const standIn = run.standIns.get("datadog");
  if (standIn === undefined) throw new Error("the local run has no datadog");
  datadog = standIn;
  client = new EventBridgeClient({
    endpoint: run.busUrl,
    region: run.region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
}, 60_000);
afterAll(async () => {
  client.destroy();
  await run.stop();
});
beforeEach(() => {
  alerts.length = 0;
  problems.length = 0;
});

const put = (...entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries: entries }));
const countsByRule = () => {
  const counts: Record<string, number> = {};
  // A window's summary is about an alert that arrived before.
  const first = new Map(alerts.map((alert) => [alert.id, alert]));
  for (const { rule } of first.values()) counts[rule.id] = (counts[rule.id] ?? 0) + 1;
  return counts;
};

/** Each is an hour after the one before, so that none is a repeat of another. */
let hours = 0;

/** A record like the example's console change, with some fields changed. */
function consoleChange(change: Record<string, unknown>): PutEventsRequestEntry {
  const record = JSON.parse(CONSOLE_CHANGE.Detail ?? "") as Record<string, unknown>;
  hours += 1;
  const time = new Date(Date.parse(String(record["eventTime"])) + hours * 3_600_000);
  const eventTime = time.toISOString().replace(".000Z", "Z");
  return { ...CONSOLE_CHANGE, Detail: JSON.stringify({ ...record, eventTime, ...change }) };
}

/** Whether Datadog was told what came to be known of an alert that it has. */
function isNews({ body }: { readonly body: unknown }): boolean {
  return (body as { readonly tags: readonly string[] }).tags.some((tag) => tag.startsWith("notice:"));
}

/** A call that was refused to a session of a role. */
function refused(role: string): PutEventsRequestEntry {
  const issuer = { type: "Role", userName: role, arn: `arn:aws:iam::123456789012:role/${role}` };
  return consoleChange({
    eventSource: "secretsmanager.amazonaws.com",
    eventName: "GetSecretValue",
    errorCode: "AccessDenied",
    readOnly: true,
    sessionCredentialFromConsole: undefined,
    userIdentity: {
      type: "AssumedRole",
      accountId: "123456789012",
      sessionContext: { sessionIssuer: issuer },
    },
  });
}

describe("the whole product on one machine", () => {
  it("alerts on the attack and the console changes of the shipped day, and on nothing else", async () => {
    const played = await play({
      busUrl: run.busUrl,
      region: run.region,
      paths: [DAY],
      stopped: () => false,
      onProblem: (line) => problems.push(line),
    });
    await run.finished();
    expect(played).toEqual({ records: 552, problems: 0 });
    expect(problems).toEqual([]);
    expect(countsByRule()).toEqual({
      "_global/console-change": 13,
      "_global/root-used": 1,
      "_global/unauthorized-call": 2,
      "cloudtrail.amazonaws.com/trail-made": 1,
      "cloudtrail.amazonaws.com/trail-stopped": 1,
      "ec2.amazonaws.com/security-group-changed": 4,
      "ec2.amazonaws.com/security-group-opened": 1,
      "ec2.amazonaws.com/snapshot-or-image-public": 1,
      "guardduty.amazonaws.com/detector-off": 1,
      "iam.amazonaws.com/access-key-created-for-another-user": 1,
      "iam.amazonaws.com/administrator-policy-attached": 1,
      "iam.amazonaws.com/console-password-set": 1,
      "iam.amazonaws.com/policy-changed": 4,
      "iam.amazonaws.com/user-created": 1,
      "iam.amazonaws.com/user-locked-out": 3,
      "s3.amazonaws.com/bucket-policy-changed": 2,
      "s3.amazonaws.com/bucket-policy-public": 1,
      "s3.amazonaws.com/public-access-block-removed": 1,
      "signin.amazonaws.com/sign-in-failed": 1,
      "signin.amazonaws.com/sign-in-without-mfa": 1,
      "ssm.amazonaws.com/session-started": 1,
    });
  });

  it("has built a case of every alert: details, investigation and a number, in order", async () => {
    const { tables } = run.services;
    const dynamo = new DynamoDBClient({
      endpoint: tables,
      region: run.region,
      credentials: LOCAL_CREDENTIALS,
    });
    const { Items: items = [] } = await dynamo.send(
      new ScanCommand({ TableName: run.outputs["StateTable"], ProjectionExpression: "pk, sk" }),
    );
    dynamo.destroy();
    const of = (wanted: string) =>
      items
        .flatMap(({ pk, sk }) => (sk?.S === wanted ? [pk?.S ?? ""] : []))
        .toSorted((a, b) => (a < b ? -1 : 1));
    const told = of("ALERT");
    expect(told.length).toBeGreaterThan(30);
    expect(of("SCOPE#details")).toEqual(told);
    expect(of("SCOPE#investigation")).toEqual(told);
    const numbers = items.flatMap(({ pk, sk }) => (pk?.S === "NUMBERS" ? [Number(sk?.S)] : []));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(told.map((_, at) => at + 1));
  });

  it("delivered few of the day's records, invoked the detector for those and for closing windows", async () => {
    const counts = await run.counts();
    expect(counts).toMatchObject({
      seen: 552,
      failures: 0,
      deadLetters: 0,
      suppressed: 0,
      staged: 0,
      deduplicated: 8,
      failed: 0,
      dead: 0,
      waiting: 0,
      windows: 0,
    });
    expect(counts.letThrough).toBeLessThan(counts.seen / 5);
    expect(counts.invocations).toBe(counts.letThrough + counts.summaries / 2);
  });

  it("alerts within seconds on a change made in the console that the SDK puts on the bus", async () => {
    const taken = datadog.told.length;
    await put(CONSOLE_CHANGE);
    await run.settled();
    expect(countsByRule()).toEqual({
      "_global/console-change": 1,
      "ec2.amazonaws.com/security-group-changed": 1,
      "ec2.amazonaws.com/security-group-opened": 1,
    });
    expect(alerts.find(({ rule }) => rule.id === "ec2.amazonaws.com/security-group-opened")).toMatchObject({
      severity: "high",
      actor: { name: "you" },
      channel: { name: "console" },
      cloud: { accountId: "123456789012", region: "us-east-1" },
    });
    // What was found out about them comes afterwards.
    expect(datadog.told.slice(taken).filter((one) => !isNews(one))).toHaveLength(3);
  });

  it("sends each alert of Datadog with the same rule as the one behind the alerts topic", async () => {
    const before = datadog.told.length;
    await put(consoleChange({ eventID: "00000000-0000-4000-8000-000000000003" }));
    await run.settled();
    const rules = datadog.told
      .slice(before)
      .filter((one) => !isNews(one))
      .map(({ body }) => (body as { tags: string[] }).tags.find((tag) => tag.startsWith("rule:")));
    const expected = alerts.map(({ rule }) => `rule:${rule.id.toLowerCase()}`);
    expect(rules).toHaveLength(expected.length);
    expect(new Set(rules)).toEqual(new Set(expected));
  });

  it("never invokes the detector for a record that no rule could match", async () => {
    const { invocations, letThrough } = await run.counts();
    await put(
      consoleChange({ eventName: "DescribeInstances", readOnly: true }),
      consoleChange({
        sessionCredentialFromConsole: undefined,
        eventName: "CreateTags",
        userAgent: "aws-cli/2.31.14",
      }),
      {
        Source: "aws.ec2",
        DetailType: "EC2 Instance State-change Notification",
        Detail: '{"state":"running"}',
      },
      { ...CONSOLE_CHANGE, Source: "my.app" },
    );
    await run.settled();
    expect(await run.counts()).toMatchObject({ invocations, letThrough });
    expect(alerts).toEqual([]);
  });

  it("never invokes the detector for a failed call of its own role, so it cannot feed itself", async () => {
    const { invocations } = await run.counts();
    const pattern = JSON.stringify(
      run.eventRules.find(({ name }) => name.endsWith("own-denials"))?.eventPattern,
    );
    const ownRole = /:role\/([\w-]+)/u.exec(pattern)?.[1] ?? "";
    expect(ownRole).not.toBe("");
    await put(refused(ownRole));
    await run.settled();
    expect(await run.counts()).toMatchObject({ invocations });
    await put(refused("somebody-else"));
    await run.settled();
    expect(countsByRule()).toEqual({ "_global/unauthorized-call": 1 });
  });

  it("takes the good entries of a call beside malformed ones", async () => {
    const { Entries: results, FailedEntryCount: failed } = await put(
      { ...CONSOLE_CHANGE, Detail: '{"eventName":' },
      consoleChange({ eventID: "00000000-0000-4000-8000-000000000004" }),
    );
    await run.settled();
    expect(failed).toBe(1);
    expect(results?.map(({ ErrorCode: code }) => code)).toEqual(["MalformedDetail", undefined]);
    expect(alerts).toHaveLength(3);
  });

  it("keeps a record that it cannot read in the dead-letter queue, after Lambda's retries, and goes on", async () => {
    const before = await run.counts();
    await put(
      consoleChange({ userAgent: ["no", "text"] }),
      consoleChange({ eventID: "00000000-0000-4000-8000-000000000006" }),
    );
    await run.settled();
    const now = await run.counts();
    expect(now.failures - before.failures).toBe(1);
    expect(now.deadLetters - before.deadLetters).toBe(1);
    expect(problems.join("\n")).toContain("it is in the dead-letter queue");
    expect(alerts).toHaveLength(3);
  });
});
