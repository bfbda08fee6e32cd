/**
 * `npm run faults -- --schedules N [--seed S]`: random schedules of faults against the real code. The last line of stdout
 * is `schedules N, alerts A, lost L, repeated R`; exit 1 unless nothing was lost, repeated or otherwise wrong.
 */
import { parseArgs } from "node:util";
import { prove } from "./prove.ts";

const USAGE = `Usage: npm run faults -- [--schedules N] [--seed S]

Runs N (2000) random schedules of outages, lost answers, deaths and duplicates against the real code of the Lambda, on
virtual time. A schedule that fails is shrunk and printed with its seed.

  npm run faults -- --schedules 500
  npm run faults -- --schedules 500 --seed 42      the same schedules again
`;

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      schedules: { type: "string", default: "2000" },
      seed: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const count = whole(values.schedules);
  const seed = whole(values.seed);
  if (count === undefined || count === 0 || (values.seed !== undefined && seed === undefined)) {
    process.stderr.write(`--schedules and --seed take whole numbers.\n\n${USAGE}`);
    return 2;
  }
  const onProgress = (done: number): void => {
    if (done % 1000 === 0) process.stderr.write(`${done} of ${count}\n`);
  };
  const proof = await prove({ count, onProgress, ...(seed === undefined ? {} : { seed }) });
  process.stderr.write(`seed ${proof.seed}\n`);
  if (proof.failure !== undefined) {
    process.stderr.write(`${JSON.stringify(proof.failure.schedule, undefined, 2)}\n`);
    for (const violation of proof.failure.violations) process.stderr.write(`- ${violation}\n`);
  }
  const { schedules, alerts, lost, repeated, failure } = proof;
  process.stdout.write(`schedules ${schedules}, alerts ${alerts}, lost ${lost}, repeated ${repeated}\n`);
  return failure === undefined && lost === 0 && repeated === 0 ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  return 2;
});
