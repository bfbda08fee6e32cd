/**
 * The process that the bench of the API measures: it answers calls of each kind, many times, with other questions each
 * time, and tells its times and its memory. It is forked by `api.ts`, which hands it what it needs.
 */
import { once } from "node:events";
import { makeApi } from "../../lambda/api/app.ts";
import { makeKeyStore } from "../../lambda/api/make-key-store.ts";
import { SCOPES } from "../../lambda/cases/case-schema.ts";
import { makeCaseStore } from "../../lambda/cases/make-case-store.ts";
import { makeScopeReader } from "../../lambda/cases/scopes.ts";
import { openTable } from "../../lambda/state/table.ts";
import { quantile } from "./quantile.ts";
import { createDice } from "./random.ts";

/** Milliseconds of each kind of call, and the memory of this process. */
export type Answers = {
  readonly times: readonly { readonly name: string; readonly p50: number; readonly p99: number }[];
  readonly bytes: { readonly before: number; readonly after: number; readonly most: number };
  readonly answered: number;
};

/** What it needs. */
export type Task = {
  readonly endpoint: string;
  readonly table: string;
  readonly ids: readonly string[];
  readonly calls: number;
  readonly shape: {
    readonly days: number;
    readonly actors: number;
    readonly rules: number;
    readonly end: number;
  };
};

type Call = { readonly path: string; readonly change?: object; readonly status?: number };

const DAY_MS = 86_400_000;
const WARM_UP = 5;

/** Makes the calls. Throws when one is not answered as it should be. */
async function askTheApi({ endpoint, table: name, ids, calls, shape }: Task): Promise<Answers> {
  process.env["AWS_ACCESS_KEY_ID"] ??= "local";
  process.env["AWS_SECRET_ACCESS_KEY"] ??= "local";
  const table = openTable({ name, endpoint, region: "us-east-1" });
  const cases = makeCaseStore(table, { keepDays: 90, now: Date.now });
  const keys = makeKeyStore(table, Date.now);
  const app = makeApi({
    cases,
    readScope: makeScopeReader({ cases, now: Date.now, destinationTypes: { topic: "sns" } }),
    keys,
    log: () => undefined,
    now: Date.now,
  });
  const options = { name: "bench", access: "write", requestsPerHour: 1_000_000 } as const;
  const { key, secret } = await keys.create(options, Date.now() + 30_000);
  const dice = createDice(9);
  const id = (): string => dice.pick(ids);
  const day = (): number => shape.end - dice.below(shape.days - 2) * DAY_MS;
  let cursor = "";

  const kinds: Record<
    string,
    () => { readonly path: string; readonly change?: object; readonly status?: number }
  > = {
    "GET /alerts, the newest 50": () => ({ path: "/alerts" }),
    "GET /alerts, the next 50": () => ({ path: `/alerts?cursor=${encodeURIComponent(cursor)}` }),
    "GET /alerts, the newest 200": () => ({ path: "/alerts?limit=200" }),
    "GET /alerts, critical ones of a day": () => {
      const to = day();
      return { path: `/alerts?severity=critical&from=${time(to - DAY_MS)}&to=${time(to)}` };
    },
    "GET /alerts of an actor": () => ({
      path: `/alerts?actor=${encodeURIComponent(`arn:aws:iam::123456789012:user/user-${dice.below(shape.actors)}`)}`,
    }),
    "GET /alerts of a rule": () => ({
      path: `/alerts?rule=ec2.amazonaws.com/rule-${dice.below(shape.rules)}`,
    }),
    "GET /alerts that are closed (rare)": () => ({ path: "/alerts?status=closed" }),
    "GET /alerts/{id}": () => ({ path: `/alerts/${id()}` }),
    ...Object.fromEntries(
      SCOPES.map((scope) => [`GET /alerts/{id}/${scope}`, () => ({ path: `/alerts/${id()}/${scope}` })]),
    ),
    "PATCH /alerts/{id}": () => ({
      path: `/alerts/${id()}`,
      change: { status: dice.pick(["open", "acknowledged"]), comment: `seen ${dice.hex(8)}` },
    }),
    "GET /alerts/{id} that is not there": () => ({ path: `/alerts/${dice.hex(32)}`, status: 404 }),
    "GET /alerts with a wrong key": () => ({ path: "/alerts", status: 401 }),
  };

  let answered = 0;
  const call = async (kind: string, ask: () => Call): Promise<number> => {
    const { path, change, status = 200 } = ask();
    const given = status === 401 ? secret.toLowerCase() : secret;
    const start = performance.now();
    const answer = await app.request(path, {
      method: change === undefined ? "GET" : "PATCH",
      headers: { "x-api-key": `${key.id}:${given}`, "content-type": "application/json" },
      ...(change === undefined ? {} : { body: JSON.stringify(change) }),
    });
    const body = (await answer.json()) as { next?: string };
    const took = performance.now() - start;
    if (answer.status !== status)
      throw new Error(
        `${kind}: ${path} was answered with ${answer.status}: ${JSON.stringify(body).slice(0, 300)}`,
      );
    if (path === "/alerts" && body.next !== undefined) cursor = body.next;
    answered++;
    return took;
  };

  const before = process.memoryUsage().rss;
  let most = before;
  const times: Answers["times"][number][] = [];
  for (const [kind, ask] of Object.entries(kinds)) {
    for (let n = 0; n < WARM_UP; n++) await call(kind, ask);
    const took: number[] = [];
    for (let n = 0; n < calls; n++) {
      took.push(await call(kind, ask));
      if (n % 20 === 0) most = Math.max(most, process.memoryUsage().rss);
    }
    times.push({ name: kind, p50: quantile(took, 0.5), p99: quantile(took, 0.99) });
    process.stderr.write(`${kind} …\n`);
  }
  return { times, bytes: { before, after: process.memoryUsage().rss, most }, answered };
}

function time(at: number): string {
  return new Date(at).toISOString();
}

const [task] = (await once(process, "message")) as [Task];
const answers = await askTheApi(task);
process.send?.(answers, () => process.disconnect());
