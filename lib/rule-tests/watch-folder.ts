/**
 * Tells which rule files changed, whenever some did. Each folder is watched for itself: Node's recursive watching loses
 * a file that an editor saves by renaming a new one over it. What an event says is not relied on either; it only is the
 * moment to look at the files again, so that a save in three steps, a new folder full of files or a `git checkout` each
 * come out as the files that are different now.
 *
 *   const folder = watchFolder("rules");
 *   while ((changed = await folder.changes(signal)) !== undefined) …   // ["rules/ec2.amazonaws.com/x.yaml"]
 *   folder.close();
 */
import { type Dirent, type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { join } from "node:path";

/** A folder that cannot be watched; the message says why, and how to mend it. */
class WatchError extends Error {
  override readonly name = "WatchError";
}

/** A folder that is being watched. */
export type WatchedFolder = {
  /**
   * Waits for changes: the files that differ from when it was last asked. Undefined when the signal ends it.
   * @throws WatchError when the folder is gone, or can no longer be watched.
   */
  changes(signal: AbortSignal): Promise<readonly string[] | undefined>;
  /** Ends watching. */
  close(): void;
};

/** Several events make one change, and half a save is none. In milliseconds. */
const SETTLE = 100;
const RULE_FILE = /\.(?:yaml|yml|json)$/;
/** Rules lie one folder below; links that lead in a circle end here. */
const MAX_DEPTH = 3;

/** Folders by an identity that a folder which is deleted and made again does not share, and files by their stamp. */
type Snapshot = { readonly folders: Map<string, string>; readonly files: Map<string, string> };

/**
 * Begins to watch a folder and everything below it.
 * @throws WatchError when it cannot be watched.
 */
export function watchFolder(dir: string): WatchedFolder {
  const watchers = new Map<string, FSWatcher>();
  let wake: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stir = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      wake?.();
    }, SETTLE);
  };

  /** The files as they are, each folder watched; looks again where a folder was new, for it may have filled up since. */
  function look(): Snapshot["files"] {
    for (;;) {
      const { folders, files } = scan(dir);
      for (const [identity, watcher] of watchers) {
        if (folders.has(identity)) continue;
        watcher.close();
        watchers.delete(identity);
      }
      const fresh = [...folders].filter(([identity]) => !watchers.has(identity));
      if (fresh.length === 0) return files;
      for (const [identity, folder] of fresh) {
        const watcher = watchOne(folder, stir);
        if (watcher !== undefined) watchers.set(identity, watcher);
      }
    }
  }

  function stirred(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        signal.removeEventListener("abort", end);
        resolve();
      };
      wake = end;
      signal.addEventListener("abort", end);
    });
  }

  let known = look();
  return {
    async changes(signal) {
      while (!signal.aborted) {
        const now = look();
        const changed = differing(known, now);
        known = now;
        if (changed.length > 0) return changed;
        await stirred(signal);
      }
      return undefined;
    },
    close() {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

/** Undefined when the folder is gone already. */
function watchOne(folder: string, stir: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, stir);
    // A folder that goes away is found when the files are looked at.
    watcher.on("error", stir);
    return watcher;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    if (code === "ENOENT") return undefined;
    const reason =
      code === "ENOSPC" || code === "EMFILE"
        ? "the system watches as many files as it may. End other watchers, or raise fs.inotify.max_user_watches"
        : String(error);
    throw new WatchError(`${folder} cannot be watched: ${reason}.`, { cause: error });
  }
}

function scan(dir: string): Snapshot {
  const snapshot: Snapshot = { folders: new Map(), files: new Map() };
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new WatchError(`The folder ${dir} is gone: there is nothing left to watch.`);
  visit(dir, snapshot, 0);
  return snapshot;
}

function visit(folder: string, snapshot: Snapshot, depth: number): void {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
    const { ino, birthtimeNs } = statSync(folder, { bigint: true });
    snapshot.folders.set(`${ino} ${birthtimeNs} ${folder}`, folder);
  } catch {
    // Gone since it was listed; what can never be read is the loader's to report.
    return;
  }
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (isFolder(entry, path)) {
      if (depth < MAX_DEPTH) visit(path, snapshot, depth + 1);
    } else if (RULE_FILE.test(entry.name)) snapshot.files.set(path, stampOf(path));
  }
}

function isFolder(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Something that is another whenever the content may be. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return "unreadable";
  }
}

function differing(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  const paths = new Set([...before.keys(), ...now.keys()]);
  return [...paths].filter((path) => before.get(path) !== now.get(path)).toSorted();
}
