/**
 * Our API: alerts as cases, for programs. It reads and changes through a few ports, so that the same app runs behind a
 * Lambda function URL, in `npm start` and in tests.
 *
 *     const app = makeApi({ cases, readScope, keys, log, now });
 *     await app.request("/alerts?severity=high", { headers: { "x-api-key": "CTE_…:…" } })
 *     // 200 { "alerts": [{ "id": "…", "title": "…", … }], "next": "…" }
 */
import { type Context, Hono } from "hono";
import { SCOPES } from "../cases/case-schema.ts";
import { type CaseStore, CursorError } from "../cases/case-store.ts";
import type { ReadScope } from "../cases/scopes.ts";
import { type ApiEnv, authenticate, keyOf, maySee, REQUEST_MS } from "./authenticate.ts";
import { jsonAnswer, readJson, safeHeaders } from "./bodies.ts";
import { readChange, readIdempotencyKey } from "./case-change.ts";
import type { ApiKey, KeyStore } from "./key-store.ts";
import { logFailure, logUse } from "./log-use.ts";
import { makeOpenApi } from "./openapi.ts";
import { readParameters } from "./parameters.ts";
import { ask, problemDocument, ProblemError } from "./problem.ts";

/** What the API needs of the world. `now` is in milliseconds since 1970; `log` takes one line. */
export type ApiPorts = {
  readonly cases: Pick<CaseStore, "list" | "read" | "change">;
  readonly readScope: ReadScope;
  readonly keys: Pick<KeyStore, "check" | "count">;
  readonly log: (line: string) => void;
  readonly now: () => number;
};

const API = "alerts";
const PATHS = ["/alerts", "/alerts/{id}", `/alerts/{id}/{${SCOPES.join("|")}}`, "/openapi.json"];
const ALERT_ID = /^[0-9a-f]{32}$/;

/** The app: hand it requests. It answers all of them, and never throws. */
export function makeApi({ cases, readScope, keys, log, now }: ApiPorts): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const deadline = (): number => now() + REQUEST_MS;

  /** Refuses alerts of other accounts as if they were not there. */
  const refuseHidden = async (key: ApiKey, id: string): Promise<void> => {
    if (key.accountIds === undefined) return;
    const found = await ask(() => cases.read(id, deadline()));
    if (found === undefined || !maySee(key, found.row.accountId)) throw noSuchAlert();
  };

  app.use("*", logUse(API, log, now), safeHeaders, authenticate(keys, now));

  app.get("/alerts", async (context) => {
    const { filter, limit, cursor } = readParameters(new URL(context.req.url).searchParams);
    const accountIds = narrow(filter.accountIds, keyOf(context).accountIds);
    // Only accounts that the key may not see: nothing, whether or not they have alerts.
    if (accountIds?.length === 0) return jsonAnswer({ alerts: [] });
    try {
      const { rows, next } = await ask(() =>
        cases.list(
          { ...filter, ...(accountIds === undefined ? {} : { accountIds }) },
          { limit, ...(cursor === undefined ? {} : { cursor }) },
          deadline(),
        ),
      );
      const visible = rows.filter(({ accountId }) => maySee(keyOf(context), accountId));
      return jsonAnswer({ alerts: visible, ...(next === undefined ? {} : { next }) });
    } catch (error) {
      if (!(error instanceof CursorError)) throw error;
      throw new ProblemError(
        400,
        "cursor is what the page before gave as next, with all other parameters as they were then. Begin again without it.",
      );
    }
  });

  app.get("/alerts/:id", async (context) => {
    const id = idOf(context);
    const found = await ask(() => cases.read(id, deadline()));
    if (found === undefined || !maySee(keyOf(context), found.row.accountId)) throw noSuchAlert();
    return jsonAnswer(found);
  });

  app.patch("/alerts/:id", async (context) => {
    const id = idOf(context);
    const key = keyOf(context);
    if (key.access !== "write")
      throw new ProblemError(
        403,
        "This key may read only. Make one that may write: engine keys create --write.",
      );
    const idempotencyKey = readIdempotencyKey(context.req.header("idempotency-key"), key.id);
    const change = readChange(await readJson(context.req.raw));
    await refuseHidden(key, id);
    const changed = await ask(() =>
      cases.change(
        id,
        { by: key.name, ...change, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) },
        deadline(),
      ),
    );
    if (changed.ok) return jsonAnswer({ alert: changed.row, entry: changed.entry });
    throw changed.why === "not-found" ? noSuchAlert() : new ProblemError(409, changed.message);
  });

  app.get("/alerts/:id/:scope", async (context) => {
    const id = idOf(context);
    const scope = SCOPES.find((one) => one === context.req.param("scope"));
    if (scope === undefined)
      throw new ProblemError(404, `An alert has no such scope. Ask for one of ${SCOPES.join(", ")}.`);
    const found = await ask(() => readScope(id, scope, deadline(), keyOf(context).accountIds));
    if (found === undefined) throw noSuchAlert();
    return jsonAnswer(found);
  });

  let document: object | undefined;
  app.get("/openapi.json", () => jsonAnswer((document ??= makeOpenApi())));

  for (const [path, methods] of [
    ["/alerts", "GET, HEAD"],
    ["/alerts/:id", "GET, HEAD, PATCH"],
    ["/alerts/:id/:scope", "GET, HEAD"],
    ["/openapi.json", "GET, HEAD"],
  ] as const) {
    app.all(path, () => {
      throw new ProblemError(405, `Use one of ${methods} here.`, { allow: methods });
    });
  }
  app.notFound(() =>
    answerProblem(new ProblemError(404, `There is nothing here. There are ${PATHS.join(", ")}.`)),
  );
  app.onError((error) => {
    const known = error instanceof ProblemError;
    if (!known || error.status >= 500) logFailure(API, error, log);
    return answerProblem(
      known
        ? error
        : new ProblemError(500, "The engine failed to answer. It is in its log; tell whoever runs it."),
    );
  });
  return app;
}

/** The id in a path, of an alert that may be there. */
function idOf(context: Context<ApiEnv>): string {
  const id = context.req.param("id") ?? "";
  if (!ALERT_ID.test(id)) throw noSuchAlert();
  return id;
}

function answerProblem(error: ProblemError): Response {
  return jsonAnswer(problemDocument(error), {
    status: error.status,
    type: "application/problem+json",
    headers: error.headers,
  });
}

function noSuchAlert(): ProblemError {
  return new ProblemError(
    404,
    "There is no such alert, or none that this key may see. An id has 32 hexadecimal digits; GET /alerts lists them.",
  );
}

/** The accounts that are asked for, of those that the key may see; undefined is all. */
function narrow(
  asked: readonly string[] | undefined,
  allowed: readonly string[] | undefined,
): readonly string[] | undefined {
  if (asked === undefined || allowed === undefined) return asked ?? allowed;
  return asked.filter((account) => allowed.includes(account));
}
