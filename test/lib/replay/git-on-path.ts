/** Puts a stand-in for git on the PATH, so that the real port runs a program and no test needs git. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { onTestFinished, vi } from "vitest";
import type { FakeRepository } from "./fake-git.ts";

/** A temporary folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "replay-git-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Puts a program called `git` on the PATH, for this test, which runs a script; nothing else is on the PATH then. */
export function gitOnPath(script: string): void {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "git"), `#!${process.execPath}\n${script}`);
  chmodSync(join(folder, "git"), 0o755);
  vi.stubEnv("PATH", folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

/** Puts a `git` on the PATH that answers for a repository. */
export function repositoryOnPath(repository: FakeRepository): void {
  const contents = `
    import { readFileSync } from "node:fs";
    import { fakeGit } from ${JSON.stringify(join(import.meta.dirname, "fake-git.ts"))};
    const input = process.argv[2] === "cat-file" ? readFileSync(0, "utf8") : "";
    const git = fakeGit(${JSON.stringify(repository)});
    git(process.argv.slice(2), { cwd: process.cwd(), input }).then((answer) => {
      if (answer.ok) process.stdout.write(answer.stdout);
      else process.stderr.write("fatal: " + answer.reason);
      process.exitCode = answer.ok ? 0 : 128;
    });`;
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
  });
  gitOnPath(outputFiles[0]?.text ?? "");
}
