/**
 * A stand-in for git: the few commands that `replay --compare` uses, over a repository that is plain data. Tests must
 * pass on a machine without git, so this answers in its place: in the process, or as a program called `git` on the PATH.
 */
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { posix, relative, sep } from "node:path";
import type { Git } from "../../../lib/replay/git.ts";

/** A file with its content, a symbolic link with where it leads, or a submodule. */
type Entry = string | { readonly link: string } | { readonly submodule: true };

/** A repository: where it lies, and the files of each revision by their paths from its top. */
export type FakeRepository = {
  readonly top: string;
  readonly revisions: Readonly<Record<string, Readonly<Record<string, Entry>>>>;
};

type Answer = { readonly code: number; readonly stdout: Buffer; readonly stderr: string };

const fail = (code: number, stderr: string): Answer => ({ code, stdout: Buffer.alloc(0), stderr });
const say = (...parts: (string | Buffer)[]): Answer => ({
  code: 0,
  stdout: Buffer.concat(parts.map((part) => Buffer.from(part))),
  stderr: "",
});

/** The hash that stands for a text. */
export function hashOf(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

function answerGit(repository: FakeRepository, args: readonly string[], cwd: string, input: string): Answer {
  const prefix = relative(realpathSync(repository.top), realpathSync(cwd)).split(sep).join("/");
  if (prefix.startsWith(".."))
    return fail(128, "fatal: not a git repository (or any of the parent directories): .git");
  const [command] = args;
  const last = args.at(-1) ?? "";
  if (command === "rev-parse" && last === "--show-prefix") return say(prefix === "" ? "\n" : `${prefix}/\n`);
  if (command === "rev-parse") {
    const revision = last.replace("^{commit}", "");
    return revision in repository.revisions ? say(`${hashOf(revision)}\n`) : fail(1, "");
  }
  if (command === "ls-tree") return listTree(repository, last);
  if (command === "cat-file")
    return say(
      ...input
        .split("\n")
        .slice(0, -1)
        .flatMap((one) => objectOf(repository, one)),
    );
  return fail(1, `git: '${command}' is not a git command. See 'git --help'.`);
}

function filesAt({ revisions }: FakeRepository, commit: string): Readonly<Record<string, Entry>> {
  return Object.entries(revisions).find(([name]) => hashOf(name) === commit)?.[1] ?? {};
}

function listTree(repository: FakeRepository, tree: string): Answer {
  const [commit = "", folder = ""] = tree.split(":");
  const files = filesAt(repository, commit);
  if (folder in files) return fail(128, "fatal: not a tree object");
  const start = folder === "" ? "" : `${folder}/`;
  const inside = Object.entries(files).filter(([path]) => path.startsWith(start));
  if (inside.length === 0) return fail(128, `fatal: Not a valid object name ${tree}`);
  const lines = inside.map(([path, entry]) => {
    const name = path.slice(start.length);
    if (typeof entry === "object" && "submodule" in entry)
      return `160000 commit ${hashOf(path)}       -\t${name}\0`;
    const text = typeof entry === "string" ? entry : entry.link;
    const size = String(Buffer.byteLength(text)).padStart(7);
    return `${typeof entry === "string" ? "100644" : "120000"} blob ${hashOf(text)} ${size}\t${name}\0`;
  });
  return say(lines.join(""));
}

function blob(text: string): string[] {
  return [`${hashOf(text)} blob ${Buffer.byteLength(text)}\n`, text, "\n"];
}

function objectOf(repository: FakeRepository, name: string): (string | Buffer)[] {
  const [commit = "", path] = name.split(":");
  if (path === undefined) {
    const texts = Object.values(repository.revisions).flatMap((files) => Object.values(files));
    const found = texts.find((entry) => typeof entry === "string" && hashOf(entry) === name);
    return typeof found === "string" ? blob(found) : [`${name} missing\n`];
  }
  const files = filesAt(repository, commit);
  let at = path;
  for (let steps = 0; steps < 10; steps++) {
    const entry = files[at];
    if (typeof entry === "string") return blob(entry);
    if (entry === undefined || "submodule" in entry) {
      const isFolder = Object.keys(files).some((file) => file.startsWith(`${at}/`));
      if (isFolder) return [`${hashOf(at)} tree 4\nTREE\n`];
      return [`dangling ${Buffer.byteLength(name)}\n`, name, "\n"];
    }
    const target = posix.join(posix.dirname(at), entry.link);
    if (posix.isAbsolute(entry.link) || target.startsWith("..")) {
      return [`symlink ${Buffer.byteLength(entry.link)}\n`, entry.link, "\n"];
    }
    at = target;
  }
  return [`loop ${Buffer.byteLength(name)}\n`, name, "\n"];
}

/** A git port over a repository, in this process. */
export function fakeGit(repository: FakeRepository): Git {
  return (args, { cwd, input = "" }) => {
    const { code, stdout, stderr } = answerGit(repository, args, cwd, input);
    const reason = stderr.replace(/^fatal: /, "");
    return Promise.resolve(code === 0 ? { ok: true, stdout } : { ok: false, absent: false, reason });
  };
}
