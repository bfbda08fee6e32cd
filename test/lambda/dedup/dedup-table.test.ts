import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { putMember } from "../../../lambda/dedup/members.ts";
import { UntoldError } from "../../../lambda/dedup/ports.ts";
import { countInto, readWindows } from "../../../lambda/dedup/windows.ts";
import { openTable, type Table } from "../../../lambda/state/table.ts";
import { LOCAL_CREDENTIALS } from "../../../lib/local/queues.ts";
import { startTables } from "../../../lib/local/local-table.ts";
import { modelTable } from "./model-table.ts";
import { alertOf, makeRecord, makeRule, makeWorld, MINUTE, START } from "./world.ts";

/** The same lives on DynamoDB (dynalite) and on the table of the other tests: every expression is one that it takes. */

let tables: Awaited<ReturnType<typeof startTables>>;
let real: Table;

beforeAll(async () => {
  tables = await startTables("eu-central-1");
  await tables.createTable("State", {
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
    ],
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
  });
  real = withTime(
    openTable({
      name: "State",
      endpoint: tables.url,
      region: "eu-central-1",
      credentials: LOCAL_CREDENTIALS,
    }),
  );
});
afterAll(() => tables.close());

/** The tests' clock stands years away from the SDK's. */
function withTime(table: Table): Table {
  return {
    get: (key) => table.get(key, soon()),
    put: (item, condition) => table.put(item, condition, soon()),
    update: (key, update) => table.update(key, update, soon()),
    query: (pk, range) => table.query(pk, range, soon()),
    queryIndex: (index, pk, range) => table.queryIndex(index, pk, range, soon()),
  };
}

const rules = [
  makeRule({}),
  makeRule({ threshold: { count: 3, within: "5m", by: ["actor.arn"] } }),
  makeRule({ threshold: { count: 3, within: "5m", by: ["actor.arn"], distinct: "requestParameters.key" } }),
];

async function liveOn(table: Table, prefix: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const [index, rule] of rules.entries()) {
    const own = { ...rule, id: `${prefix}${index}` };
    const world = makeWorld(table);
    for (let at = 0; at < 60; at++) {
      // Forwards with jumps back, over five windows and more, some of them twice.
      const time = START + at * 1.5 * MINUTE - (at % 4) * 3 * MINUTE;
      const record = makeRecord(`r${at}`, time, { requestParameters: { key: `k${at % 5}` } });
      await world.advanceTo(time);
      seen.push((await world.process(own, record)).kind);
      if (at % 7 === 0) seen.push((await world.process(own, record)).kind);
    }
    await world.advanceTo(START + 600 * MINUTE);
    seen.push([...world.alerts.values()].map(({ count, startTime, summary }) => [count, startTime, summary]));
    seen.push([...world.summaries.values()].map(({ count, endTime, summary }) => [count, endTime, summary]));
  }
  return seen;
}

describe("counting on DynamoDB", () => {
  it("answers as on the table of the other tests", async () => {
    const model = await liveOn(modelTable(), "s3.amazonaws.com/m");
    expect(await liveOn(real, "s3.amazonaws.com/m")).toEqual(model);
    expect(new Set(model.filter((one) => typeof one === "string"))).toEqual(
      new Set(["first", "repeat", "counting"]),
    );
  }, 60_000);

  it("tells one of fifty that come at once, and counts all of them", async () => {
    const world = makeWorld(real);
    const rule = { ...makeRule({}), id: "s3.amazonaws.com/at-once" };
    const records = Array.from({ length: 50 }, (_, at) => makeRecord(`r${at}`, START + at * 1000));
    // The clock does not wait for the real table, so who comes while nothing is recorded comes again, as with Lambda.
    const insist = async (record: (typeof records)[number]): ReturnType<typeof world.process> => {
      try {
        return await world.process(rule, record);
      } catch (error) {
        if (!(error instanceof UntoldError)) throw error;
        return insist(record);
      }
    };
    const answers = await Promise.all(records.map((record) => insist(record)));
    const firsts = answers.filter(({ kind }) => kind === "first");
    expect(firsts).toHaveLength(1);
    expect(world.alerts.size).toBe(1);
    await world.advanceTo(START + 60 * MINUTE);
    expect([...world.summaries.values()].map(({ count }) => count)).toEqual([50]);
  }, 60_000);

  it("does not count into a window that is closed or is not there", async () => {
    expect(await countInto(real, "WINDOW#none", "1-x", 1, {}, 0)).toBeUndefined();
    expect(await readWindows(real, "WINDOW#none", 0)).toEqual({ version: 0, windows: [] });
  });

  it("puts a member once", async () => {
    const rule = makeRule({});
    const alert = alertOf(rule, makeRecord("m", START));
    const member = { id: alert.id, time: START, at: START, actor: "alice", resources: [] };
    const options = { expiresAt: 1, deadline: 0 };
    expect(await putMember(real, "WINDOW#m", member, options)).toBe(true);
    expect(await putMember(real, "WINDOW#m", member, options)).toBe(false);
  });
});

function soon(): number {
  return Date.now() + 10_000;
}
