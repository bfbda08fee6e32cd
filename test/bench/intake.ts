/**
 * `tsx test/bench/intake.ts [PATH…]`: how fast log files from S3 are read, against unpacking and parsing the same files in the
 * same run. By the processor's time of the whole process, because unpacking is done by other threads; the clock's is shown
 * beside it. Files are made as a trail writes them, some 5,000 records each, or read from PATH.
 *
 * The memory is that of a process of its own that reads one file of 100 MB, packed, from a stream.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import { generateRecords } from "./corpus.ts";
import type * as Subjects from "./intake-subjects.ts";
import { median } from "./measure.ts";
import { generateRules } from "./rules.ts";

const SIZES = [60, 6_000];
const FILES = 4;
const RECORDS = 5_000;
const ROUNDS = 7;
const WARM_UP = 2;
/** As S3 hands a file over. */
const CHUNK = 64 * 1024;
const LARGE_FILE = 100 * 1024 * 1024;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function* chunks(file: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < file.length; at += CHUNK) yield file.subarray(at, at + CHUNK);
}

/** A file as large as wanted: gzip data behind gzip data is one file. */
async function* largeFile(bytes: number): AsyncGenerator<Buffer> {
  const records = generateRecords(RECORDS).join(",");
  yield gzipSync(`{"Records":[${records}`);
  const more = gzipSync(`,${records}`);
  for (let size = 0; size < bytes; size += more.length) yield* chunks(more);
  yield gzipSync("]}");
}

function bundle(directory: string): string {
  const outfile = join(directory, "subjects.mjs");
  const banner = 'import{createRequire as r}from"node:module";const require=r(import.meta.url);';
  const entry = fileURLToPath(new URL("intake-subjects.ts", import.meta.url));
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    minify: true,
    banner: { js: banner },
    logLevel: "warning",
  });
  return outfile;
}

type Taken = { readonly cpu: number; readonly wall: number };

async function time(run: () => unknown): Promise<Taken> {
  const before = process.cpuUsage();
  const began = performance.now();
  await run();
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1000, wall: performance.now() - began };
}

/** Reads the large file in this process and says what that took; run with `--large BUNDLE RULES`. */
async function readLarge(outfile: string, rules: number): Promise<void> {
  const { makeIntake } = (await import(pathToFileURL(outfile).href)) as typeof Subjects;
  const ruleSet = generateRules(rules);
  const intake = makeIntake(ruleSet, deriveEventRules(ruleSet, { budget: 299 }).eventRules, true);
  const before = process.resourceUsage().maxRSS;
  const began = performance.now();
  const { records } = await intake([largeFile(LARGE_FILE)]);
  const seconds = (performance.now() - began) / 1000;
  const after = process.resourceUsage().maxRSS;
  say(JSON.stringify({ records, seconds, before: before / 1024, after: after / 1024 }));
}

async function main(paths: readonly string[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "engine-bench-intake-"));
  try {
    const outfile = bundle(directory);
    const { floor, makeIntake } = (await import(pathToFileURL(outfile).href)) as typeof Subjects;
    const files =
      paths.length > 0
        ? paths.map((path) => readFileSync(path))
        : Array.from({ length: FILES }, (_, at) => {
            const records = generateRecords(RECORDS, 20_261_120 + at).join(",");
            return gzipSync(`{"Records":[${records}]}`);
          });
    const { records } = floor(files);
    const megabytes = files.reduce((sum, file) => sum + file.length, 0) / 1e6;
    say(
      `${files.length} files, ${records} records, ${megabytes.toFixed(1)} MB packed; medians of ${ROUNDS} rounds\n`,
    );
    say(
      "rules  what                              µs CPU/record  of floor  records/s  MB/s packed  µs clock/record  alerts",
    );
    for (const size of SIZES) {
      const ruleSet = generateRules(size);
      const { eventRules } = deriveEventRules(ruleSet, { budget: 299 });
      const skipping = makeIntake(ruleSet, eventRules, true);
      const parsing = makeIntake(ruleSet, eventRules, false);
      let alerts = 0;
      const cold = await time(async () => {
        ({ alerts } = await skipping([files[0] ?? Buffer.alloc(0)].map(chunks)));
      });
      const contenders: readonly [string, () => unknown][] = [
        ["gunzip + JSON.parse", () => floor(files)],
        ["ours", async () => ({ alerts } = await skipping(files.map(chunks)))],
        ["ours, parsing every record", () => parsing(files.map(chunks))],
      ];
      const taken = contenders.map((): Taken[] => []);
      for (let round = -WARM_UP; round < ROUNDS; round++)
        for (let turn = 0; turn < contenders.length; turn++) {
          const at = (turn + Math.abs(round)) % contenders.length;
          const one = await time(() => contenders[at]?.[1]());
          if (round >= 0) taken[at]?.push(one);
        }
      for (const [at, [name]] of contenders.entries()) {
        const cpu = median((taken[at] ?? []).map((one) => one.cpu));
        const wall = median((taken[at] ?? []).map((one) => one.wall));
        const ratio = median(
          (taken[at] ?? []).map((one, round) => one.cpu / (taken[0]?.[round]?.cpu ?? Number.NaN)),
        );
        say(
          [
            String(size).padStart(5),
            name.padEnd(32),
            ((cpu * 1000) / records).toFixed(2).padStart(14),
            `${ratio.toFixed(2)} ×`.padStart(8),
            Math.round((records / cpu) * 1000)
              .toString()
              .padStart(10),
            ((megabytes / cpu) * 1000).toFixed(1).padStart(11),
            ((wall * 1000) / records).toFixed(2).padStart(16),
            name === "ours" ? String(alerts).padStart(7) : "",
          ].join("  "),
        );
      }
      say(
        `${String(size).padStart(5)}  first file, cold: ${cold.wall.toFixed(0)} ms by the clock, ${cold.cpu.toFixed(0)} ms CPU`,
      );
      if (size !== SIZES[0]) continue;
      const said = execFileSync(
        process.execPath,
        [...process.execArgv, fileURLToPath(import.meta.url), "--large", outfile, String(size)],
        { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "--max-old-space-size=160" } },
      );
      const large = JSON.parse(said) as { records: number; seconds: number; before: number; after: number };
      say(
        `${String(size).padStart(5)}  a file of 100 MB packed, ${large.records} records: ${large.seconds.toFixed(1)} s, ` +
          `peak memory ${large.after.toFixed(0)} MB (${large.before.toFixed(0)} MB before it, rules and bench included)`,
      );
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const [first, outfile, rules] = process.argv.slice(2);
if (first === "--large" && outfile !== undefined) await readLarge(outfile, Number(rules));
else await main(process.argv.slice(2));
