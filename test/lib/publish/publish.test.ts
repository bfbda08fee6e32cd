import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Rule } from "../../../lambda/engine/rule.ts";
import { readPointer } from "../../../lambda/live-rules/published.ts";
import { readDeployedEngine } from "../../../lib/publish/deployed-engine.ts";
import { formatPublish, publishMarkdown } from "../../../lib/publish/format-publish.ts";
import { listPublished, publish, rollBack, type ToPublish } from "../../../lib/publish/publish.ts";
import { publishSchema } from "../../../lib/publish/publish-schema.ts";
import { callRule } from "../synthesise.ts";
import { type BucketStandIn, startBucket } from "./bucket-stand-in.ts";
import { BUCKET, deployEngine, DESTINATIONS, PREFIX, PUBLISHER, ROUTING, setOf, SLACK } from "./stage.ts";

const EC2 = "ec2.amazonaws.com";
const VPC = callRule(EC2, "DeleteVpc");
const SUBNET = callRule(EC2, "DeleteSubnet");
const POINTER = `${BUCKET}/${PREFIX}current.json`;
const RULE_SET = `${BUCKET}/${PREFIX}rule-set.json`;
const WHO = { engine: "0.1.0", created: "2026-11-21T02:00:00.000Z", by: PUBLISHER };

let bucket: BucketStandIn;
beforeEach(async () => {
  bucket = await startBucket();
});
afterEach(() => bucket.close());

function content(rules: readonly Rule[], more: Partial<ToPublish> = {}): ToPublish {
  return { ruleSet: setOf(...rules), destinations: DESTINATIONS, routing: ROUTING, ...more };
}

async function engineOf(...args: Parameters<typeof deployEngine> extends [unknown, ...infer R] ? R : never) {
  return readDeployedEngine(deployEngine(bucket, ...args), "CloudTrailEngine");
}

const LOUD: Rule = { ...VPC, severity: "critical" };
const pointer = () => readPointer(bucket.objects.get(POINTER)?.at(-1)?.body.toString() ?? "");

describe("publishing", () => {
  it("adds a version, moves the pointer, and shows what changed down to the field", async () => {
    const engine = await engineOf(setOf(VPC, SUBNET));
    const report = await publish(engine, content([LOUD]), { ...WHO, revision: "abc" });
    expect(report).toMatchObject({
      done: true,
      inForce: "deployed",
      refused: [],
      changes: {
        removed: [SUBNET.id],
        edited: [{ rule: VPC.id, changes: [{ field: "severity", before: '"low"', after: '"critical"' }] }],
      },
    });
    expect(pointer()).toMatchObject({ versionId: report.next, by: PUBLISHER });
    expect(publishSchema.parse(report)).toEqual(report);
    expect(formatPublish(report)).toContain('severity: "low" → "critical"');
    expect(publishMarkdown(report)).toContain("`ec2.amazonaws.com/deletesubnet` (gone)");
  });

  it("compares with what is in force, not with what was deployed", async () => {
    const engine = await engineOf(setOf(VPC));
    await publish(engine, content([LOUD]), WHO);
    const again = await publish(engine, content([LOUD]), WHO);
    expect(again).toMatchObject({ done: false, effect: "Nothing is different from what is in force." });
    expect(bucket.objects.get(RULE_SET)).toHaveLength(1);
  });

  it("changes nothing with --dry-run", async () => {
    const engine = await engineOf(setOf(VPC));
    expect(await publish(engine, content([LOUD]), WHO, { dryRun: true })).toMatchObject({ done: false });
    expect(bucket.objects.get(POINTER)).toBeUndefined();
    expect(bucket.objects.get(RULE_SET)).toBeUndefined();
  });

  it("refuses a rule whose records the deployed patterns do not deliver, and says which", async () => {
    const engine = await engineOf(setOf(VPC));
    const report = await publish(engine, content([VPC, SUBNET]), WHO);
    expect(report.done).toBe(false);
    expect(report.refused).toEqual([expect.stringContaining(`${SUBNET.id} would never see its records`)]);
    expect(report.refused[0]).toContain('"eventName":["DeleteSubnet"]');
    expect(bucket.objects.get(POINTER)).toBeUndefined();
  });

  it("publishes it as waiting where the configuration allows that", async () => {
    const engine = await engineOf(setOf(VPC), { allowWaiting: true });
    const report = await publish(engine, content([VPC, SUBNET]), WHO);
    expect(report).toMatchObject({ done: true, waiting: [SUBNET.id] });
    expect(formatPublish(report)).toContain(`${SUBNET.id} waits`);
  });

  it("does not count on EventBridge rules that invoke something else", async () => {
    const elsewhere = [{ Arn: "arn:aws:lambda:eu-west-1:123456789012:function:other" }];
    const engine = await engineOf(setOf(VPC), {}, elsewhere);
    const report = await publish(engine, content([LOUD]), WHO);
    expect(report.refused).toEqual([expect.stringContaining("would never see its records")]);
  });

  it.each<[string, ToPublish, string]>([
    [
      "a destination that is not deployed",
      content([LOUD], { destinations: [...DESTINATIONS, { ...SLACK, id: "more" }] }),
      "is not deployed",
    ],
    [
      "another secret",
      content([LOUD], { destinations: [DESTINATIONS[0] ?? SLACK, { ...SLACK, secret: "prod/other" }] }),
      "a secret that it was not given",
    ],
    [
      "another kind",
      content([LOUD], {
        destinations: [DESTINATIONS[0] ?? SLACK, { id: "slack", type: "teams", secret: "prod/slack" }],
      }),
      "deployed as slack, not teams",
    ],
    [
      "a destination left out",
      content([LOUD], { destinations: [SLACK], routing: { ...ROUTING, otherwise: ["slack"] } }),
      "is deployed and left out",
    ],
    [
      "a route to nowhere",
      content([LOUD], { routing: { ...ROUTING, otherwise: ["pager"] } }),
      'no destination "pager"',
    ],
    ["a rule that goes nowhere", content([{ ...LOUD, destinations: ["pager"] }]), "which is no destination"],
    ["no rule at all", content([]), "nothing would ever alert"],
  ])("refuses %s", async (_, next, reason) => {
    const engine = await engineOf(setOf(VPC));
    const report = await publish(engine, next, WHO);
    expect(report.refused.join()).toContain(reason);
    expect(bucket.objects.get(POINTER)).toBeUndefined();
  });

  it("takes other routes and settings of what is deployed", async () => {
    const engine = await engineOf(setOf(VPC));
    const routing = { ...ROUTING, otherwise: ["slack"] };
    const report = await publish(engine, content([VPC], { routing }), WHO);
    expect(report).toMatchObject({ done: true, changes: { routing: [{ field: "otherwise" }] } });
  });

  it("of two publishers who looked at the same, the second is told of the first", async () => {
    const engine = await engineOf(setOf(VPC));
    await publish(engine, content([LOUD]), WHO);
    const results = await Promise.allSettled([
      publish(engine, content([{ ...VPC, severity: "high" }]), WHO),
      publish(engine, content([{ ...VPC, severity: "medium" }]), WHO),
    ]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const lost = results.find((one) => one.status === "rejected");
    expect(String(lost?.reason)).toContain("Somebody else published");
  });

  it("of two who publish first, too", async () => {
    const engine = await engineOf(setOf(VPC));
    const results = await Promise.allSettled([
      publish(engine, content([LOUD]), WHO),
      publish(engine, content([{ ...VPC, severity: "high" }]), WHO),
    ]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  it("refuses a bucket without versions, before the pointer is moved", async () => {
    bucket.versioned = false;
    const engine = await engineOf(setOf(VPC));
    await expect(publish(engine, content([LOUD]), WHO)).rejects.toThrow("keeps no versions");
    expect(bucket.objects.get(POINTER)).toBeUndefined();
  });

  it("publishes over something broken, and says that it was", async () => {
    const engine = await engineOf(setOf(VPC));
    bucket.put(POINTER, "{ broken");
    const report = await publish(engine, content([LOUD]), WHO);
    expect(report).toMatchObject({ done: true, warnings: [expect.stringContaining("is no JSON")] });
  });

  it("hostile names end in no link and no second line", async () => {
    const engine = await engineOf(setOf(VPC));
    const report = await publish(engine, content([{ ...VPC, name: "[x](http://evil)\n# @everyone |" }]), WHO);
    expect(
      formatPublish(report)
        .split("\n")
        .some((line) => line.startsWith("#")),
    ).toBe(false);
    expect(publishMarkdown(report)).toMatch(/`[^`\n]*@everyone[^`\n]*`/);
  });
});

describe("rolling back", () => {
  it("goes to the version before, to a named one, and to the deployed rules", async () => {
    const engine = await engineOf(setOf(VPC));
    const first = await publish(engine, content([LOUD]), WHO);
    const second = await publish(engine, content([{ ...VPC, severity: "high" }]), WHO);
    expect(await rollBack(engine, undefined, WHO)).toMatchObject({ done: true, next: first.next });
    expect(pointer()).toMatchObject({ versionId: first.next });
    expect(await rollBack(engine, second.next, WHO)).toMatchObject({ done: true, next: second.next });
    expect(await rollBack(engine, "deployed", WHO)).toMatchObject({ done: true, next: "deployed" });
    expect(pointer()).toMatchObject({ deployed: true });
    expect(await rollBack(engine, undefined, WHO)).toMatchObject({
      done: false,
      refused: [expect.stringContaining("no version before")],
    });
  });

  it("refuses a version that is not there, and one of before another deployment", async () => {
    const before = await engineOf(setOf(VPC));
    const first = await publish(before, content([LOUD]), WHO);
    const after = await engineOf(setOf(VPC, SUBNET));
    expect((await rollBack(after, "v999", WHO)).refused).toEqual([
      expect.stringContaining("v999 cannot be used"),
    ]);
    expect((await rollBack(after, first.next, WHO)).refused).toEqual([
      expect.stringContaining("over other rules than are deployed"),
    ]);
    expect((await listPublished(after)).versions).toMatchObject([
      { versionId: first.next, state: "superseded" },
    ]);
    expect((await listPublished(before)).versions).toMatchObject([
      { state: "in-force", by: PUBLISHER, rules: "1" },
    ]);
  });

  it("refuses a version whose bytes are not what was published", async () => {
    const engine = await engineOf(setOf(VPC));
    const first = await publish(engine, content([LOUD]), WHO);
    await publish(engine, content([{ ...VPC, severity: "high" }]), WHO);
    const kept = bucket.objects.get(RULE_SET)?.find(({ id }) => id === first.next);
    if (kept !== undefined) kept.body = Buffer.from(kept.body.toString().replace("critical", "low"));
    expect((await rollBack(engine, undefined, WHO)).refused).toEqual([
      expect.stringContaining("is not what was published"),
    ]);
  });
});

it("a stack without the setting is told how to have it", async () => {
  const clients = deployEngine(bucket, setOf(VPC));
  const bare = {
    send: async () => ({ Stacks: [{ Outputs: [] }] }),
  } as unknown as typeof clients.cloudFormation;
  await expect(readDeployedEngine({ ...clients, cloudFormation: bare }, "X")).rejects.toThrow(
    '"liveRules": {}',
  );
});
