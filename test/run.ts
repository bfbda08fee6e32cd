/**
 * `npm test`: every check of the repository, each to its end whatever the others said, so that one run shows all there
 * is to mend. The last line is `N passed, N failed`, from the real counts.
 *
 *     npm test                          everything
 *     npm test -- --only types,vitest   only these
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { allChecks, type Check } from "./run/checks.ts";
import { type Counts, total } from "./run/counts.ts";
import type { Finished } from "./run/execute-script.ts";
import { executeCommand } from "./run/execute.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** The quick checks share the machine two at a time; what takes long has it for itself. */
const AT_ONCE = 2;
const LIMIT_SECONDS = 750;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function run(check: Check): Promise<Counts> {
  const finished = await executeCommand({ ...check, root: ROOT, limit: LIMIT_SECONDS });
  const counts = check.count(finished, readReport(check, finished));
  const mark = counts.failed === 0 ? "ok    " : "FAILED";
  const numbers = counts.passed + counts.failed > 1 ? `${counts.passed} passed, ${counts.failed} failed` : "";
  say(
    `${mark}  ${check.name.padEnd(10)}${`${finished.seconds.toFixed(1)} s`.padStart(8)}  ${numbers}`.trimEnd(),
  );
  if (counts.failed > 0) {
    // A report in JSON is for programs: its findings say the same in fewer words.
    const text = counts.findings.length > 0 && finished.stdout.startsWith("{") ? "" : finished.text;
    for (const line of [...text.split("\n"), ...counts.findings])
      if (line.trim() !== "") say(`        ${line}`);
  }
  return counts;
}

function readReport(check: Check, { stdout }: Finished): unknown {
  try {
    return JSON.parse(check.report === undefined ? stdout : readFileSync(check.report, "utf8")) as unknown;
  } catch {
    return undefined;
  }
}

async function runAll(checks: readonly Check[]): Promise<Counts[]> {
  const waiting = checks.filter(({ live }) => live !== true);
  const results: Counts[] = [];
  const work = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift())
      results.push(await run(check));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const check of checks) if (check.live === true) results.push(await run(check));
  return results;
}

const reports = mkdtempSync(join(tmpdir(), "engine-checks-"));
process.once("exit", () => rmSync(reports, { recursive: true, force: true }));
// A reader that closes (`| head`) cannot be told the counts, so the run does not pass.
process.stdout.on("error", () => process.exit(1));

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: "string" } } });
  const checks = allChecks(reports);
  const wanted = values.only?.split(",") ?? checks.map(({ name }) => name);
  const unknown = wanted.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) {
    say(`There is no check ${unknown.join(", ")}. There are ${checks.map(({ name }) => name).join(", ")}.`);
    process.exitCode = 2;
  } else {
    const { passed, failed } = total(await runAll(checks.filter(({ name }) => wanted.includes(name))));
    say(`${passed} passed, ${failed} failed`);
    process.exitCode = failed === 0 ? 0 : 1;
  }
}

await main();
