import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ApiKey, KeyStore } from "../../../lambda/api/key-store.ts";
import { makeKeyStore } from "../../../lambda/api/make-key-store.ts";
import { openTable, type Table } from "../../../lambda/state/table.ts";
import { asTable, makeMemoryTable, type MemoryTable } from "../../faults/memory-table.ts";
import { type LocalDynamo, startDynamo } from "../state/dynalite.ts";

const START = Date.parse("2026-11-20T10:15:00.000Z");
const HOUR = 3_600_000;
const LATER = Number.MAX_SAFE_INTEGER;
const OPTIONS = { name: "Sekoia", access: "read", requestsPerHour: 3 } as const;

let clock = START;
let memory: MemoryTable;
let keys: KeyStore;
beforeEach(() => {
  clock = START;
  memory = makeMemoryTable();
  keys = open();
});

function open(through?: Parameters<typeof asTable>[1]): KeyStore {
  return makeKeyStore(asTable(memory, through), () => clock);
}

describe("keys", () => {
  it("are good with their own secret only, and know who may do what", async () => {
    const made = await keys.create({ ...OPTIONS, accountIds: ["123456789012"] }, LATER);
    expect(made.key).toEqual({
      id: expect.stringMatching(/^CTE_[0-9A-F]{24}$/) as string,
      name: "Sekoia",
      access: "read",
      accountIds: ["123456789012"],
      requestsPerHour: 3,
      createdAt: "2026-11-20T10:15:00.000Z",
    });
    expect(made.secret).toMatch(/^[\w-]{43}$/);
    expect(await keys.check(made.key.id, made.secret, LATER)).toEqual(made.key);
    const other = await keys.create(OPTIONS, LATER);
    for (const wrong of ["", other.secret, `${made.secret}x`, made.secret.slice(1), made.secret.repeat(9)])
      expect(await keys.check(made.key.id, wrong, LATER)).toBeUndefined();
    expect(await keys.check(other.key.id, made.secret, LATER)).toBeUndefined();
  });

  it("are stored without their secret, under a salt of their own", async () => {
    const [one, two] = [await keys.create(OPTIONS, LATER), await keys.create(OPTIONS, LATER)];
    const items = memory.items();
    const stored = JSON.stringify(items);
    const bytes = items.flatMap((item) => Object.values(item)).filter((value) => value instanceof Uint8Array);
    expect(bytes).toHaveLength(6);
    for (const { secret } of [one, two]) {
      expect(stored).not.toContain(secret);
      expect(bytes.map((value) => Buffer.from(value).toString("base64url"))).not.toContain(secret);
    }
    expect(items[0]?.["salt"]).not.toEqual(items[1]?.["salt"]);
  });

  it("take the same reads and no write for an id that is not there", async () => {
    const { key, secret } = await keys.create(OPTIONS, LATER);
    const calls: string[] = [];
    const watched = open(async (operation, effect) => (calls.push(operation), effect()));
    await watched.check(key.id, secret, LATER);
    await watched.check("CTE_000000000000000000000000", secret, LATER);
    const token = await keys.issueToken(key, START + HOUR, LATER);
    await watched.checkToken(token, LATER);
    await watched.checkToken(token.replace(key.id, "CTE_000000000000000000000000"), LATER);
    expect(calls).toEqual(["get", "get", "get", "get"]);
  });

  it.each(["", "CTE_", "cte_000000000000000000000000", "CTE_00000000000000000000000G", "__proto__", "KEYS"])(
    "refuses the id %j without asking the table",
    async (id) => {
      const broken = open(() => Promise.reject(new Error("asked")));
      expect(await broken.check(id, "secret", LATER)).toBeUndefined();
      expect(await broken.revoke(id, LATER)).toBe(false);
    },
  );

  it("end when they are revoked or expire, and are still listed then", async () => {
    const { key, secret } = await keys.create({ ...OPTIONS, expiresAt: "2026-11-20T11:00:00Z" }, LATER);
    clock += HOUR;
    const late = await keys.create(OPTIONS, LATER);
    expect(await keys.check(key.id, secret, LATER)).toBeUndefined();
    expect(await keys.revoke(late.key.id, LATER)).toBe(true);
    expect(await keys.check(late.key.id, late.secret, LATER)).toBeUndefined();
    expect(await keys.list(LATER)).toEqual([
      { ...key, expiresAt: "2026-11-20T11:00:00.000Z" },
      { ...late.key, revokedAt: "2026-11-20T11:15:00.000Z" },
    ]);
    expect(await keys.revoke("CTE_000000000000000000000000", LATER)).toBe(false);
    clock += HOUR;
    await keys.revoke(late.key.id, LATER);
    expect((await keys.list(LATER))[1]?.revokedAt).toBe("2026-11-20T11:15:00.000Z");
  });

  it.each([
    [{ ...OPTIONS, name: "" }, "1 to 64 printable"],
    [{ ...OPTIONS, name: " a" }, "1 to 64 printable"],
    [{ ...OPTIONS, name: "a\u202eb" }, "1 to 64 printable"],
    [{ ...OPTIONS, name: "a\nb" }, "1 to 64 printable"],
    [{ ...OPTIONS, requestsPerHour: 0 }, "whole number from 1"],
    [{ ...OPTIONS, requestsPerHour: 1.5 }, "whole number from 1"],
    [{ ...OPTIONS, accountIds: [] }, "left out for all"],
    [{ ...OPTIONS, accountIds: ["12"] }, '"12" is no account id'],
    [{ ...OPTIONS, expiresAt: "2026-11-20T10:00:00Z" }, "in the future"],
    [{ ...OPTIONS, expiresAt: "soon" }, "in the future"],
  ])("are not made of %j", async (options, advice) => {
    await expect(keys.create(options, LATER)).rejects.toThrow(advice);
    expect(memory.items()).toEqual([]);
  });

  it.each([
    { accountIds: "123456789012" },
    { accountIds: [12] },
    { access: "admin" },
    { requestsPerHour: "9" },
    { goodUntil: "never" },
    { revokedAt: 0 },
    { revokedAt: "2026-11-20T00:00:00.000Z" },
    { goodUntil: "2026-11-20T10:15:00.000Z" },
    { hash: "text" },
    { salt: new Uint8Array(3) },
    { name: "" },
  ])("that somebody wrote %j into open nothing", async (change) => {
    const { key, secret } = await keys.create(OPTIONS, LATER);
    const item = memory.items()[0];
    if (item === undefined) throw new Error("no key");
    memory.put({ ...item, ...change }, undefined);
    expect(await keys.check(key.id, secret, LATER)).toBeUndefined();
    await expect(keys.list(LATER)).resolves.toBeInstanceOf(Array);
  });

  it("reject with the table's error when it is down", async () => {
    const { key, secret } = await keys.create(OPTIONS, LATER);
    const broken = open(() => Promise.reject(new Error("down")));
    for (const call of [
      broken.check(key.id, secret, LATER),
      broken.count(key, LATER),
      broken.list(LATER),
      broken.revoke(key.id, LATER),
    ])
      await expect(call).rejects.toThrow("down");
  });
});

describe("tokens", () => {
  let key: ApiKey;
  beforeEach(async () => {
    ({ key } = await keys.create(OPTIONS, LATER));
  });

  it("stand for their key until they expire, in another process too, and older ones beside newer", async () => {
    const first = await keys.issueToken(key, START + HOUR, LATER);
    const second = await keys.issueToken(key, START + 2 * HOUR, LATER);
    expect(first).not.toBe(second);
    const elsewhere = open();
    expect(await elsewhere.checkToken(first, LATER)).toEqual(key);
    clock += HOUR;
    expect(await elsewhere.checkToken(first, LATER)).toBeUndefined();
    expect(await elsewhere.checkToken(second, LATER)).toEqual(key);
  });

  it("end with their key", async () => {
    const token = await keys.issueToken(key, START + HOUR, LATER);
    await keys.revoke(key.id, LATER);
    expect(await keys.checkToken(token, LATER)).toBeUndefined();
    expect(await keys.checkToken(await keys.issueToken(key, START + HOUR, LATER), LATER)).toBeUndefined();
    const short = await keys.create({ ...OPTIONS, expiresAt: "2026-11-20T10:30:00Z" }, LATER);
    const outlives = await keys.issueToken(short.key, START + HOUR, LATER);
    clock = Date.parse("2026-11-20T10:30:00Z");
    expect(await keys.checkToken(outlives, LATER)).toBeUndefined();
  });

  it("are not good with any character changed, left out or added", async () => {
    const token = await keys.issueToken(key, START + HOUR, LATER);
    const other = await keys.create(OPTIONS, LATER);
    expect(await keys.checkToken(token.replace(key.id, other.key.id), LATER)).toBeUndefined();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.nat(1),
        fc.stringMatching(/^[\w.-]?$/),
        async (at, cut, put) => {
          const changed = token.slice(0, at) + put + token.slice(at + cut);
          fc.pre(changed !== token);
          expect(await keys.checkToken(changed, LATER)).toBeUndefined();
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("the rate of a key", () => {
  it("is its requests an hour, and says when the next hour begins", async () => {
    const { key } = await keys.create(OPTIONS, LATER);
    const all = await Promise.all(Array.from({ length: 5 }, () => keys.count(key, LATER)));
    expect(all.filter(({ ok }) => ok)).toHaveLength(3);
    expect(all.find(({ ok }) => !ok)).toEqual({ ok: false, retryAfterSeconds: 45 * 60 });
    const { key: other } = await keys.create(OPTIONS, LATER);
    expect(await keys.count(other, LATER)).toEqual({ ok: true });
    expect(await open().count(key, LATER)).toMatchObject({ ok: false });
    clock += 45 * 60_000;
    expect(await keys.count(key, LATER)).toEqual({ ok: true });
  });

  it("costs no more writes once it is used up", async () => {
    const { key } = await keys.create({ ...OPTIONS, requestsPerHour: 1 }, LATER);
    let writes = 0;
    const watched = open(async (_, effect) => {
      writes++;
      return effect();
    });
    for (let n = 0; n < 20; n++) await watched.count(key, LATER);
    expect(writes).toBe(2);
  });
});

describe("keys over DynamoDB", () => {
  let dynamo: LocalDynamo;
  let table: Table;
  beforeAll(async () => {
    dynamo = await startDynamo("State");
    table = openTable({ name: "State", endpoint: dynamo.endpoint });
  });
  afterAll(() => dynamo.stop());

  it("are made, checked, counted, listed and revoked", async () => {
    const until = Date.now() + 20_000;
    const store = makeKeyStore(table, () => clock);
    const { key, secret } = await store.create(
      { ...OPTIONS, accountIds: ["123456789012"], expiresAt: "2026-12-01T00:00:00Z" },
      until,
    );
    expect(await store.check(key.id, secret, until)).toEqual(key);
    const token = await store.issueToken(key, START + HOUR, until);
    expect(await store.checkToken(token, until)).toEqual(key);
    const counted = [];
    for (let n = 0; n < 4; n++) counted.push((await store.count(key, until)).ok);
    expect(counted).toEqual([true, true, true, false]);
    expect(await store.revoke(key.id, until)).toBe(true);
    expect(await store.check(key.id, secret, until)).toBeUndefined();
    expect(await store.checkToken(token, until)).toBeUndefined();
    expect(await store.list(until)).toEqual([{ ...key, revokedAt: new Date(START).toISOString() }]);
  });
});
