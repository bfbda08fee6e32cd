/** What every table must do: the one over DynamoDB, and the one in memory that the proof runs on. */
import { describe, expect, it } from "vitest";
import type { Table } from "../../lambda/state/table.ts";

const LATER = (): number => Date.now() + 20_000;
const key = (name: string, sk = "A"): { pk: string; sk: string } => ({ pk: `T#${name}`, sk });

/** Runs the contract; each test has partitions of its own. */
export function testTable(open: () => Table): void {
  const absent = { condition: "attribute_not_exists(pk)" };

  it("gives back what was put: texts, numbers, booleans, lists, maps and bytes", async () => {
    const item = {
      ...key("back"),
      text: "\u{1f6a8}\u202e",
      n: 1.5,
      yes: true,
      none: null,
      list: ["a", { b: 2 }],
      map: { deep: { er: "x" } },
    };
    expect(await open().put({ ...item, bytes: Buffer.from("abc") }, undefined, LATER())).toBe(true);
    const found = await open().get(key("back"), LATER());
    expect(found).toMatchObject(item);
    expect(found?.["bytes"]).toBeInstanceOf(Uint8Array);
    expect(Buffer.from(found?.["bytes"] as Uint8Array).toString()).toBe("abc");
    expect(await open().get(key("nothing"), LATER())).toBeUndefined();
  });

  it("puts once where it must not be there yet, and of many at once exactly one", async () => {
    const puts = Array.from({ length: 10 }, (_, n) => open().put({ ...key("once"), n }, absent, LATER()));
    expect((await Promise.all(puts)).filter(Boolean)).toHaveLength(1);
    expect(await open().put({ ...key("once"), n: 99 }, absent, LATER())).toBe(false);
    expect((await open().get(key("once"), LATER()))?.["n"]).not.toBe(99);
  });

  it("updates fields of nested maps on a condition, and gives the whole item back", async () => {
    await open().put({ ...key("nested"), m: { a: { n: 1, s: "x" }, b: { n: 5 } } }, undefined, LATER());
    const update = {
      update: "SET #m.#d.#n = #m.#d.#n + :one, #m.#d.#new = :new, #t = if_not_exists(#t, :one)",
      condition: "#m.#d.#s IN (:x, :y) AND (#m.#d.#n <= :limit OR #m.#d.#s = :y)",
      names: { "#m": "m", "#d": "a", "#n": "n", "#s": "s", "#new": "new", "#t": "total" },
      values: { ":one": 1, ":new": { z: true }, ":x": "x", ":y": "y", ":limit": 2 },
    };
    const expected = {
      ...key("nested"),
      total: 1,
      m: { a: { n: 2, s: "x", new: { z: true } }, b: { n: 5 } },
    };
    expect(await open().update(key("nested"), update, LATER())).toEqual(expected);
    expect(await open().update(key("nested"), update, LATER())).toMatchObject({ m: { a: { n: 3 } } });
    expect(await open().update(key("nested"), update, LATER())).toBeUndefined();
    expect(await open().get(key("nested"), LATER())).toMatchObject({ m: { a: { n: 3 } }, total: 1 });
  });

  it("keeps two places apart that were put from one object", async () => {
    const one = { n: 1 };
    await open().put({ ...key("shared"), m: { a: one, b: one } }, undefined, LATER());
    const update = { update: "SET #m.#a.n = :n", names: { "#m": "m", "#a": "a" }, values: { ":n": 2 } };
    expect(await open().update(key("shared"), update, LATER())).toMatchObject({
      m: { a: { n: 2 }, b: { n: 1 } },
    });
  });

  it("reads all values of an update before it writes any", async () => {
    await open().put({ ...key("before"), a: 1, b: 10 }, undefined, LATER());
    const swap = {
      update: "SET #a = #b, #b = #a + :one",
      names: { "#a": "a", "#b": "b" },
      values: { ":one": 1 },
    };
    expect(await open().update(key("before"), swap, LATER())).toMatchObject({ a: 10, b: 2 });
  });

  it("removes, and makes an item that is not there", async () => {
    await open().put({ ...key("remove"), m: { a: 1, b: 2 } }, undefined, LATER());
    const remove = {
      update: "REMOVE #m.#a SET #x = :x",
      names: { "#m": "m", "#a": "a", "#x": "x" },
      values: { ":x": "made" },
    };
    expect(await open().update(key("remove"), remove, LATER())).toEqual({
      ...key("remove"),
      m: { b: 2 },
      x: "made",
    });
    const made = await open().update(key("made"), { update: "SET n = :n", values: { ":n": 1 } }, LATER());
    expect(made).toEqual({ ...key("made"), n: 1 });
  });

  it("knows of what is not there: equal to nothing, below nothing, different from everything", async () => {
    await open().put({ ...key("absent"), n: 1 }, undefined, LATER());
    const holds = async (condition: string): Promise<boolean> => {
      const values = { ...(condition.includes(":v") ? { ":v": 1 } : {}), ":n": 1 };
      return (
        (await open().update(key("absent"), { update: "SET n = :n", condition, values }, LATER())) !==
        undefined
      );
    };
    expect(await Promise.all([holds("gone = :v"), holds("gone < :v"), holds("gone IN (:v)")])).toEqual([
      false,
      false,
      false,
    ]);
    expect(
      await Promise.all([holds("gone <> :v"), holds("NOT gone = :v"), holds("n BETWEEN :v AND :n")]),
    ).toEqual([true, true, true]);
    expect(
      await Promise.all([holds("attribute_exists(gone.deep)"), holds("attribute_not_exists(gone.deep)")]),
    ).toEqual([false, true]);
  });

  it.each([
    ["a value that no expression uses", { update: "SET n = :n", values: { ":n": 1, ":unused": 2 } }],
    [
      "a name that no expression uses",
      { update: "SET n = :n", names: { "#unused": "x" }, values: { ":n": 1 } },
    ],
    [
      "a path into what is no map",
      { update: "SET #a.#b = :n", names: { "#a": "gone", "#b": "b" }, values: { ":n": 1 } },
    ],
    ["adding to what is not there", { update: "SET gone = gone + :n", values: { ":n": 1 } }],
  ])("refuses %s", async (name, update) => {
    await open().put({ ...key(name), n: 0 }, undefined, LATER());
    await expect(open().update(key(name), update, LATER())).rejects.toThrow(
      expect.objectContaining({ name: "ValidationException" }) as Error,
    );
    expect(await open().get(key(name), LATER())).toEqual({ ...key(name), n: 0 });
  });

  it("queries a partition in the order of its sort keys, from and to included, and no more than asked for", async () => {
    for (const sk of ["M#3", "M#1", "W", "M#2"])
      await open().put({ ...key("query", sk) }, undefined, LATER());
    const sks = async (range: Parameters<Table["query"]>[1]): Promise<string[]> =>
      (await open().query("T#query", range, LATER())).map(({ sk }) => sk);
    expect(await sks({})).toEqual(["M#1", "M#2", "M#3", "W"]);
    expect(await sks({ from: "M#2", to: "M#3" })).toEqual(["M#2", "M#3"]);
    expect(await sks({ from: "M#1", limit: 2 })).toEqual(["M#1", "M#2"]);
    expect(await sks({ from: "M#1", to: "M#3", descending: true, limit: 2 })).toEqual(["M#3", "M#2"]);
    expect(await sks({ from: "M#3", to: "M#1" })).toEqual([]);
    expect(await open().query("T#none", {}, LATER())).toEqual([]);
  });

  const put = async (name: string, at: string, row: Record<string, unknown> = {}): Promise<unknown> =>
    open().put(
      { ...key(`${name}#${at}`), day: name, actorKey: `of ${name}`, place: at, row, document: "long" },
      undefined,
      LATER(),
    );
  const ats = async (
    pk: string,
    range: Parameters<Table["queryIndex"]>[2],
  ): Promise<{ ats: unknown[]; stopped?: string }> => {
    const { items, read, ...rest } = await open().queryIndex("byTime", pk, range, LATER());
    expect(read).toBeGreaterThanOrEqual(items.length);
    expect(read).toBeLessThanOrEqual(range.reads ?? Infinity);
    return { ats: items.map(({ place }) => place), ...rest };
  };

  describe("an index", () => {
    it("holds the items that have its key, with their row and without the rest", async () => {
      await put("index", "1", { title: "one" });
      await open().put({ ...key("index", "none"), row: {} }, undefined, LATER());
      const { items } = await open().queryIndex("byActor", "of index", { limit: 9 }, LATER());
      expect(items).toHaveLength(1);
      expect(items[0]).toMatchObject({ pk: "T#index#1", sk: "A", place: "1", row: { title: "one" } });
      expect(items[0]).not.toHaveProperty("document");
      expect(await open().queryIndex("byRule", "of index", { limit: 9 }, LATER())).toEqual({
        items: [],
        read: 0,
      });
    });

    it("takes no key that is no text", async () => {
      for (const name of ["place", "day", "actorKey", "ruleKey"])
        await expect(open().put({ ...key("number"), [name]: 1 }, undefined, LATER())).rejects.toThrow(
          expect.objectContaining({ name: "ValidationException" }) as Error,
        );
    });

    it("follows what is changed", async () => {
      await put("changed", "1", { status: "open" });
      const update = { update: "SET #row.#s = :s", names: { "#row": "row", "#s": "status" } };
      await open().update(key("changed#1"), { ...update, values: { ":s": "closed" } }, LATER());
      const { items } = await open().queryIndex("byTime", "changed", { limit: 9 }, LATER());
      expect(items[0]).toMatchObject({ row: { status: "closed" } });
    });

    it("is in the order of its sort keys, either way, within bounds, and says where it stopped", async () => {
      for (const at of ["3", "1", "4", "2"]) await put("order", at);
      expect(await ats("order", { limit: 9 })).toEqual({ ats: ["1", "2", "3", "4"] });
      expect(await ats("order", { limit: 9, descending: true, from: "2", to: "3" })).toEqual({
        ats: ["3", "2"],
      });
      expect(await ats("order", { limit: 3, descending: true })).toEqual({
        ats: ["4", "3", "2"],
        stopped: "2",
      });
      expect(await ats("order", { limit: 3, from: "3", to: "2" })).toEqual({ ats: [] });
      expect(await ats("none", { limit: 3 })).toEqual({ ats: [] });
    });

    it("gives what a filter lets through, and stops when it has read as many as it may", async () => {
      for (let n = 10; n < 40; n++) await put("filter", String(n), { even: n % 2 === 0, deep: { n } });
      const filter = {
        filter: "#row.#even = :yes AND #row.#deep.#n IN (:a, :b, :c)",
        names: { "#row": "row", "#even": "even", "#deep": "deep", "#n": "n" },
        values: { ":yes": true, ":a": 12, ":b": 15, ":c": 38 },
      };
      expect(await ats("filter", { limit: 9, filter })).toEqual({ ats: ["12", "38"] });
      expect(await ats("filter", { limit: 1, filter })).toEqual({ ats: ["12"], stopped: "12" });
      expect(await ats("filter", { limit: 9, reads: 5, filter })).toEqual({ ats: ["12"], stopped: "14" });
      expect(await ats("filter", { limit: 9, reads: 5, from: "15", filter })).toEqual({
        ats: [],
        stopped: "19",
      });
    });
  });
}
