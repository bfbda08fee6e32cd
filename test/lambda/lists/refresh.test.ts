import { describe, expect, it } from "vitest";
import { findVersion, readHead, readVersion } from "../../../lambda/lists/list-versions.ts";
import { refreshList } from "../../../lambda/lists/refresh.ts";
import { dynamicList, makeStage, MINUTE, NAME, NOON, refused } from "./stage.ts";

const LATER = NOON + 1_000 * MINUTE;

describe("refreshing a list", () => {
  it("makes a version of the first answer, and of each that differs, with what came and went", async () => {
    const stage = makeStage();
    expect(await stage.refresh(NOON, ["b", "a", "a"])).toMatchObject({
      result: "changed",
      count: 2,
      added: 2,
    });
    const second = await stage.refresh(NOON + 15 * MINUTE, ["b", "c", "d"]);
    expect(second).toMatchObject({ result: "changed", count: 3, added: 2, removed: 1 });
    const version = await readVersion(stage.ports.table, NAME, NOON + 15 * MINUTE, LATER);
    expect(version).toMatchObject({ values: ["b", "c", "d"], firstAdded: ["c", "d"], firstRemoved: ["a"] });
    const before = await findVersion(stage.ports.table, NAME, NOON + 14 * MINUTE, LATER);
    expect(before).toMatchObject({ from: NOON, count: 2, confirmed: NOON });
  });

  it("confirms the version when the answer is the same, in whatever order it comes", async () => {
    const stage = makeStage();
    await stage.refresh(NOON, ["a", "b"]);
    expect(await stage.refresh(NOON + MINUTE, ["b", "a"])).toMatchObject({ result: "same" });
    expect(await readHead(stage.ports.table, NAME, LATER)).toMatchObject({
      version: NOON,
      checkedAt: NOON + MINUTE,
    });
    expect(stage.memory.items().filter(({ sk }) => sk.startsWith("VERSION#"))).toHaveLength(1);
  });

  it("asks with the mark of the last answer, and no longer when the query is another", async () => {
    const stage = makeStage();
    await stage.refresh(NOON, { kind: "rows", rows: ["a"], etag: '"1"' });
    expect(await stage.refresh(NOON + MINUTE, { kind: "same" })).toEqual({ list: NAME, result: "same" });
    expect(stage.asked.map(({ etag }) => etag)).toEqual([undefined, '"1"']);
    const other = dynamicList({
      query: { type: "https", url: "https://example.com/x", format: "lines" },
    });
    await stage.refresh(NOON + 2 * MINUTE, ["a"], other);
    expect(stage.asked.at(-1)?.etag).toBeUndefined();
  });

  it("keeps the last good version when the query fails, says why and counts, and heals", async () => {
    const stage = makeStage();
    await stage.refresh(NOON, ["a"]);
    for (const minute of [15, 30])
      expect(await stage.refresh(NOON + minute * MINUTE, refused)).toMatchObject({
        result: "failed",
        reason: "AccessDeniedException: no",
      });
    const head = await readHead(stage.ports.table, NAME, LATER);
    expect(head).toMatchObject({ version: NOON, checkedAt: NOON, failures: 2, failedAt: NOON + 30 * MINUTE });
    await stage.refresh(NOON + 45 * MINUTE, ["a"]);
    const healed = await readHead(stage.ports.table, NAME, LATER);
    expect(healed).not.toHaveProperty("failedAt");
    expect(healed).not.toHaveProperty("failures");
  });

  it("takes an empty answer as the list says", async () => {
    const outcomes = await Promise.all(
      (["keep", "clear", "fail"] as const).map(async (onEmpty) => {
        const stage = makeStage(dynamicList({ onEmpty }));
        await stage.refresh(NOON, ["a"]);
        const { result } = await stage.refresh(NOON + 15 * MINUTE, []);
        const { version = 0, failedAt, emptyAt } = await readHead(stage.ports.table, NAME, LATER);
        const values = (await readVersion(stage.ports.table, NAME, version, LATER))?.values;
        return { result, values, failed: failedAt !== undefined, empty: emptyAt !== undefined };
      }),
    );
    expect(outcomes).toEqual([
      { result: "kept", values: ["a"], failed: false, empty: true },
      { result: "changed", values: [], failed: false, empty: false },
      { result: "failed", values: ["a"], failed: true, empty: false },
    ]);
  });

  it("fails where there are too many values, or where no row has the column", async () => {
    const stage = makeStage(dynamicList({ maxValues: 2 }));
    await stage.refresh(NOON, ["a"]);
    expect((await stage.refresh(NOON + 1, ["a", "b", "c"])).reason).toContain("more than 2 values");
    expect((await stage.refresh(NOON + 2, [undefined, {}])).reason).toContain("None of the 2 rows");
    expect((await readHead(stage.ports.table, NAME, LATER)).version).toBe(NOON);
  });

  it("loses a row without a value and not the list", async () => {
    const stage = makeStage();
    const rows = ["a", 5, null, { x: 1 }, "", "\ud800", "x".repeat(3_000)];
    expect(await stage.refresh(NOON, rows)).toMatchObject({ result: "changed", count: 2, refused: 5 });
  });

  it("stores more than one item holds, and gives all of it back", async () => {
    const stage = makeStage(dynamicList({ maxValues: 100_000 }));
    // Nothing that gzip could make short.
    const values = Array.from({ length: 60_000 }, (_, at) =>
      Math.imul(at + 1, 2_654_435_761)
        .toString(36)
        .concat(Math.imul(at + 7, 40_503).toString(36)),
    );
    expect(await stage.refresh(NOON, values)).toMatchObject({ result: "changed" });
    const parts = stage.memory.items().filter(({ sk }) => sk.startsWith("PART#"));
    expect(parts.length).toBeGreaterThan(0);
    const sizes = stage.memory.items().map((item) => (item["packed"] as Uint8Array | undefined)?.length ?? 0);
    expect(Math.max(...sizes)).toBeLessThan(390_000);
    const read = await readVersion(stage.ports.table, NAME, NOON, LATER);
    expect(read?.values).toEqual([...new Set(values)].toSorted());
    await stage.refresh(NOON + MINUTE, ["a"]);
    expect(stage.memory.items().filter(({ sk }) => sk.startsWith("PART#"))).toEqual(
      parts.map(() => expect.objectContaining({ expiresAt: expect.any(Number) })),
    );
  });

  it("gives way to a refresh that was faster", async () => {
    const stage = makeStage();
    await stage.refresh(NOON, ["a"]);
    const slow = {
      ...stage.ports,
      sources: {
        ...stage.ports.sources,
        "resource-tags": async () => {
          await stage.refresh(NOON + 2 * MINUTE, ["a", "new"]);
          return { kind: "rows" as const, rows: ["a", "old"] };
        },
      },
      now: () => NOON + 3 * MINUTE,
    };
    expect(await refreshList(NAME, stage.list, slow, LATER)).toMatchObject({ result: "overtaken" });
    expect((await readHead(stage.ports.table, NAME, LATER)).version).toBe(NOON + 2 * MINUTE);
  });

  it("tells hostile values and errors as one line, and rejects only for the table", async () => {
    const stage = makeStage();
    await stage.refresh(NOON, ["evil\u202e\u001b[31m\nx"]);
    const version = await readVersion(stage.ports.table, NAME, NOON, LATER);
    expect(version?.values).toEqual(["evil\u202e\u001b[31m\nx"]);
    expect(version?.firstAdded[0]).not.toMatch(/\p{Cc}|\p{Cf}/u);
    const { reason } = await stage.refresh(NOON + 1, new Error("bad\n\u001b[2J"));
    expect(reason).not.toMatch(/\p{Cc}/u);
    stage.breakTable(true);
    await expect(stage.refresh(NOON + 2, ["a"])).rejects.toThrow("the table is away");
  });
});
