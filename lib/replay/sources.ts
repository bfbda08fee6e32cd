/**
 * Which files a list of paths means. A folder means the CloudTrail files below it, in the order of their names (which
 * for CloudTrail's own names is the order of time); digests and Insights, which hold no records, are left out and
 * counted. So are files that by name and first byte are plainly something else, such as a README; a file that is
 * named on the command line is always read. Links to folders are left out and named: what they lead to may lie below
 * the same folder, and its records would count twice, or anywhere else on the disk.
 */
import { open, readdir, stat } from "node:fs/promises";
import { join, sep } from "node:path";

/** A place that records come from. */
export type Source =
  | { readonly kind: "file"; readonly name: string; readonly size: number }
  | { readonly kind: "stdin"; readonly name: string; readonly size: 0 };

/** Something on the way to the files: a path that cannot be read, or a file that was left out on purpose. */
export type Sources = {
  readonly sources: readonly Source[];
  readonly problems: readonly { readonly file: string; readonly reason: string }[];
  /** Digest and Insight files. */
  readonly digests: number;
  /** Files in folders that are not CloudTrail's by name and first byte. */
  readonly others: readonly string[];
  /** Links to folders, in folders. */
  readonly links: readonly string[];
};

type Found = {
  sources: Source[];
  problems: { file: string; reason: string }[];
  digests: number;
  others: string[];
  links: string[];
};

const NO_RECORDS = new Set(["CloudTrail-Digest", "CloudTrail-Insight"]);
const RECORDS_NAME = /\.(json|ndjson|jsonl|gz|log)$/i;

/** Finds the files; `-` is stdin. Never throws: a path that cannot be read becomes a problem. */
export async function findSources(paths: readonly string[]): Promise<Sources> {
  const found: Found = { sources: [], problems: [], digests: 0, others: [], links: [] };
  for (const path of paths) {
    if (path === "-") found.sources.push({ kind: "stdin", name: "(stdin)", size: 0 });
    else await visit(path, "named", found);
  }
  return found;
}

async function visit(path: string, as: "named" | "link" | "entry", found: Found): Promise<void> {
  try {
    const info = await stat(path);
    if (info.isDirectory() && as === "link") found.links.push(path);
    else if (info.isDirectory()) await visitFolder(path, found);
    else if (path.split(sep).some((part) => NO_RECORDS.has(part))) found.digests++;
    else if (
      as === "named" ||
      (info.isFile() && (RECORDS_NAME.test(path) || (await looksLikeRecords(path))))
    ) {
      found.sources.push({ kind: "file", name: path, size: info.size });
    } else found.others.push(path);
  } catch (error) {
    found.problems.push({ file: path, reason: fileReason(error) });
  }
}

async function visitFolder(path: string, found: Found): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".")) continue;
    await visit(join(path, entry.name), entry.isSymbolicLink() ? "link" : "entry", found);
  }
}

/** Whether a file begins as JSON lists and objects or gzip data do. */
async function looksLikeRecords(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(64), 0, 64, 0);
    const head = buffer.toString("latin1", 0, bytesRead);
    return head.startsWith("\u001f\u008b") || /^(\u00ef\u00bb\u00bf)?\s*[{[]/.test(head);
  } finally {
    await file.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied: you may not read it",
  EPERM: "permission denied: you may not read it",
  ELOOP: "a symbolic link that leads back to itself",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is a file, not a folder",
  ENAMETOOLONG: "the path is longer than a path may be",
};

/** Why a file could not be read, in words. */
export function fileReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? error.message : String(error);
  return REASONS[code] ?? (code === "" ? message : `it could not be read: ${message}`);
}
