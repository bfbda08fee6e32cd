import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, it } from "vitest";
import { caseCommand } from "../../bin/commands/case.ts";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { type CaseSession, nameOfCaller } from "../../lib/case-text/session.ts";
import { computeDetails } from "../../lambda/cases/details.ts";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import { asTable, makeMemoryTable } from "../faults/memory-table.ts";
import { sampleRule } from "../lambda/alerts/sample.ts";
import { newAlert, soon, storesOver } from "../lambda/cases/stores.ts";
import { runVerb } from "./run-verb.ts";

const ruleSet = { rules: [sampleRule()], conditions: {}, lists: {}, suppressions: [] };
const { eventRules } = deriveEventRules(ruleSet);

let stores: ReturnType<typeof storesOver>;
let alert: Alert;
beforeEach(async () => {
  stores = storesOver(asTable(makeMemoryTable()));
  alert = await stores.tell(newAlert("2026-11-20T10:00:00Z", { title: "Opened\u001b[2J to\nall" }));
  await stores.tell(newAlert("2026-11-20T09:58:00Z"));
  await stores.keep(newAlert("2026-11-20T09:00:00Z", { disposition: "suppressed" }));
});

function session(): CaseSession {
  return {
    outputs: async () => ({ StateTable: "State" }),
    openCases: () => stores.cases,
    whoAmI: async () => "Admin/alice@example.com",
    now: Date.now,
  };
}

async function run(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const printed = Promise.all([text(stdout), text(stderr)]);
  const command = caseCommand(session, { AWS_REGION: "eu-west-1" });
  const code = await command.run(args, { stdin: Readable.from([]), stdout, stderr });
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  expect(out.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  return { code, out, err };
}

async function storeScopes(): Promise<void> {
  const computedAt = "2026-11-20T10:00:10.000Z";
  const { value, notes } = computeDetails(alert, ruleSet, eventRules);
  await stores.cases.writeScope(
    alert.id,
    "details",
    { scope: "details", state: "ready", computedAt, value, notes },
    soon(),
  );
  const answer = { id: "x", evidence: [], because: "Seen 3 times." };
  const answers = [
    { ...answer, question: "In this region for the first time?", answer: "no", weight: 1 },
    { ...answer, question: "Without MFA?", answer: "yes", weight: 90 },
  ];
  await stores.cases.writeScope(
    alert.id,
    "investigation",
    { scope: "investigation", state: "ready", computedAt, value: { answers }, notes: [] },
    soon(),
  );
}

describe("engine case", () => {
  it("lists what is open, and everything when asked", async () => {
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out).toMatch(/^2 open cases of CloudTrailEngine, the newest first:\n\n/);
    expect(out).toContain(`${alert.id.slice(0, 8)}  2026-11-20T10:00:00.000Z  HIGH      open`);
    expect((await run("--all", "--limit", "2")).out).toMatch(/^2 cases .*there are more: --limit N:/);
    expect((await run("--all")).out).toMatch(/^3 cases/);
    const listed = JSON.parse((await run("--format", "json")).out) as { cases: { id: string }[] };
    expect(listed.cases.map(({ id }) => id)[0]).toBe(alert.id);
  });

  it("says that nothing is open", async () => {
    stores = storesOver(asTable(makeMemoryTable()));
    expect((await run()).out).toBe("CloudTrailEngine has no open cases.\n");
  });

  it("shows one case with all that is known of it, the most telling answer first", async () => {
    await storeScopes();
    const { code, out } = await run(alert.id.slice(0, 8));
    expect(code).toBe(0);
    const at = (part: string): number => {
      expect(out).toContain(part);
      return out.indexOf(part);
    };
    const order = [
      "HIGH  Opened\\u001b[2J to all",
      "Status: open",
      "YES      Without MFA?",
      "no       In this region",
      "Why it matched:",
      'eventName equal "AuthorizeSecurityGroupIngress"',
      "on eventName",
      "(ENABLED)",
      "Related alerts:",
      ": same session, same source address 192.0.2.10, same actor\n",
      "Records:\n  1 record",
      "Sent to:\n  topic: delivered",
      "Timeline:",
    ].map(at);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it("says of what is not there yet why, and shows the rest", async () => {
    const { out } = await run(alert.id);
    expect(out).toMatch(/\nQuestions: The alert was stored at .* Ask again in 10 seconds\.\n/);
    expect(out).toContain("Sent to:\n  topic");
  });

  it("shows the rest where a scope cannot be read", async () => {
    stores = { ...stores, cases: { ...stores.cases, records: () => Promise.reject(new Error("throttled")) } };
    const { code, out } = await run(alert.id);
    expect(code).toBe(0);
    expect(out).toContain("Records: The table did not answer: throttled");
  });

  it("gives one case as JSON, with every scope", async () => {
    const parsed = JSON.parse((await run(alert.id, "--format", "json")).out) as Record<string, object>;
    expect(Object.keys(parsed)).toEqual(["row", "alert", "history", "integrations", "scopes"]);
    expect(Object.keys(parsed["scopes"] ?? {})).toHaveLength(6);
  });

  it("acknowledges, closes, reopens and comments, under the name of the credentials", async () => {
    const id = alert.id.slice(0, 8);
    expect(await run(id, "--acknowledge")).toMatchObject({
      code: 0,
      out: `${id} is now acknowledged, by Admin/alice@example.com.\n`,
    });
    expect((await run(id, "--close", "false-positive", "--comment", "A drill.")).out).toContain("now closed");
    expect((await run(id, "--comment", "Sure.")).out).toContain("is commented on; it is closed");
    expect((await run()).out).toMatch(/^1 open case/);
    expect((await run(id, "--reopen")).out).toContain("now open");
    const { history } = (await stores.cases.read(alert.id, soon())) ?? { history: [] };
    expect(history.map(({ to, comment }) => [to, comment])).toEqual([
      ["acknowledged", undefined],
      ["closed", "A drill."],
      [undefined, "Sure."],
      ["open", undefined],
    ]);
    expect(new Set(history.map(({ by }) => by))).toEqual(new Set(["Admin/alice@example.com"]));
  });

  it("exits with 1 and the reason when the change is refused", async () => {
    await run(alert.id, "--close", "expected");
    const refused = await run(alert.id, "--acknowledge");
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toContain("reopen it first");
  });

  it.each([
    [["--close", "expected"], "Say which case"],
    [["abcdef", "--close", "boring"], "--close takes other, false-positive"],
    [["abcdef", "--close", "expected", "--reopen"], "exclude each other"],
    [["abc"], "six do"],
    [["no id"], "is no alert's id"],
    [["abcdef01"], 'begins with "abcdef01"'],
    [["0".repeat(32)], "has no case 0"],
    [["0".repeat(32), "--acknowledge"], "has no case 0"],
    [["abcdef", "fedcba"], "case takes one id"],
    [["--limit", "0"], "whole number of at least 1"],
    [["--limit", "2000"], "1000 at most"],
  ])("refuses %j", async (args, advice) => {
    await expect(run(...args)).rejects.toThrow(advice);
  });

  it("refuses the beginning of several ids", async () => {
    const page = await stores.cases.list({}, { limit: 10 }, soon());
    const rows = page.rows.map((row, index) => Object.assign({}, row, { id: `abcdef${index}` }));
    stores = { ...stores, cases: { ...stores.cases, list: () => Promise.resolve({ rows }) } };
    await expect(run("abcdef")).rejects.toThrow("begins the ids of several cases");
  });

  it("is a verb with help", async () => {
    const { code, stdout } = await runVerb(["case", "--help"]);
    expect({ code, examples: stdout.includes("Examples:") }).toEqual({ code: 0, examples: true });
  });
});

describe("the name of the credentials", () => {
  it.each([
    ["arn:aws:iam::123456789012:user/people/bob", "bob"],
    ["arn:aws:sts::123456789012:assumed-role/Admin/alice@example.com", "Admin/alice@example.com"],
    ["arn:aws:iam::123456789012:root", "root"],
    ["arn:aws:sts::123456789012:federated-user/eve", "eve"],
    [undefined, "an unknown caller"],
  ])("%s is %s", (arn, name) => {
    expect(nameOfCaller(arn)).toBe(name);
  });
});
