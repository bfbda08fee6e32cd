/**
 * Git as `replay --compare` needs it: run a command in a folder, get its bytes. A port of one function, so that
 * everything above it can be tried on a machine without git. No shell takes part, so nothing in an argument is more
 * than an argument.
 *
 *   await runGit(["rev-parse", "--show-prefix"], { cwd: "rules" })   // { ok: true, stdout: "rules/\n" as bytes }
 */
import { execFile } from "node:child_process";

/** What a command gave: its bytes, or why there are none, in git's own words where it ran. */
type GitAnswer =
  | { readonly ok: true; readonly stdout: Buffer }
  | { readonly ok: false; readonly absent: boolean; readonly reason: string };

/** Runs git with arguments in a folder, with bytes on its stdin. Never rejects. */
export type Git = (
  args: readonly string[],
  options: { readonly cwd: string; readonly input?: string },
) => Promise<GitAnswer>;

const MAX_BYTES = 256 * 1024 * 1024;
/** A partial clone fetches what is missing; without an end, a dead network would hold us for ever. */
const TIMEOUT_MS = 120_000;

/** A hook runs with these set for its own repository, in paths that hold only in its folder: the folder decides here. */
const OF_ONE_REPOSITORY = new Set([
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_PREFIX",
  "GIT_COMMON_DIR",
]);

/** The git on the PATH. */
export const runGit: Git = (args, { cwd, input = "" }) =>
  new Promise((resolve) => {
    const options = {
      cwd,
      env: environment(),
      encoding: "buffer",
      maxBuffer: MAX_BYTES,
      timeout: TIMEOUT_MS,
    } as const;
    const child = execFile("git", args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ ok: true, stdout });
      else
        resolve({ ok: false, absent: error.code === "ENOENT", reason: reasonOf(error, stderr.toString()) });
    });
    // Git may end before it has read all of this: its exit code tells more than the broken pipe.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });

function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OF_ONE_REPOSITORY.has(name));
  // In English, because its words are looked at; and it must not wait for a password that nobody is asked for.
  return { ...Object.fromEntries(kept), LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0" };
}

function reasonOf(error: Error & { killed?: boolean }, stderr: string): string {
  if (error.killed === true) return "it gave no answer in time, or a longer one than can be taken";
  const [first = ""] = stderr.trim().split("\n");
  return first === "" ? error.message : first.replace(/^(fatal|error): /, "");
}
