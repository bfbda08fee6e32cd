/** The API with keys in a memory table and cases in a list, so that each test says only what it is about. */
import type { Hono } from "hono";
import { expect } from "vitest";
import { makeApi } from "../../../lambda/api/app.ts";
import type { ApiEnv } from "../../../lambda/api/authenticate.ts";
import type { KeyStore } from "../../../lambda/api/key-store.ts";
import { makeKeyStore } from "../../../lambda/api/make-key-store.ts";
import type { Case, CaseRow, HistoryEntry, Scope, ScopeName } from "../../../lambda/cases/case-schema.ts";
import { type CaseChange, type CaseFilter, CursorError } from "../../../lambda/cases/case-store.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { sampleAlert } from "../alerts/sample.ts";

export const NOW = Date.parse("2026-11-20T12:00:00.000Z");
export const ALLOWED = "123456789012";
export const OTHER = "210987654321";
export const LATER = Number.MAX_SAFE_INTEGER;

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream;
type Init = {
  readonly method?: string;
  readonly body?: Body;
  readonly headers?: Readonly<Record<string, string>>;
};

/** The API, what it asked of the cases, what it logged, and ways to make it fail. */
export type Stage = {
  readonly app: Hono<ApiEnv>;
  readonly keys: KeyStore;
  readonly cases: readonly Case[];
  readonly lists: { readonly filter: CaseFilter; readonly limit: number; readonly cursor?: string }[];
  readonly changes: { readonly id: string; readonly change: CaseChange }[];
  readonly scopes: {
    readonly id: string;
    readonly scope: ScopeName;
    readonly accountIds?: readonly string[];
  }[];
  readonly logged: string[];
  /** Thrown by whatever is asked of the table, while it is there. */
  failing: { readonly with: unknown } | undefined;
  /** The credentials of a new key. */
  key(options?: Partial<Parameters<KeyStore["create"]>[0]>): Promise<string>;
  get(path: string, credentials?: string, init?: Init): Promise<Response>;
  /** A PATCH with whatever body. */
  send(id: string, credentials: string, body: Body, headers?: Record<string, string>): Promise<Response>;
  patch(id: string, credentials: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
};

/** Makes it with two cases: one of the account ALLOWED, one of the account OTHER. */
export function makeStage(now: () => number = () => NOW): Stage {
  const cases = [
    makeCase({ eventID: "11111111-0000-4000-8000-000000000001" }),
    makeCase({ eventID: "11111111-0000-4000-8000-000000000002", recipientAccountId: OTHER }),
  ];
  const memory = makeMemoryTable();
  const fail = (): void => {
    if (stage.failing !== undefined) throw stage.failing.with;
  };
  const table = asTable(memory, async (_, effect) => {
    fail();
    return effect();
  });
  const keys = makeKeyStore(table, now);
  const find = (id: string, accountIds?: readonly string[]): Case | undefined =>
    cases.find(
      ({ row }) => row.id === id && (accountIds === undefined || accountIds.includes(row.accountId ?? "")),
    );
  const app = makeApi({
    cases: {
      list: async (filter, page) => {
        fail();
        if (page.cursor !== undefined && page.cursor !== "page-2") throw new CursorError("no cursor");
        stage.lists.push({ filter, ...page });
        const rows = cases.map(({ row }) => row);
        return page.cursor === undefined ? { rows, next: "page-2" } : { rows: [] };
      },
      read: async (id) => {
        fail();
        return find(id);
      },
      change: async (id, change) => {
        fail();
        stage.changes.push({ id, change });
        const found = find(id);
        if (found === undefined) return { ok: false, why: "not-found", message: "inner words" };
        if (change.comment === "refuse this")
          return { ok: false, why: "refused", message: "It is closed already. Reopen it first." };
        const entry: HistoryEntry = {
          id: "e1",
          at: new Date(now()).toISOString(),
          by: change.by,
          ...(change.comment === undefined ? {} : { comment: change.comment }),
        };
        return { ok: true, row: { ...found.row, status: change.status ?? found.row.status }, entry };
      },
    },
    readScope: async (id, scope, _deadline, accountIds) => {
      fail();
      stage.scopes.push({ id, scope, ...(accountIds === undefined ? {} : { accountIds }) });
      return find(id, accountIds) === undefined ? undefined : scopeOf(scope);
    },
    keys,
    log: (line) => void stage.logged.push(line),
    now,
  });
  const request = async (path: string, credentials: string | undefined, init: Init = {}) => {
    const { method = "GET", body, headers } = init;
    return app.request(path, {
      method,
      headers: { ...(credentials === undefined ? {} : { "x-api-key": credentials }), ...headers },
      ...(body === undefined ? {} : { body }),
      // What fetch asks for where a body is a stream.
      ...(body instanceof ReadableStream ? { duplex: "half" as const } : {}),
    });
  };
  const stage: Stage = {
    app,
    keys,
    cases,
    lists: [],
    changes: [],
    scopes: [],
    logged: [],
    failing: undefined,
    async key(options = {}) {
      const made = await keys.create(
        { name: "alice", access: "read", requestsPerHour: 100_000, ...options },
        LATER,
      );
      return `${made.key.id}:${made.secret}`;
    },
    get: async (path, credentials, init) => request(path, credentials, init),
    send: async (id, credentials, body, headers = {}) =>
      request(`/alerts/${id}`, credentials, {
        method: "PATCH",
        body,
        headers: { "content-type": "application/json", ...headers },
      }),
    patch: async (id, credentials, body, headers) =>
      stage.send(id, credentials, typeof body === "string" ? body : JSON.stringify(body), headers),
  };
  return stage;
}

/** The document of a refusal, which says the same status as the answer. */
export async function problemOf(answer: Response): Promise<{ readonly detail: string }> {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const problem = (await answer.json()) as { readonly status: number; readonly detail: string };
  expect(problem.status).toBe(answer.status);
  return problem;
}

/** The id of the nth case. */
export function idOf(stage: Stage, at: number): string {
  return stage.cases[at]?.row.id ?? "";
}

function makeCase(record: Readonly<Record<string, unknown>>): Case {
  const alert = sampleAlert(record);
  const row: CaseRow = {
    id: alert.id,
    status: alert.status,
    disposition: alert.disposition,
    severity: alert.severity,
    title: alert.title,
    summary: alert.summary,
    startTime: alert.startTime,
    endTime: alert.endTime,
    count: alert.count,
    ruleId: alert.rule.id,
    ruleName: alert.rule.name,
    actor: { key: alert.actor.arn ?? "", name: alert.actor.name, type: alert.actor.type },
    channel: alert.channel.name,
    service: alert.cloud.service,
    eventName: "AuthorizeSecurityGroupIngress",
    resources: [],
    createdAt: alert.startTime,
    ...(alert.cloud.accountId === undefined ? {} : { accountId: alert.cloud.accountId }),
  };
  return {
    row,
    alert,
    history: [{ id: "h1", at: alert.startTime, by: "alice", comment: "\u202ehostile" }],
    integrations: [
      {
        destination: "slack",
        part: "first",
        outcome: "delivered",
        attempts: 1,
        firstAttempt: alert.startTime,
      },
    ],
  };
}

function scopeOf(scope: ScopeName): Scope {
  if (scope === "details") return { scope, state: "unavailable", why: "The record is gone." };
  if (scope === "investigation") return { scope, state: "pending", why: "It is being computed." };
  const computedAt = "2026-11-20T12:00:00.000Z";
  const values = {
    events: { events: [], total: 1 },
    "related-alerts": { alerts: [], considered: 0, all: true },
    integrations: { integrations: [] },
    timeline: { entries: [], all: true },
  };
  return { scope, state: "ready", computedAt, value: values[scope], notes: [] };
}
