import { describe, expect, it } from "vitest";
import { refreshAsked } from "../../../lambda/lists/refresh-all.ts";
import { showLists } from "../../../lambda/lists/show-lists.ts";
import { dynamicList, makeStage, MINUTE, NAME, NOON, refused } from "./stage.ts";

function ports(stage: ReturnType<typeof makeStage>) {
  const lines: Record<string, unknown>[] = [];
  const fixed = { description: "x", kind: "exact" as const, values: ["a"] };
  const other = dynamicList({ query: { type: "s3", bucket: "b", key: "k", format: "lines" } });
  return {
    lines,
    all: {
      ...stage.ports,
      lists: { [NAME]: stage.list, other, fixed },
      write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    },
  };
}

const batch = (...times: string[]) => ({
  Records: times.map((time) => ({
    eventSource: "aws:sqs",
    body: JSON.stringify({ source: "aws.tag", time }),
  })),
});
const iso = (time: number): string => new Date(time).toISOString();

describe("the function that refreshes lists", () => {
  it("refreshes the lists that are named, all where none is, and says so of one that there is not", async () => {
    const stage = makeStage();
    const { all } = ports(stage);
    const named = async (input: unknown) =>
      (await refreshAsked(input, all, NOON + MINUTE)).outcomes.map(({ list, result }) => `${list} ${result}`);
    expect(await named({ engine: "refresh-lists", lists: [NAME] })).toEqual([`${NAME} kept`]);
    expect(await named({ engine: "refresh-lists" })).toEqual([`${NAME} kept`, "other kept"]);
    expect(await named({ lists: ["nope", 5, "fixed"] })).toEqual(["nope failed", "fixed failed"]);
  });

  it("answers a swarm of changed tags with one refresh of the lists that ask for tags", async () => {
    const stage = makeStage();
    const { all } = ports(stage);
    await stage.refresh(NOON, ["a"]);
    stage.at(NOON + 2 * MINUTE);
    const changed = batch(iso(NOON + MINUTE), iso(NOON - MINUTE), iso(NOON + MINUTE / 2));
    const { outcomes } = await refreshAsked(changed, all, NOON + 3 * MINUTE);
    expect(outcomes).toEqual([expect.objectContaining({ list: NAME, result: "same" })]);
  });

  it("does not refresh for a change that the last refresh must have seen, but for one that says nothing", async () => {
    const stage = makeStage();
    const { all } = ports(stage);
    await stage.refresh(NOON + 10 * MINUTE, ["a"]);
    expect((await refreshAsked(batch(iso(NOON)), all, NOON + 11 * MINUTE)).outcomes).toEqual([]);
    expect(
      (await refreshAsked(batch(iso(NOON + 9.9 * MINUTE)), all, NOON + 11 * MINUTE)).outcomes,
    ).toHaveLength(1);
    const odd = { Records: [{ body: "{" }] };
    expect((await refreshAsked(odd, all, NOON + 11 * MINUTE)).outcomes).toHaveLength(1);
  });

  it("tells and counts what failed, and goes on with the others", async () => {
    const stage = makeStage();
    const { all, lines } = ports(stage);
    await stage.refresh(NOON, refused);
    await refreshAsked({ engine: "refresh-lists" }, all, NOON + MINUTE);
    expect(lines).toEqual([
      expect.objectContaining({ level: "error", message: "list failed", list: NAME }),
      expect.objectContaining({ level: "error", list: "other" }),
      expect.objectContaining({ ListsFailed: 2, ListsRefreshed: 0 }),
    ]);
  });

  it("shows each list with its state, its size, its age and its last change, and one by name with its values", async () => {
    const stage = makeStage();
    const { all } = ports(stage);
    await stage.refresh(NOON, ["a"]);
    await stage.refresh(NOON + 15 * MINUTE, ["a", "b"]);
    stage.at(NOON + 20 * MINUTE);
    const show = (name?: string) => showLists(all.lists, name, all, NOON + 21 * MINUTE);
    expect(await show()).toMatchObject([
      { name: NAME, state: "good", values: 2, ageSeconds: 300, lastChange: { added: 1, firstAdded: ["b"] } },
      { name: "other", state: "unknown" },
    ]);
    expect((await show())[0]).not.toHaveProperty("all");
    expect(await show(NAME)).toMatchObject([{ all: ["a", "b"] }]);
    await stage.refresh(NOON + 30 * MINUTE, refused);
    expect((await show(NAME))[0]).toMatchObject({
      state: "stale",
      failures: 1,
      error: "AccessDeniedException: no",
    });
  });
});
