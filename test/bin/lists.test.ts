import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { listsCommand } from "../../bin/commands/lists.ts";
import { runVerb } from "./run-verb.ts";

const GOOD = {
  name: "prod-buckets",
  description: "x",
  kind: "exact",
  query: "resource-tags",
  refreshMinutes: 15,
  onEmpty: "keep",
  state: "good",
  values: 12,
  ageSeconds: 130,
  lastChange: { added: 1, removed: 0, firstAdded: ["acme\u001b[31m"], firstRemoved: [] },
};
const STALE = {
  ...GOOD,
  name: "admins",
  state: "stale",
  ageSeconds: 7_800,
  failedAt: "t",
  failures: 3,
  error: "no",
};

async function run(args: readonly string[], lists: readonly unknown[], outcomes: readonly unknown[] = []) {
  const events: unknown[] = [];
  const command = listsCommand(
    () => ({
      outputs: async () => ({ ListsArn: "arn" }),
      invoke: async (_arn, event) => {
        events.push(event);
        return { ok: true, value: { outcomes, lists } };
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
  return { code, out, err, events };
}

describe("engine lists", () => {
  it("shows what there is, what changed and what is wrong, with nothing hidden in it", async () => {
    const { code, out, events } = await run([], [GOOD, STALE]);
    expect(code).toBe(1);
    expect(events).toEqual([{ engine: "show-lists", show: true }]);
    expect(out.split("\n").slice(0, 2)).toEqual([
      "LIST          STATE  KIND   VALUES     AGE  EVERY  QUERY",
      "prod-buckets  good   exact      12      2m  15m    resource-tags",
    ]);
    expect(out).toContain("admins        stale  exact      12  2h 10m");
    expect(out).toContain("  its last refresh failed, at t (3 in a row): no\n");
    expect(out).not.toContain("\u001b");
  });

  it("has one refreshed, and says what came of it", async () => {
    const changed = { list: "prod-buckets", result: "changed", count: 12, added: 1, removed: 0 };
    const { code, out, events } = await run(
      ["prod-buckets", "--refresh"],
      [{ ...GOOD, all: ["a"] }],
      [changed],
    );
    expect(code).toBe(0);
    expect(events).toEqual([
      { engine: "refresh-lists", lists: ["prod-buckets"], show: true, name: "prod-buckets" },
    ]);
    expect(out).toMatch(/^prod-buckets: 12 values, 1 came and 0 went\.\n/u);
    expect(out).toMatch(/\na\n$/u);
    const failed = { list: "prod-buckets", result: "failed", reason: "no" };
    expect(await run(["--refresh"], [GOOD], [failed])).toMatchObject({ code: 1 });
  });

  it("prints one JSON document", async () => {
    const { out } = await run(["--format", "json"], [GOOD]);
    expect(JSON.parse(out)).toMatchObject({ outcomes: [], lists: [{ name: "prod-buckets" }] });
  });

  it("refuses what it does not know, and says where there are no such lists", async () => {
    await expect(run(["a", "b"], [])).rejects.toThrow("the name of one list");
    await expect(run(["nope"], [])).rejects.toThrow('There is no dynamic list "nope"');
    const none = listsCommand(
      () => ({ outputs: async () => ({}), invoke: async () => ({ ok: false, error: "" }) }),
      {
        AWS_REGION: "eu-west-1",
      },
    );
    const io = { stdin: Readable.from([]), stdout: new PassThrough(), stderr: new PassThrough() };
    expect(await none.run([], io)).toBe(0);
    const { code, stdout } = await runVerb(["lists", "--help"]);
    expect({ code, examples: stdout.includes("Examples:") }).toEqual({ code: 0, examples: true });
  });
});
