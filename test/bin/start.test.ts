import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { command } from "../../bin/commands/start.ts";
import { toldAlertSchema } from "../../lambda/cases/told-alert.ts";
import { runVerb } from "./run-verb.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const EXAMPLE = fileURLToPath(new URL("../../examples/console-change.json", import.meta.url));

describe("npm start", () => {
  it("refuses wrong use before it starts anything", async () => {
    const io = { stdin: process.stdin, stdout: new PassThrough(), stderr: new PassThrough() };
    await expect(command.run(["--port", "x"], io)).rejects.toThrow("--port takes a port");
    await expect(command.run(["--api-port", "1", "--exit"], io)).rejects.toThrow("no use with --exit");
    await expect(command.run(["--prot", "1"], io)).rejects.toThrow('Did you mean "port"');
    await expect(command.run(["--page-port", "x"], io)).rejects.toThrow("--page-port takes a port");
    await expect(command.run(["--exit", "--page-port", "1"], io)).rejects.toThrow("of no use with --exit");
    await expect(command.run(["--format", "xml"], io)).rejects.toThrow("--format takes text, json");
    await expect(command.run(["--rules", "/nowhere"], io)).rejects.toThrow('There is no folder "/nowhere"');
  });

  it("says each problem of bad rules on a line of its own, and exits with 1", async () => {
    const { code, stdout, stderr } = await runVerb(["start", "--exit", "--rules", "test/fixtures/rules-bad"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    const lines = stderr.trimEnd().split("\n");
    expect(lines.filter((line) => /^\S+rules-bad\/\S+:\d+:\d+ /u.test(line))).toHaveLength(7);
    expect(lines.at(-1)).toMatch(/^Nothing was synthesised\./u);
    expect(stderr).not.toContain("u000a");
  }, 60_000);

  it("plays the shipped day, prints each alert for people on stdout and ends with what was seen, delivered, alerted", async () => {
    const io = { stdin: process.stdin, stdout: new PassThrough(), stderr: new PassThrough() };
    const printed = Promise.all([text(io.stdout), text(io.stderr)]);
    const code = await command.run(["--exit"], io);
    io.stdout.end();
    io.stderr.end();
    const [alerts, words] = await printed;
    expect(code).toBe(0);
    expect(alerts).toMatch(/^HIGH {2}ec2\.amazonaws\.com: Security group opened/mu);
    expect(alerts).not.toContain("\u001b");
    expect(words).toMatch(
      /Ready after \S+ s: \d+ event rules and one that counts the engine's own denied calls, /u,
    );
    expect(words).toMatch(/seen +552/u);
    expect(words).toMatch(/delivered +\d+ /u);
    expect(words).toMatch(/\d+ {2}_global\/console-change/u);
    expect(words).not.toContain("Listening");
    expect(words).not.toContain("?token=");
  }, 60_000);

  it("names an input that cannot be read, plays the rest, and exits with 1", async () => {
    const io = { stdin: process.stdin, stdout: new PassThrough(), stderr: new PassThrough() };
    const printed = text(io.stderr);
    const alerts = text(io.stdout);
    const code = await command.run(
      ["--exit", "--format", "json", "/nowhere/at-all.json", "test/bin/start.test.ts", "examples/day.ndjson"],
      io,
    );
    io.stdout.end();
    io.stderr.end();
    expect(code).toBe(1);
    expect(await printed).toContain("/nowhere/at-all.json: there is no such file or folder");
    const lines = (await alerts).trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(toldAlertSchema.safeParse(JSON.parse(line)).error).toBeUndefined();
  }, 60_000);

  it("listens until Ctrl-C, takes an event of one's own meanwhile, and leaves nothing running", async () => {
    const child = spawn(process.execPath, ["--import", "tsx", "bin/engine.ts", "start", EXAMPLE], {
      cwd: ROOT,
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    await expect.poll(() => printed, { timeout: 40_000 }).toContain("Stop with Ctrl-C");
    const url = /--endpoint-url (\S+)/u.exec(printed)?.[1] ?? "";
    const unknown: unknown = [{ Source: "aws.ec2", DetailType: "AWS API Call via CloudTrail", Detail: "{}" }];
    const put = (entries: unknown = unknown) =>
      fetch(url, {
        method: "POST",
        headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AWSEvents.PutEvents" },
        body: JSON.stringify({ Entries: entries }),
      });
    expect((await put()).status).toBe(200);
    await expect.poll(() => printed).toContain('seen: aws.ec2 "AWS API Call via CloudTrail"');
    expect((await put(JSON.parse(readFileSync(EXAMPLE, "utf8")))).status).toBe(200);
    const page = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/u.exec(printed)?.[0] ?? "";
    const cookie =
      (await fetch(page, { redirect: "manual" })).headers.get("set-cookie")?.split(";", 1)[0] ?? "";
    const headers = { cookie, "x-engine-page": new URL(page).searchParams.get("token") ?? "" };
    const call = async (path: string): Promise<unknown> =>
      (await fetch(new URL(path, page), { headers })).json();
    await expect.poll(() => call("/api/picture")).toMatchObject({ seen: 2, letThrough: 1 });
    await expect
      .poll(async () => JSON.stringify(await call("/api/rows")))
      .toContain('"_global/console-change"');
    child.kill("SIGINT");
    expect(await ended).toBe(1);
    const [, last = ""] = printed.split("Stopping.");
    expect(last).toMatch(/seen +2 {2}records at the event bus/u);
    await expect(put()).rejects.toThrow("fetch failed");
  }, 60_000);
});
