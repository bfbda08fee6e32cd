/**
 * How long a warm invocation takes from the record to the last delivery: the deployed bundle in its own process, with the
 * table and the queues on this machine and stand-ins for the destinations, which answer at once. What is left is ours:
 * matching, recording, delivering side by side, recording the outcomes.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startLocalRun } from "../../lib/local/local-run.ts";
import { quantile } from "./quantile.ts";

/** Milliseconds of invocations that make so many alerts, each for all destinations. */
export type DeliveryTimes = {
  readonly alerts: number;
  readonly p50: number;
  readonly p99: number;
  readonly invocations: number;
};

const SIZES = [
  { alerts: 1, invocations: 100 },
  { alerts: 10, invocations: 40 },
  { alerts: 100, invocations: 8 },
] as const;
const WARM_UP = 5;
/** Beside the topic. */
const DESTINATIONS = ["slack", "datadog", "pagerduty", "webhook"];

/** Measures in a local run of its own; rules go to `directory`. Throws when a delivery is missing. */
export async function measureDeliveries(root: string, directory: string): Promise<DeliveryTimes[]> {
  const run = await startLocalRun({
    directory: root,
    rules: writeRules(join(directory, "delivery-rules")),
    destinations: DESTINATIONS,
    speed: 1,
    onAlert: () => {},
    onProblem: () => {},
  });
  try {
    const results: DeliveryTimes[] = [];
    let at = 0;
    for (const { alerts, invocations } of SIZES) {
      const millis: number[] = [];
      const before = run.standIns.get("webhook")?.told.length ?? 0;
      for (let round = -WARM_UP; round < invocations; round++) {
        at += 1;
        const began = performance.now();
        const result = await run.invoke(envelope(alerts, at));
        if (!result.ok) throw new Error(`an invocation failed: ${result.error.errorMessage}`);
        if (round >= 0) millis.push(performance.now() - began);
        // Cases are built in invocations of their own, on machines of their own: here they would share this one's cores.
        await run.settled();
      }
      const told = (run.standIns.get("webhook")?.told.length ?? 0) - before;
      if (told !== alerts * (invocations + WARM_UP))
        throw new Error(`${told} of ${alerts * (invocations + WARM_UP)} alerts were delivered`);
      results.push({ alerts, invocations, p50: quantile(millis, 0.5), p99: quantile(millis, 0.99) });
    }
    return results;
  } finally {
    await run.stop();
  }
}

/** So many rules that match one call, for each size. */
function writeRules(folder: string): string {
  const service = join(folder, "ec2.amazonaws.com");
  mkdirSync(service, { recursive: true });
  for (const { alerts } of SIZES) {
    for (let rule = 0; rule < alerts; rule++) {
      const lines = [
        `name: Bench ${alerts} ${rule}`,
        "severity: low",
        "conditions:",
        "  all:",
        `    - { fact: eventName, operator: equal, value: Bench${alerts} }`,
        "",
      ];
      writeFileSync(join(service, `bench-${alerts}-${rule}.yaml`), lines.join("\n"));
    }
  }
  return folder;
}

/** A record of its own actor, so that none is a repeat. */
function envelope(alerts: number, at: number): unknown {
  const userName = `user-${at}`;
  return {
    version: "0",
    id: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
    "detail-type": "AWS API Call via CloudTrail",
    source: "aws.ec2",
    account: "123456789012",
    time: "2026-11-19T10:00:00Z",
    region: "us-east-1",
    resources: [],
    detail: {
      eventVersion: "1.11",
      eventTime: "2026-11-19T10:00:00Z",
      eventSource: "ec2.amazonaws.com",
      eventName: `Bench${alerts}`,
      eventID: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
      eventType: "AwsApiCall",
      awsRegion: "us-east-1",
      sourceIPAddress: "192.0.2.1",
      userAgent: "bench",
      userIdentity: {
        type: "IAMUser",
        arn: `arn:aws:iam::123456789012:user/${userName}`,
        accountId: "123456789012",
        userName,
      },
      recipientAccountId: "123456789012",
      readOnly: false,
      managementEvent: true,
    },
  };
}
