/** The compatible API over the real stores in a table in memory, with a clock that tests move. */
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import type { ApiKey } from "../../../lambda/api/key-store.ts";
import { makeKeyStore } from "../../../lambda/api/make-key-store.ts";
import { makeScopeReader } from "../../../lambda/cases/scopes.ts";
import { makeLaceworkApi } from "../../../lambda/lacework/app.ts";
import type { LaceworkPorts } from "../../../lambda/lacework/ports.ts";
import type { Table } from "../../../lambda/state/table.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { newAlert, storesOver } from "../cases/stores.ts";

export const NOW = Date.parse("2026-11-20T12:00:00.000Z");
export const HOST = "https://abc123.lambda-url.eu-west-1.on.aws";
export const LATER = Number.MAX_SAFE_INTEGER;
const ALERTS = `${HOST}/api/v2/Alerts`;

export type Body = Readonly<Record<string, unknown>>;
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
};
export type KeyOptions = Partial<
  Pick<ApiKey, "name" | "access" | "accountIds" | "requestsPerHour" | "expiresAt">
>;

/** Makes the stage; `table` is the one in memory unless given. */
export function makeStage(changes: Partial<LaceworkPorts> = {}, table?: Table) {
  const memory = makeMemoryTable();
  const clock = { now: NOW };
  const failing: { with?: unknown } = {};
  const state =
    table ??
    asTable(memory, async (_, effect) => {
      if (failing.with !== undefined) throw failing.with;
      return effect();
    });
  const now = (): number => clock.now;
  const { cases, tell } = storesOver(state, now);
  const keys = makeKeyStore(state, now);
  const logged: string[] = [];
  const app = makeLaceworkApi({
    cases,
    keys,
    readScope: makeScopeReader({ cases, now, destinationTypes: { topic: "sns" } }),
    log: (line) => void logged.push(line),
    now,
    ...changes,
  });

  async function request(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await app.request(path.startsWith("http") ? path : `${HOST}${path}`, init);
    const text = await response.text();
    const body = text === "" ? {} : (JSON.parse(text) as Body);
    return { status: response.status, headers: response.headers, text, body };
  }

  async function makeKey(
    options: KeyOptions = {},
  ): Promise<{ readonly key: ApiKey; readonly secret: string }> {
    return keys.create({ name: "Sekoia", access: "write", requestsPerHour: 100_000, ...options }, LATER);
  }

  async function mint(id: string, secret: string, body: Body = {}): Promise<Answer> {
    return request("/api/v2/access/tokens", {
      method: "POST",
      headers: { "X-LW-UAKS": secret, "content-type": "application/json" },
      body: JSON.stringify({ keyId: id, ...body }),
    });
  }

  /** A token of a new key. */
  async function token(options: KeyOptions = {}): Promise<string> {
    const { key, secret } = await makeKey(options);
    return String((await mint(key.id, secret)).body["token"]);
  }

  /** Tells an alert and publishes it, at the time of the clock unless another is given. */
  async function publish(
    startTime: string,
    alertChanges: Partial<Alert> = {},
    record: Readonly<Record<string, unknown>> = {},
  ): Promise<Alert> {
    const alert = await tell(newAlert(startTime, alertChanges, record));
    await cases.publish(alert.id, LATER);
    return alert;
  }

  const get = (path: string, bearer: string): Promise<Answer> =>
    request(path, { headers: { authorization: `Bearer ${bearer}` } });
  const post = (path: string, bearer: string, body: unknown): Promise<Answer> =>
    request(path, {
      method: "POST",
      headers: { authorization: `Bearer ${bearer}` },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  return {
    app,
    cases,
    keys,
    clock,
    failing,
    logged,
    memory,
    tell,
    makeKey,
    mint,
    token,
    publish,
    request,
    get,
    post,
    list: (bearer: string, query = ""): Promise<Answer> => get(`${ALERTS}${query}`, bearer),
    search: (bearer: string, body: unknown): Promise<Answer> => post(`${ALERTS}/search`, bearer, body),
    scope: (bearer: string, id: number | string, scope: string): Promise<Answer> =>
      get(`${ALERTS}/${id}?scope=${scope}`, bearer),
    comment: (bearer: string, id: number | string, body: unknown): Promise<Answer> =>
      post(`${ALERTS}/${id}/comment`, bearer, body),
    close: (bearer: string, id: number | string, body: unknown): Promise<Answer> =>
      post(`${ALERTS}/${id}/close`, bearer, body),
  };
}
export type Stage = ReturnType<typeof makeStage>;

/** The rows of a list's answer. */
export function rowsOf({ body }: Answer): readonly Body[] {
  return body["data"] as readonly Body[];
}

/** The numbers in a list's answer. */
export function numbersOf(answer: Answer): unknown[] {
  return rowsOf(answer).map((row) => row["alertId"]);
}

/** The paging of a list's answer. */
export function pagingOf({ body }: Answer): {
  readonly rows: number;
  readonly totalRows: number;
  readonly urls: { readonly nextPage: string | null };
} {
  return body["paging"] as ReturnType<typeof pagingOf>;
}
