/**
 * The files below a folder at a commit, as git keeps them: `ls-tree` names them, `cat-file --batch` gives their bytes.
 * Files are asked for by their hash, because a path may hold a line break; a symbolic link is asked for by its path,
 * because only so does git follow it, and only within the repository.
 *
 *   await readTree(runGit, "rules", "3f2a…", "rules")   // [{ path: "_lists/admins.yaml", content: bytes }, …]
 */
import type { Git } from "./git.ts";

/** A rules folder of thousands of rules has a few MB. */
const MAX_BYTES = 64 * 1024 * 1024;

/** A file; or why there is no content of it. `path` is below the folder. */
export type TreeFile =
  | { readonly path: string; readonly content: Buffer }
  | { readonly path: string; readonly problem: string };

type Entry = { readonly path: string; readonly mode: string; readonly hash: string; readonly size: number };

/** Reads all files below a folder of a commit, "" for the top; a text says why that is not possible. */
export async function readTree(
  git: Git,
  cwd: string,
  commit: string,
  folder: string,
): Promise<TreeFile[] | string> {
  const listing = await git(["ls-tree", "-r", "-z", "-l", "--full-tree", `${commit}:${folder}`], { cwd });
  if (!listing.ok) return listing.reason;
  const entries = parseListing(listing.stdout);
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_BYTES) {
    return `the folder holds ${Math.ceil(bytes / 1024 / 1024)} MB there, which is more than rules can be`;
  }
  const asked = entries.map((entry) => ({ entry, request: requestOf(entry, commit, folder) }));
  const input = asked.flatMap(({ request }) => (request === undefined ? [] : [`${request}\n`])).join("");
  const batch = await git(["cat-file", "--batch", "--follow-symlinks"], { cwd, input });
  if (!batch.ok) return batch.reason;
  const objects = parseObjects(batch.stdout);
  return asked.map(({ entry, request }) =>
    toFile(entry, request === undefined ? undefined : objects.next().value),
  );
}

const SUBMODULE = "160000";
const LINK = "120000";

function requestOf({ path, mode, hash }: Entry, commit: string, folder: string): string | undefined {
  if (mode === SUBMODULE) return undefined;
  if (mode !== LINK) return hash;
  const whole = folder === "" ? path : `${folder}/${path}`;
  return whole.includes("\n") ? undefined : `${commit}:${whole}`;
}

function toFile({ path, mode }: Entry, found: GitObject | undefined | void): TreeFile {
  if (mode === SUBMODULE)
    return { path, problem: "This is a submodule, whose files are not read at a revision." };
  if (found?.type === "blob") return { path, content: found.content };
  if (mode !== LINK) return { path, problem: "Git does not have the content of this file." };
  if (found?.type === "tree") {
    return { path, problem: "This symbolic link leads to a folder, whose files are not read at a revision." };
  }
  return { path, problem: "This symbolic link leads to no file of the repository." };
}

/** `<mode> <type> <hash> <size, padded>\t<path>\0`; the size of a submodule is "-". */
function parseListing(bytes: Buffer): Entry[] {
  return bytes
    .toString()
    .split("\0")
    .flatMap((line) => {
      const match = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.+)$/s.exec(line);
      if (match === null) return [];
      const [, mode = "", hash = "", size = "", path = ""] = match;
      return [{ path, mode, hash, size: size === "-" ? 0 : Number(size) }];
    });
}

type GitObject = { readonly type: string; readonly content: Buffer };

/**
 * The answers of `cat-file --batch`, one a request: `<hash> <type> <size>\n<bytes>\n`, `<request> missing\n`, or of a
 * link that leads nowhere `<why> <size>\n<bytes>\n`.
 */
function* parseObjects(bytes: Buffer): Generator<GitObject, undefined> {
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(0x0a, at);
    if (end === -1) return undefined;
    const head = bytes.toString("utf8", at, end);
    at = end + 1;
    const match = /^(?:[0-9a-f]+ (\w+)|dangling|loop|symlink|notdir) (\d+)$/.exec(head);
    if (match === null) {
      yield { type: "missing", content: Buffer.alloc(0) };
      continue;
    }
    const size = Number(match[2]);
    yield { type: match[1] ?? "missing", content: bytes.subarray(at, at + size) };
    at += size + 1;
  }
  return undefined;
}
