/**
 * `npm run bench [-- PATH…] [--json]`: how fast it is, in one table from one run. Without a path the records are
 * generated, the same in every run; a path is a file or folder of CloudTrail in any form that `replay` reads.
 *
 * Everything is measured against `JSON.parse` of the same records, in turns, in one process: see `measure.ts`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createEngine } from "../../lambda/engine/engine.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import type { Envelope } from "../../lambda/record/record.ts";
import { readRecords } from "../../lib/replay/records.ts";
import { loadSubjects } from "./bundle-subjects.ts";
import { measureDeliveries } from "./deliveries.ts";
import { measureColdStarts } from "./cold-start.ts";
import { generateRecords } from "./corpus.ts";
import { type Contender, measure, type Timing } from "./measure.ts";
import { timeReplay, writeTrail } from "./replay.ts";
import { formatResults, type Results } from "./report.ts";
import { generateRules } from "./rules.ts";
import type { Subject } from "./subjects.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SIZES = [60, 600, 6_000];
const RECORDS = 5_000;
const MOST_RECORDS = 20_000;
const TRAIL_FILES = 20;
const ROUNDS = 15;
/** Passes over the records in one run of a round. */
const PASSES = 10;
const WARM_UP = 3;
const COLD_STARTS = 11;
/** About so many rules times records make one run of json-rules-engine long enough to time, and not longer. */
const FLAT_WORK = 12_000;
const FLAT_ROUNDS = 5;

type Subjects = Awaited<ReturnType<typeof loadSubjects>>;
type Ours = Omit<Results["evaluations"][number], "flat">;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const progress = (text: string): void => void process.stderr.write(`${text} …\n`);

async function readTexts(paths: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  for await (const item of readRecords(paths)) {
    if (item.ok) texts.push(JSON.stringify(item.reading.record));
    if (texts.length === MOST_RECORDS) break;
  }
  if (texts.length === 0) throw new Error(`there is no CloudTrail record in ${paths.join(", ")}`);
  return texts;
}

async function repeat(pass: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < PASSES; done++) await pass();
}

function timed(name: string, texts: readonly string[], subject: Subject): Contender {
  return { name, records: texts.length * PASSES, run: () => repeat(() => subject(texts)) };
}

/** Ours against the parse. json-rules-engine alone comes later: what it leaves behind would slow ours down. */
async function measureOurs(subjects: Subjects, texts: readonly string[], rules: number): Promise<Ours> {
  const ours = subjects.makeOurs(generateRules(rules));
  const quietTexts: string[] = [];
  for (const text of texts) if ((await ours([text])) === 0) quietTexts.push(text);
  const [parse, own, quiet] = await measure(
    [
      timed("JSON.parse", texts, subjects.parseAlone),
      timed("ours", texts, ours),
      timed("quiet", quietTexts, ours),
    ],
    ROUNDS,
    WARM_UP,
  );
  if (parse === undefined || own === undefined || quiet === undefined)
    throw new Error("nothing was measured");
  return { rules, alerting: texts.length - quietTexts.length, parse, ours: own, quiet };
}

/** @throws Error when json-rules-engine alone finds other matches than we do. */
async function measureFlat(subjects: Subjects, texts: readonly string[], rules: number): Promise<Timing> {
  const ruleSet = generateRules(rules);
  const flat = subjects.makeFlat(ruleSet);
  const few = texts.slice(0, Math.max(2, Math.ceil(FLAT_WORK / rules)));
  const [expected, found] = [await flat(few), await subjects.makeOurs(ruleSet)(few)];
  if (expected !== found)
    throw new Error(`json-rules-engine alone finds ${expected} matches, we find ${found}`);
  const [, one] = await measure(
    [
      timed("JSON.parse", texts, subjects.parseAlone),
      { name: "one Engine", records: few.length, run: () => flat(few) },
    ],
    FLAT_ROUNDS,
    1,
  );
  if (one === undefined) throw new Error("nothing was measured");
  return one;
}

/** The first record that no generated rule matches. */
function quietEnvelope(texts: readonly string[]): Envelope {
  const engine = createEngine(generateRules(6_000));
  for (const text of texts) {
    const reading = readEnvelope(JSON.parse(text));
    if (reading.ok && engine.candidates(reading.record).length === 0) return reading.envelope;
  }
  throw new Error("every record is a candidate: there is none for a quiet cold start");
}

async function main(directory: string): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { json: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const own = positionals.length === 0;
  const texts = own ? generateRecords(RECORDS) : await readTexts(positionals);
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const subjects = await loadSubjects(directory);
  const measured: Ours[] = [];
  for (const rules of SIZES) {
    progress(`${rules} rules`);
    measured.push(await measureOurs(subjects, texts, rules));
  }
  const evaluations: Results["evaluations"][number][] = [];
  for (const ours of measured) {
    progress(`${ours.rules} rules, json-rules-engine alone`);
    evaluations.push({ ...ours, flat: await measureFlat(subjects, texts, ours.rules) });
  }
  progress("replay");
  const trail = join(directory, "trail");
  const trailBytes = writeTrail(texts, trail, TRAIL_FILES);
  const seconds = await timeReplay(ROOT, trail);
  progress("deliveries");
  const deliveries = await measureDeliveries(ROOT, directory);
  progress("cold starts");
  const ruleSets = SIZES.map((rules) => ({ name: `${rules} rules`, ruleSet: generateRules(rules) }));
  const results: Results = {
    corpus: { name: own ? "generated" : positionals.join(", "), records: texts.length, bytes },
    evaluations,
    replay: { bytes: trailBytes, records: texts.length * TRAIL_FILES, seconds },
    deliveries,
    coldStarts: await measureColdStarts(ruleSets, quietEnvelope(texts), directory, COLD_STARTS),
  };
  if (values.json) say(JSON.stringify(results, null, 2));
  else for (const line of formatResults(results)) say(line);
}

const directory = mkdtempSync(join(tmpdir(), "engine-bench-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
await main(directory);
