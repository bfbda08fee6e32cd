/** The throughput of the whole `replay` command, as a person runs it: its process, from start to summary. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { executeCommand } from "../run/execute.ts";

/** Writes records as a trail does: files of `{"Records":[…]}`, packed. Gives their size before packing, in bytes. */
export function writeTrail(texts: readonly string[], directory: string, files: number): number {
  mkdirSync(directory, { recursive: true });
  let bytes = 0;
  for (let file = 0; file < files; file++) {
    const records = Buffer.from(`{"Records":[${texts.join(",")}]}`);
    bytes += records.length;
    writeFileSync(join(directory, `trail-${file}.json.gz`), gzipSync(records, { level: 1 }));
  }
  return bytes;
}

/**
 * Replays a folder or file with the shipped rules and gives the seconds that it took.
 * @throws Error with what the command printed, when it fails.
 */
export async function timeReplay(root: string, path: string): Promise<number> {
  const args = ["bin/engine.ts", "replay", path, "--format", "ndjson"];
  const done = await executeCommand({ root, package: "tsx", bin: "tsx", args, limit: 600 });
  if (done.exitCode !== 0) throw new Error(`replay failed:\n${done.text.slice(-2000)}`);
  return done.seconds;
}
