import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, it } from "vitest";
import { keysCommand } from "../../bin/commands/keys.ts";
import type { KeyStore } from "../../lambda/api/key-store.ts";
import { makeKeyStore } from "../../lambda/api/make-key-store.ts";
import { asTable, makeMemoryTable } from "../faults/memory-table.ts";
import { keysSchema } from "../../lib/keys-schema.ts";
import { runVerb } from "./run-verb.ts";

const NOW = Date.parse("2026-11-20T12:00:00.000Z");
const LATER = Number.MAX_SAFE_INTEGER;
let keys: KeyStore;
let clock: number;
let asked: string[];
beforeEach(() => {
  clock = NOW;
  asked = [];
  keys = makeKeyStore(asTable(makeMemoryTable()), () => clock);
});

async function run(...args: string[]) {
  const command = keysCommand(
    (region) => ({
      outputs: async (stack) => {
        asked.push(`${region} ${stack}`);
        return { StateTable: "State-1" };
      },
      now: () => clock,
      openKeys: (table) => {
        asked.push(table);
        return keys;
      },
    }),
    { AWS_REGION: "eu-west-1" },
  );
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const printed = Promise.all([text(stdout), text(stderr)]);
  const code = await command.run(args, { stdin: Readable.from([]), stdout, stderr });
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  return { code, out, err };
}

async function json(...args: string[]): Promise<unknown> {
  return JSON.parse((await run(...args, "--format", "json")).out);
}

describe("engine keys", () => {
  it("makes a key in the stack's table; its secret goes to stdout alone, once", async () => {
    const { code, out, err } = await run("create", "--name", "Sekoia", "--stack", "Mine");
    expect(code).toBe(0);
    expect(asked).toEqual(["eu-west-1 Mine", "State-1"]);
    const [, id = "", secret = ""] = /^(CTE_[0-9A-F]{24}):([\w-]{43})\n$/.exec(out) ?? [];
    expect(err).toContain(`engine keys revoke ${id}`);
    expect(err).not.toContain(secret);
    expect(await keys.check(id, secret, LATER)).toMatchObject({
      name: "Sekoia",
      access: "read",
      requestsPerHour: 1_000,
    });
    expect((await run("list", "--format", "json")).out).not.toContain(secret);
  });

  it("makes what is asked for, and says id and secret apart in JSON", async () => {
    const options =
      "--account 123456789012 --account 210987654321 --per-hour 480 --expires 90d --format json";
    const { out } = await run(
      "create",
      "--name",
      "alice",
      "--write",
      ...options.split(" "),
      "--table",
      "Other",
    );
    expect(asked).toEqual(["Other"]);
    const made = JSON.parse(out) as { id: string; secret: string; key: object };
    expect(made.key).toEqual({
      id: made.id,
      name: "alice",
      access: "write",
      accountIds: ["123456789012", "210987654321"],
      requestsPerHour: 480,
      createdAt: "2026-11-20T12:00:00.000Z",
      expiresAt: "2027-02-18T12:00:00.000Z",
      state: "active",
    });
    expect(await keys.check(made.id, made.secret, LATER)).toBeDefined();
  });

  it("lists what there is, also what is over, without a hidden character", async () => {
    expect(await run("list")).toEqual({
      code: 0,
      out: "",
      err: "There are no keys. Make one: engine keys create --name NAME\n",
    });
    await run("create", "--name", "for an hour", "--expires", "1h");
    clock += 1_000;
    const { out } = await run("create", "--name", "b", "--account", "123456789012");
    const id = out.slice(0, 28);
    clock += 3_600_000;
    await run("create", "--name", "c", "--write", "--per-hour", "5");
    expect(await run("revoke", id)).toMatchObject({ code: 0, out: "" });
    const lines = (await run("list")).out.replaceAll(/CTE_[0-9A-F]{24}/g, "ID").split("\n");
    expect(lines).toEqual([
      "ID                            STATE    ACCESS  AN HOUR  ENDS        ACCOUNTS      NAME",
      "ID  expired  read       1000  2026-11-20  all           for an hour",
      "ID  revoked  read       1000  2026-11-20  123456789012  b",
      "ID  active   write         5  never       all           c",
      "",
    ]);
    const { keys: listed } = JSON.parse((await run("list", "--format", "json")).out) as {
      keys: { state: string }[];
    };
    expect(listed.map(({ state }) => state)).toEqual(["expired", "revoked", "active"]);
  });

  it("revokes, and says with exit code 1 when there is no such key", async () => {
    const { out } = await run("create", "--name", "x");
    const [id = "", secret = ""] = out.trim().split(":");
    expect(await run("revoke", id, "--format", "json")).toMatchObject({
      code: 0,
      out: `{"id":"${id}","revoked":true}\n`,
    });
    expect(await keys.check(id, secret, LATER)).toBeUndefined();
    const absent = await run("revoke", "CTE_000000000000000000000000");
    expect(absent).toMatchObject({ code: 1, out: "" });
    expect(absent.err).toContain("There is no such key");
  });

  it.each([
    [[], "create, list or revoke"],
    [["make"], 'not "make"'],
    [["create"], "--name NAME"],
    [["create", "--name", "\u202e"], "1 to 64 printable characters"],
    [["create", "--name", "x", "y"], 'takes no "y"'],
    [["create", "--name", "x", "--account", "1"], "12 digits"],
    [["create", "--name", "x", "--per-hour", "0"], "at least 1"],
    [["create", "--name", "x", "--per-hour", "1000001"], "1 to 1000000"],
    [["create", "--name", "x", "--expires", "soon"], "90d, 12h or a time"],
    [["create", "--name", "x", "--expires", "0d"], "is over already"],
    [["create", "--name", "x", "--expires", "2026-11-20"], "is over already"],
    [["create", "--name", "x", "--expires", "4000d"], "more than ten years"],
    [["create", "--name", "x", "--expires", "2026-13-45"], "90d, 12h or a time"],
    [["list", "--write"], "option of keys create"],
    [["list", "x"], 'takes no "x"'],
    [["revoke"], "takes one id"],
    [["revoke", "a", "b"], "takes one id"],
    [["list", "--format", "yaml"], "text, json"],
  ])("refuses %j", async (args, advice) => {
    await expect(run(...args)).rejects.toThrow(advice);
    expect(await keys.list(LATER)).toEqual([]);
  });

  it("prints JSON as its published schema says", async () => {
    const made = await json("create", "--name", "x", "--expires", "1d", "--account", "123456789012");
    const id = (made as { id: string }).id;
    for (const printed of [made, await json("revoke", id), await json("list")])
      expect(keysSchema.safeParse(printed).error).toBeUndefined();
    expect(keysSchema.safeParse({ keys: [{}] }).success).toBe(false);
  });

  it("is among the verbs", async () => {
    const { code, stdout } = await runVerb(["keys", "--help"]);
    expect({ code, says: stdout.includes("keys revoke ID") }).toEqual({ code: 0, says: true });
  });
});
