import { describe, expect, it } from "vitest";
import { makeListsPort } from "../../../lambda/lists/lists-port.ts";
import { dynamicList, makeStage, MINUTE, NAME, NOON, refused } from "./stage.ts";

type Stage = ReturnType<typeof makeStage>;

function portOf(stage: Stage, failures: unknown[] = []) {
  const { table, now } = stage.ports;
  const failed = (_: string, error: unknown): void => void failures.push(error);
  const port = makeListsPort({ table, lists: { [NAME]: stage.list }, now, failed });
  return async (value: string, minute: number) => {
    const answer = (await port.asOf([NAME], NOON + minute * MINUTE)).get(NAME);
    return { has: answer?.list?.has(value), note: answer?.note };
  };
}

describe("a dynamic list when it is asked", () => {
  it("answers as it was before the deletion, though it was refreshed before the record came", async () => {
    const stage = makeStage(dynamicList({ onEmpty: "clear" }));
    await stage.refresh(NOON, ["acme-prod-data"]);
    await stage.refresh(NOON + 15 * MINUTE, []);
    stage.at(NOON + 16 * MINUTE);
    const ask = portOf(stage);
    expect(await ask("acme-prod-data", 7)).toEqual({ has: true, note: undefined });
    expect(await ask("acme-prod-data", 15)).toEqual({ has: false, note: undefined });
  });

  it("answers late records, hours and versions later, in whatever order they come", async () => {
    const stage = makeStage();
    for (let at = 0; at < 20; at++) await stage.refresh(NOON + at * 15 * MINUTE, [`v${at}`]);
    stage.at(NOON + 400 * MINUTE);
    const ask = portOf(stage);
    for (const at of [19, 0, 7, 7, 18, 3]) expect((await ask(`v${at}`, at * 15 + 1)).has).toBe(true);
  });

  it("says that it is stale after a failed refresh, and when it has grown old, of what happened since", async () => {
    const stage = makeStage();
    await stage.refresh(NOON, ["a"]);
    stage.at(NOON + 65 * MINUTE);
    const ask = portOf(stage);
    expect((await ask("a", -0.001)).note).toContain("before its first refresh");
    expect((await ask("a", 60)).note).toBeUndefined();
    expect((await ask("a", 61)).note).toBe(
      "The list prod-buckets is stale: its values are of 2026-11-20T12:00:00.000Z.",
    );
    await stage.refresh(NOON + 66 * MINUTE, refused);
    const after = portOf(stage);
    expect(await after("a", 5)).toEqual({
      has: true,
      note: "The list prod-buckets is stale: its last refresh failed (AccessDeniedException: no); its values are of 2026-11-20T12:00:00.000Z.",
    });
    expect((await after("a", 0)).note).toBeUndefined();
  });

  it("says of an older version that it was stale then", async () => {
    const stage = makeStage();
    await stage.refresh(NOON, ["a"]);
    await stage.refresh(NOON + 200 * MINUTE, ["b"]);
    stage.at(NOON + 201 * MINUTE);
    const ask = portOf(stage);
    expect((await ask("a", 59)).note).toBeUndefined();
    expect(await ask("a", 199)).toEqual({
      has: true,
      note: "The list prod-buckets was stale when this happened: its values were of 2026-11-20T12:00:00.000Z.",
    });
  });

  it("is unknown before its first refresh, and says why", async () => {
    const stage = makeStage();
    stage.at(NOON + 1);
    expect((await portOf(stage)("a", 0)).note).toContain("has no values yet: whatever");
    await stage.refresh(NOON, refused);
    expect((await portOf(stage)("a", 0)).note).toContain("its refreshes fail (AccessDeniedException: no)");
    await stage.refresh(NOON + 1, []);
    await stage.refresh(NOON + 2, []);
    expect((await portOf(stage)("a", 0)).has).toBeUndefined();
  });

  it("is unknown when the table is away, tells so, and is asked again", async () => {
    const stage = makeStage();
    await stage.refresh(NOON, ["a"]);
    stage.breakTable(true);
    const failures: unknown[] = [];
    const ask = portOf(stage, failures);
    expect((await ask("a", 0)).note).toContain("could not be read");
    expect(failures).toHaveLength(1);
    stage.breakTable(false);
    expect((await ask("a", 0)).has).toBe(true);
  });

  it("is read once a minute for what happened before, and again for what happened after it was read", async () => {
    const stage = makeStage();
    await stage.refresh(NOON, ["a"]);
    stage.at(NOON + 10 * MINUTE);
    const ask = portOf(stage);
    const before = stage.reads();
    await Promise.all(Array.from({ length: 50 }, () => ask("a", 9)));
    expect(stage.reads() - before).toBe(2);
    // A bucket tagged, the list refreshed and the bucket deleted, all within a minute of the last reading.
    await stage.refresh(NOON + 10.2 * MINUTE, ["a", "new"]);
    stage.at(NOON + 10.6 * MINUTE);
    expect((await ask("new", 10.5)).has).toBe(true);
  });
});
