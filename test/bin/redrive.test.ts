import { describe, expect, it } from "vitest";
import { redriveCommand } from "../../bin/commands/redrive.ts";
import { sendTestCommand } from "../../bin/commands/send-test.ts";
import type { Session } from "../../lib/redrive/session.ts";
import { runVerb } from "./run-verb.ts";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";

/** An engine with empty queues, whose detector gives this answer. */
function session(answer?: unknown): Session {
  return {
    outputs: async () => ({ DetectorArn: "arn", DeadLettersUrl: "u", DeadDeliveriesUrl: "v" }),
    sqs: { send: async () => ({}) },
    openStore: () => ({ reopen: async () => false, read: async () => undefined }),
    invoke: async () => answer as Awaited<ReturnType<Session["invoke"]>>,
    now: () => 0,
    newOwner: () => "owner",
  };
}

async function run(command: ReturnType<typeof redriveCommand>, ...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const printed = Promise.all([text(stdout), text(stderr)]);
  const code = await command.run(args, { stdin: Readable.from([]), stdout, stderr });
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  return { code, out, err };
}

const REGION = { AWS_REGION: "eu-west-1" };
const redrive = redriveCommand(() => session(), REGION);

describe("engine redrive", () => {
  it("says that there is nothing, in text and as JSON", async () => {
    expect(await run(redrive)).toMatchObject({ code: 0, out: "CloudTrailEngine has no dead letters.\n" });
    expect(await run(redrive, "list", "--format", "json")).toMatchObject({ out: '{"deadLetters":[]}\n' });
    expect(await run(redrive, "send", "--all")).toMatchObject({ code: 0 });
  });

  it.each([
    [["replay"], "list, show or send"],
    [["list", "x"], "takes no ids"],
    [["show"], "takes one id"],
    [["show", "a", "b"], "takes one id"],
    [["send"], "takes ids, or --all"],
    [["send", "a", "--all"], "takes ids, or --all"],
    [["send", "a"], 'There is no dead letter "a"'],
  ])("refuses %j", async (args, advice) => {
    await expect(run(redrive, ...args)).rejects.toThrow(advice);
  });

  it("needs a Region", async () => {
    await expect(run(redriveCommand(() => session(), {}))).rejects.toThrow("There is no Region");
    const { code, stdout } = await runVerb(["redrive", "--help"]);
    expect({ code, examples: stdout.includes("Examples:") }).toEqual({ code: 0, examples: true });
  });
});

const sendTest = (answer: unknown) => sendTestCommand(() => session(answer), REGION);

describe("engine send-test", () => {
  const took = { destination: "slack", type: "slack", ok: true, milliseconds: 5 };
  const refused = { destination: "teams", type: "teams", ok: false, milliseconds: 5, reason: "no\u001b[1m" };
  it("says what each destination answered and exits with 1 when one refused", async () => {
    const both = await run(sendTest({ ok: true, value: { outcomes: [took, refused] } }));
    expect(both.code).toBe(1);
    expect(both.out).toMatch(/^ok {4}slack \(slack\) took it in 5 ms\nFAIL {2}teams \(teams\): no/u);
    expect(both.out).not.toContain("\u001b");
    expect(await run(sendTest({ ok: true, value: { outcomes: [took] } }))).toMatchObject({ code: 0 });
  });

  it("exits with 1 and the reason when the detector itself failed", async () => {
    const failed = await run(sendTest({ ok: false, error: "timed out" }));
    expect(failed).toMatchObject({ code: 1, out: "" });
    expect(failed.err).toContain("timed out");
  });

  it("refuses --local with a Region", async () => {
    await expect(run(sendTest(undefined), "--local", "--region", "eu-west-1")).rejects.toThrow("exclude");
  });
});
