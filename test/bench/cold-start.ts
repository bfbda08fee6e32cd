/**
 * Cold start: the bundle that deploys, in a fresh process, until it has evaluated a first record that alerts nobody.
 * The clock is the process's own, which begins when the process does; what Node needs before any of our code is shown
 * beside it. Getting the sandbox ready, which Lambda adds, is not ours to measure.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ConfigFile } from "../../lambda/config.ts";
import type { RuleSet } from "../../lambda/engine/rule.ts";
import { bundleDetector } from "../../lib/bundle.ts";
import { execute } from "../run/execute-script.ts";
import { median } from "./measure.ts";

/** Milliseconds from the start of a process, medians. */
export type ColdStart = { readonly name: string; readonly millis: number };

/** What cold starts were measured, and how large the bundle's code is. */
export type ColdStarts = {
  readonly starts: readonly ColdStart[];
  readonly codeBytes: number;
  readonly startBytes: number;
};

/** The last thing that a process does is to say how old it is. */
const SAY = "process.stderr.write(`age ${performance.now()}\\n`);\n";
const START = `const { handler } = await import(process.argv[2]);
await handler(JSON.parse(process.argv[3]), {});
${SAY}`;

const CONFIG: ConfigFile = {
  destinations: [{ id: "topic", type: "sns" }],
  routing: { match: "first", routes: [], otherwise: ["topic"] },
  keepDays: 90,
};

const ENVIRONMENT = {
  ENGINE_TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:alerts",
  ENGINE_TABLE: "State",
  ENGINE_REDELIVERY_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/redelivery",
  ENGINE_DEAD_DELIVERIES_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/dead-deliveries",
  ENGINE_TIMER_ROLE_ARN: "arn:aws:iam::123456789012:role/timers",
  ENGINE_TIMER_GROUP: "engine",
  ENGINE_DEAD_LETTERS_ARN: "arn:aws:sqs:us-east-1:123456789012:dead-letters",
};

/**
 * Measures an empty process and one for each rule set, in turns.
 * @param quiet a record that alerts nobody, in its envelope
 * @throws Error when a process fails.
 */
export async function measureColdStarts(
  ruleSets: readonly { readonly name: string; readonly ruleSet: RuleSet }[],
  quiet: unknown,
  directory: string,
  rounds: number,
): Promise<ColdStarts> {
  const empty = join(directory, "empty.mjs");
  const start = join(directory, "start.mjs");
  writeFileSync(empty, SAY);
  writeFileSync(start, START);
  let sizes = { codeBytes: 0, startBytes: 0 };
  const contenders = [{ name: "empty process", args: [empty] }];
  for (const { name, ruleSet } of ruleSets) {
    const bundle = bundleDetector(ruleSet, CONFIG, mkdtempSync(join(directory, "bundle-")));
    sizes = { codeBytes: bundle.codeBytes, startBytes: bundle.startBytes };
    const index = pathToFileURL(join(bundle.directory, "index.mjs")).href;
    contenders.push({ name, args: [start, index, JSON.stringify(quiet)] });
  }
  const ages = contenders.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, { args }] of contenders.entries()) ages[at]?.push(await age(args, directory));
  }
  return { ...sizes, starts: contenders.map(({ name }, at) => ({ name, millis: median(ages[at] ?? []) })) };
}

async function age(args: readonly string[], cwd: string): Promise<number> {
  const { exitCode, text } = await execute(args, { cwd, env: ENVIRONMENT, limit: 60 });
  const found = /^age ([\d.]+)$/m.exec(text)?.[1];
  if (exitCode !== 0 || found === undefined) throw new Error(`a cold start failed:\n${text}`);
  return Number(found);
}
