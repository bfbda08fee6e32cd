import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeAlert } from "../lambda/alerts/alert.ts";
import { createEngine } from "../lambda/engine/engine.ts";
import { deriveEventRules } from "../lambda/engine/event-rules.ts";
import type { RuleSet } from "../lambda/engine/rule.ts";
import { makeListsPort } from "../lambda/lists/lists-port.ts";
import type { DynamicList } from "../lambda/lists/refresh.ts";
import { loadRules } from "../lambda/loader/load-rules.ts";
import { readEnvelope } from "../lambda/record/envelope.ts";
import type { CloudTrailRecord } from "../lambda/record/record.ts";
import { runRuleTests } from "../lib/rule-tests/run-tests.ts";
import { makeStage, MINUTE, NAME, NOON, refused } from "./lambda/lists/stage.ts";

/** The shipped example, and the four demonstrations of docs/dynamic-lists.md. */

const DIR = join(import.meta.dirname, "../examples/dynamic-lists");
const loaded = loadRules(join(DIR, "rules"));
const RULE = "s3.amazonaws.com/prod-bucket-deleted";

function listOf({ lists }: RuleSet): DynamicList {
  const list = lists[NAME];
  if (list?.dynamic === undefined) throw new Error("the example has no dynamic list");
  return { ...list, dynamic: list.dynamic };
}

/** The shipped record of a bucket's deletion, with its time changed. */
function deletion(bucket: string, minute: number): CloudTrailRecord {
  const lines = readFileSync(join(DIR, "records.ndjson"), "utf8").trim().split("\n");
  const found = lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .find(({ eventName, errorCode }) => eventName === "DeleteBucket" && errorCode === undefined);
  const eventTime = new Date(NOON + minute * MINUTE).toISOString();
  const reading = readEnvelope({ ...found, eventTime, requestParameters: { bucketName: bucket } });
  if (!reading.ok) throw new Error(reading.reason);
  return reading.record;
}

/** The alert of a deletion, as its title and notes; undefined when there is none. */
async function alertOf(stage: ReturnType<typeof makeStage>, bucket: string, minute: number) {
  const { table, now } = stage.ports;
  const port = makeListsPort({ table, lists: { [NAME]: stage.list }, now, failed: () => undefined });
  const record = deletion(bucket, minute);
  const { matches } = await createEngine(loaded.ruleSet).evaluate(record, now(), port);
  return matches.map((match) => {
    const { title, notes = [] } = makeAlert(match, record);
    return { title, notes };
  })[0];
}

const TITLE = "s3.amazonaws.com: Production bucket deleted";
const stageOf = (onEmpty: "keep" | "clear" | "fail" = "keep") => {
  const list = listOf(loaded.ruleSet);
  return makeStage({ ...list, dynamic: { ...list.dynamic, onEmpty } });
};

describe("the example of production buckets", () => {
  it("has no problems, passes its tests and needs one EventBridge rule", async () => {
    expect(loaded.problems).toEqual([]);
    expect(await runRuleTests(loaded, { dir: join(DIR, "rules") })).toMatchObject({
      failed: 0,
      problems: [],
    });
    const { eventRules } = deriveEventRules(loaded.ruleSet);
    expect(eventRules).toMatchObject([
      {
        rules: [RULE],
        state: "ENABLED",
        eventPattern: { detail: { requestParameters: { bucketName: [{ exists: true }] } } },
      },
    ]);
  });

  it("alerts on a bucket that was tagged, though the list was refreshed before the record came", async () => {
    const stage = stageOf();
    await stage.refresh(NOON, ["acme-prod-data", "acme-prod-logs"]);
    await stage.refresh(NOON + 15 * MINUTE, ["acme-prod-logs"]);
    stage.at(NOON + 16 * MINUTE);
    expect(await alertOf(stage, "acme-prod-data", 7)).toEqual({ title: TITLE, notes: [] });
    expect(await alertOf(stage, "acme-scratch", 7)).toBeUndefined();
    expect(await alertOf(stage, "acme-prod-data", 15.5)).toBeUndefined();
  });

  it("goes on alerting when the query gives nothing, unless the list is to be cleared", async () => {
    for (const [onEmpty, alerts] of [
      ["keep", true],
      ["clear", false],
      ["fail", true],
    ] as const) {
      const stage = stageOf(onEmpty);
      await stage.refresh(NOON, ["acme-prod-data"]);
      await stage.refresh(NOON + 15 * MINUTE, []);
      const alert = await alertOf(stage, "acme-prod-data", 20);
      expect([onEmpty, alert !== undefined]).toEqual([onEmpty, alerts]);
      const isStale = alert?.notes[0]?.includes("is stale: its last refresh failed") === true;
      expect([onEmpty, isStale]).toEqual([onEmpty, onEmpty === "fail"]);
    }
  });

  it("goes on alerting when the query fails, and says so; without values it alerts on every deletion", async () => {
    const stage = stageOf();
    await stage.refresh(NOON - 15 * MINUTE, refused);
    expect(await alertOf(stage, "acme-scratch", 0)).toEqual({
      title: TITLE,
      notes: [
        "The list prod-buckets has no values, since its refreshes fail (AccessDeniedException: no): whatever is compared with it was taken to match.",
      ],
    });
    await stage.refresh(NOON, ["acme-prod-data"]);
    await stage.refresh(NOON + 15 * MINUTE, refused);
    expect((await alertOf(stage, "acme-prod-data", 20))?.notes).toEqual([
      "The list prod-buckets is stale: its last refresh failed (AccessDeniedException: no); its values are of 2026-11-20T12:00:00.000Z.",
    ]);
    expect(await alertOf(stage, "acme-scratch", 20)).toBeUndefined();
  });

  it("says that the list is stale when nothing has refreshed it for an hour", async () => {
    const stage = stageOf();
    await stage.refresh(NOON, ["acme-prod-data"]);
    stage.at(NOON + 90 * MINUTE);
    expect((await alertOf(stage, "acme-prod-data", 90))?.notes).toEqual([
      "The list prod-buckets is stale: its values are of 2026-11-20T12:00:00.000Z.",
    ]);
  });
});
