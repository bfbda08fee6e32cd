import { realpathSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { runGit } from "../../../lib/replay/git.ts";
import { gitOnPath, repositoryOnPath, temporaryFolder } from "./git-on-path.ts";

const ECHO = `
  const chunks = [];
  process.stdin.on("data", (chunk) => chunks.push(chunk));
  process.stdin.on("end", () => {
    const input = Buffer.concat(chunks).toString();
    const { LC_ALL, GIT_DIR, GIT_INDEX_FILE, GIT_TERMINAL_PROMPT } = process.env;
    const env = { LC_ALL, GIT_DIR, GIT_INDEX_FILE, GIT_TERMINAL_PROMPT };
    process.stdout.write(JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), input, env }));
  });`;

async function echoed(args: readonly string[], input?: string): Promise<Record<string, unknown>> {
  const cwd = temporaryFolder();
  const answer = await runGit(args, { cwd, ...(input === undefined ? {} : { input }) });
  if (!answer.ok) throw new Error(answer.reason);
  const heard = JSON.parse(answer.stdout.toString()) as Record<string, unknown>;
  expect(heard.cwd).toBe(realpathSync(cwd));
  return heard;
}

describe("the git on the PATH", () => {
  it("gets arguments as they are, whatever a shell would make of them, and the bytes on its stdin", async () => {
    gitOnPath(ECHO);
    const args = ["rev-parse", "$(touch x)", "a b; rm -rf .", '"', "*"];
    expect(await echoed(args, "one\ntwo\n")).toMatchObject({ args, input: "one\ntwo\n" });
    expect(await echoed(["x"])).toMatchObject({ args: ["x"], input: "" });
  });

  it("speaks English, asks nobody, and looks at the folder even when a hook named another repository", async () => {
    gitOnPath(ECHO);
    vi.stubEnv("GIT_DIR", ".git");
    vi.stubEnv("GIT_INDEX_FILE", ".git/index");
    vi.stubEnv("LC_ALL", "de_DE.UTF-8");
    expect((await echoed(["x"])).env).toEqual({ LC_ALL: "C", GIT_TERMINAL_PROMPT: "0" });
  });

  it("gives its own words when it fails, without 'fatal:'", async () => {
    gitOnPath('process.stderr.write("fatal: not a git repository\\nmore\\n"); process.exit(128);');
    const answer = await runGit(["x"], { cwd: temporaryFolder() });
    expect(answer).toEqual({ ok: false, absent: false, reason: "not a git repository" });
  });

  it("survives a git that ends before it has read its input", async () => {
    gitOnPath("process.exit(3);");
    const answer = await runGit(["x"], { cwd: temporaryFolder(), input: "x".repeat(4_000_000) });
    expect(answer).toMatchObject({ ok: false, absent: false });
  });

  it("gives bytes that are no text as they are", async () => {
    gitOnPath("process.stdout.write(Buffer.from([0, 255, 10]));");
    const answer = await runGit(["x"], { cwd: temporaryFolder() });
    expect(answer.ok && [...answer.stdout]).toEqual([0, 255, 10]);
  });

  it("says that there is no git", async () => {
    vi.stubEnv("PATH", temporaryFolder());
    expect(await runGit(["x"], { cwd: temporaryFolder() })).toMatchObject({ ok: false, absent: true });
    vi.unstubAllEnvs();
  });

  it("can be a stand-in for a whole repository, as the tests of the verb use it", async () => {
    const top = temporaryFolder();
    repositoryOnPath({ top, revisions: { main: { "rules/a.yaml": "é" } } });
    const commit = await runGit(["rev-parse", "--verify", "main^{commit}"], { cwd: top });
    const hash = commit.ok ? commit.stdout.toString().trim() : "";
    const listing = await runGit(["ls-tree", "-r", "-z", "-l", "--full-tree", `${hash}:rules`], { cwd: top });
    expect(listing.ok && listing.stdout.toString()).toMatch(/^100644 blob [0-9a-f]{40} {7}2\ta\.yaml\0$/);
  });
});
