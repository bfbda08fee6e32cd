import { beforeEach, describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { makeApi } from "../../../lambda/api/app.ts";
import { makeKeyStore } from "../../../lambda/api/make-key-store.ts";
import { makeOpenApi } from "../../../lambda/api/openapi.ts";
import { type CaseRow, type HistoryEntry, SCOPES } from "../../../lambda/cases/case-schema.ts";
import { makeScopeReader } from "../../../lambda/cases/scopes.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { newAlert, soon, storesOver } from "../cases/stores.ts";
import { judgeOfAnswer } from "./document.ts";

/** The API over the real stores: what is told is found, what is changed stays changed, and accounts are kept apart. */

const OTHER = "210987654321";
const MINE = "123456789012";
const document: unknown = JSON.parse(JSON.stringify(makeOpenApi()));

let ask: (path: string, credentials: string, change?: object) => Promise<{ status: number; body: unknown }>;
let write: string;
let narrow: string;
let alerts: Alert[];
beforeEach(async () => {
  const table = asTable(makeMemoryTable());
  const { tell, keep, cases } = storesOver(table);
  const keys = makeKeyStore(table, Date.now);
  const app = makeApi({
    cases,
    readScope: makeScopeReader({ cases, now: Date.now, destinationTypes: { topic: "sns" } }),
    keys,
    log: () => undefined,
    now: Date.now,
  });
  const credentials = async (options: object): Promise<string> => {
    const { key, secret } = await keys.create(
      { name: "alice", access: "write", requestsPerHour: 10_000, ...options },
      soon(),
    );
    return `${key.id}:${secret}`;
  };
  write = await credentials({});
  narrow = await credentials({ accountIds: [MINE] });
  ask = async (path, given, change) => {
    const answer = await app.request(path, {
      method: change === undefined ? "GET" : "PATCH",
      headers: { "x-api-key": given, "content-type": "application/json" },
      ...(change === undefined ? {} : { body: JSON.stringify(change) }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  alerts = [];
  for (let n = 0; n < 12; n++) {
    const account = n % 3 === 2 ? OTHER : MINE;
    alerts.push(
      await tell(
        newAlert(`2026-11-${18 + (n % 3)}T10:${String(n).padStart(2, "0")}:00Z`, {
          severity: n % 2 === 0 ? "high" : "low",
          cloud: { accountId: account, region: "eu-west-1", service: "ec2" },
        }),
      ),
    );
  }
  alerts.push(await keep(newAlert("2026-11-20T10:30:00Z", { disposition: "suppressed" })));
});

function ids(some: readonly { readonly id: string }[]): string[] {
  return some.map(({ id }) => id).toSorted();
}

/** All rows that a question gives, part by part. */
async function all(query: string, credentials: string): Promise<CaseRow[]> {
  const rows: CaseRow[] = [];
  let cursor = "";
  for (let parts = 0; parts < 100; parts++) {
    const { status, body } = await ask(`/alerts?${query}${cursor}`, credentials);
    expect({
      status,
      body: judgeOfAnswer(document, "get /alerts", "200", "application/json").safeParse(body).error,
    }).toEqual({
      status: 200,
      body: undefined,
    });
    const { alerts: found, next } = body as { alerts: CaseRow[]; next?: string };
    rows.push(...found);
    if (next === undefined) return rows;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
  throw new Error("the list does not end");
}

describe("the API over the stores", () => {
  it("lists every alert once, part by part, whatever is asked", async () => {
    const told = alerts.filter(({ disposition }) => disposition === "delivered");
    expect(ids(await all("limit=5", write))).toEqual(ids(told));
    expect(ids(await all("limit=2&severity=high", write))).toEqual(
      ids(told.filter(({ severity }) => severity === "high")),
    );
    expect(ids(await all("disposition=suppressed", write))).toEqual(ids(alerts.slice(12)));
    expect(ids(await all(`account=${OTHER}`, write))).toEqual(
      ids(told.filter(({ cloud }) => cloud.accountId === OTHER)),
    );
    expect(ids(await all("from=2026-11-19&to=2026-11-20", write))).toEqual(
      ids(told.filter(({ startTime }) => startTime.startsWith("2026-11-19"))),
    );
  });

  it("shows a key for one account that account's alerts only, in lists, cases and scopes", async () => {
    const rows = await all("limit=3", narrow);
    expect(rows).toHaveLength(8);
    expect(new Set(rows.map(({ accountId }) => accountId))).toEqual(new Set([MINE]));
    const [mine, hidden] = [alerts[0], alerts[2]];
    expect(hidden?.cloud.accountId).toBe(OTHER);
    for (const path of ["", ...SCOPES.map((scope) => `/${scope}`)])
      expect((await ask(`/alerts/${hidden?.id}${path}`, narrow)).status).toBe(404);
    expect((await ask(`/alerts/${hidden?.id}`, narrow, { comment: "x" })).status).toBe(404);
    for (const scope of SCOPES) {
      const { status, body } = await ask(`/alerts/${mine?.id}/${scope}`, narrow);
      expect(status).toBe(200);
      for (const other of alerts.filter(({ cloud }) => cloud.accountId === OTHER))
        expect(JSON.stringify(body)).not.toContain(other.id);
    }
  });

  it("gives each scope as it is documented", async () => {
    const id = alerts[0]?.id;
    const schema = judgeOfAnswer(document, "get /alerts/{id}/{scope}", "200", "application/json");
    for (const scope of SCOPES) {
      const { status, body } = await ask(`/alerts/${id}/${scope}`, write);
      expect({ scope, status, error: schema.safeParse(body).error }).toEqual({
        scope,
        status: 200,
        error: undefined,
      });
    }
    const related = (await ask(`/alerts/${id}/related-alerts`, write)).body;
    expect(related).toMatchObject({ state: "ready" });
  });

  it("closes, refuses what makes no sense, reopens, and tells all of it", async () => {
    const path = `/alerts/${alerts[1]?.id}`;
    const read = judgeOfAnswer(document, "get /alerts/{id}", "200", "application/json");
    const changed = judgeOfAnswer(document, "patch /alerts/{id}", "200", "application/json");
    const closing = { status: "closed", reason: "false-positive", comment: "a\u202etest" };
    const closed = await ask(path, write, closing);
    expect({ status: closed.status, error: changed.safeParse(closed.body).error }).toEqual({
      status: 200,
      error: undefined,
    });
    const refused = await ask(path, write, { status: "acknowledged" });
    expect(refused).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining("reopen it first") as string },
    });
    expect((await ask(path, write, { status: "open" })).status).toBe(200);
    const { body } = await ask(path, write);
    expect(read.safeParse(body).error).toBeUndefined();
    const { row, history } = body as { row: CaseRow; history: HistoryEntry[] };
    expect(row.status).toBe("open");
    expect(history.map(({ by, from, to, reason }) => ({ by, from, to, reason }))).toEqual([
      { by: "alice", from: "open", to: "closed", reason: "false-positive" },
      { by: "alice", from: "closed", to: "open", reason: undefined },
    ]);
    expect((await all("status=closed", write)).length).toBe(0);
  });

  it("answers 400 to a cursor of another question", async () => {
    const { body } = await ask("/alerts?limit=1&severity=high", write);
    const { next = "" } = body as { next?: string };
    expect(next).not.toBe("");
    const other = await ask(`/alerts?limit=1&severity=low&cursor=${encodeURIComponent(next)}`, write);
    expect(other).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining("Begin again") as string },
    });
  });
});
