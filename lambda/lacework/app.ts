/**
 * The alert calls of Lacework's API v2, so that what pulls alerts from there pulls ours by a change of host alone: Sekoia.io's
 * connector, Lacework's command line and Python client, Red Canary. Field by field after LACEWORK-API.md; what those clients
 * break on decides wherever the original is not known.
 *
 *     const app = makeLaceworkApi({ cases, readScope, keys, log, now });
 *     await app.request("https://host/api/v2/Alerts", { headers: { authorization: token } })   // 200 {"paging": …, "data": […]}
 */
import { type Context, Hono } from "hono";
import { type ApiEnv, keyOf } from "../api/authenticate.ts";
import { jsonAnswer, readBody, safeHeaders } from "../api/bodies.ts";
import type { ApiKey } from "../api/key-store.ts";
import { logFailure, logUse } from "../api/log-use.ts";
import { ask, ProblemError, UnavailableError } from "../api/problem.ts";
import { isObject } from "../record/untrusted.ts";
import { addComment, closeAlert } from "./changes.ts";
import { firstPage, type ListPage, nextPage } from "./list.ts";
import { type LaceworkPorts, REQUEST_MS } from "./ports.ts";
import { notFound, refusalOf } from "./problem.ts";
import { questionOfBody, questionOfQuery, readCursor, writeCursor } from "./question.ts";
import { readLaceworkScope } from "./scopes.ts";
import { countOne, keyOfSecret, mintToken, tokenIn } from "./tokens.ts";

const API = "lacework";
const TOKENS = "/api/v2/access/tokens";
const ALERTS = "/api/v2/Alerts";

const KEY_ID = /^CTE_[0-9A-F]{24}$/;
/** A token begins with its key's id, which is no secret. */
const KEY_ID_LENGTH = 28;

/** The app: it answers any request with JSON that has a `message` where something is wrong, and never throws. */
export function makeLaceworkApi(ports: LaceworkPorts): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const deadline = (): number => ports.now() + REQUEST_MS;

  app.use(logUse(API, ports.log, ports.now));
  app.use(safeHeaders);

  app.post(TOKENS, async (context) => {
    const body = await bodyOf(context);
    const by = deadline();
    claim(context, isObject(body) ? body["keyId"] : undefined);
    const key = await keyOfSecret(ports, body, context.req.header("x-lw-uaks"), by);
    context.set("key", key);
    return jsonAnswer(await mintToken(ports, key, body, by), { status: 201 });
  });

  // Behind this line nothing is answered without a token, not even that a path does not exist.
  app.use(async (context, next) => {
    const by = deadline();
    const token = tokenIn(context.req.header("authorization"));
    claim(context, token.slice(0, KEY_ID_LENGTH));
    const key = token === "" ? undefined : await ask(() => ports.keys.checkToken(token, by));
    if (key === undefined) {
      throw new ProblemError(401, `The token is missing, unknown or expired: POST ${TOKENS} gives one.`);
    }
    context.set("key", key);
    await countOne(ports, key, by);
    await next();
  });

  app.get(ALERTS, async (context) => {
    const question = questionOfQuery(
      context.req.query("startTime"),
      context.req.query("endTime"),
      ports.now(),
    );
    return listAnswer(context, await firstPage(ports, keyOf(context), question, deadline()));
  });
  app.post(`${ALERTS}/search`, async (context) => {
    const question = questionOfBody((await bodyOf(context)) ?? {}, ports.now());
    return listAnswer(context, await firstPage(ports, keyOf(context), question, deadline()));
  });
  // Other parameters are ignored: the Python client sends those of the first page again.
  for (const path of [`${ALERTS}/nextPage`, `${ALERTS}/search/nextPage`]) {
    app.get(path, async (context) => {
      const cursor = readCursor(context.req.query("cursor"));
      return listAnswer(context, await nextPage(ports, keyOf(context), cursor, deadline()));
    });
  }

  app.get(`${ALERTS}/:id`, async (context) => {
    const request = { id: context.req.param("id"), scope: context.req.query("scope") };
    return jsonAnswer({ data: await readLaceworkScope(ports, keyOf(context), request, deadline()) });
  });
  app.post(`${ALERTS}/:id/comment`, async (context) => {
    const key = writingKey(context);
    const body = await bodyOf(context);
    const entry = await addComment(ports, key, context.req.param("id"), body, deadline());
    return jsonAnswer({ data: entry });
  });
  app.post(`${ALERTS}/:id/close`, async (context) => {
    const key = writingKey(context);
    const body = await bodyOf(context);
    await closeAlert(ports, key, context.req.param("id"), body, deadline());
    return new Response(null, { status: 204 });
  });

  app.notFound(() => refusalOf(notFound()));
  app.onError((error) => {
    if (!(error instanceof ProblemError) || error instanceof UnavailableError)
      logFailure(API, error, ports.log);
    if (error instanceof ProblemError) return refusalOf(error);
    return jsonAnswer({ message: "Something is wrong here; its log says what." }, { status: 500 });
  });
  return app;
}

/** Whose key it is said to be, for the log: only what has an id's form gets there. */
function claim(context: Context<ApiEnv>, id: unknown): void {
  if (typeof id === "string" && KEY_ID.test(id)) context.set("claimedKey", id);
}

function listAnswer(context: Context<ApiEnv>, { rows, total, next }: ListPage): Response {
  const paging = {
    rows: rows.length,
    totalRows: total,
    urls: { nextPage: next === undefined ? null : nextUrl(context.req.raw, writeCursor(next)) },
  };
  return jsonAnswer({ paging, data: rows });
}

/**
 * The address of the next page, on the host that was asked: Sekoia's connector fetches it as it stands, with its token, and
 * the Python client looks for its own domain in it. X-Forwarded-Host is not read, for a token must never be sent to where
 * somebody in between points. X-Forwarded-Proto only ever makes it https.
 */
function nextUrl(request: Request, cursor: string): string {
  const url = new URL(request.url);
  const proto = request.headers.get("x-forwarded-proto")?.split(",")[0]?.trim();
  const scheme = proto === "https" ? "https:" : url.protocol;
  const list = url.pathname.startsWith(`${ALERTS}/search`) ? `${ALERTS}/search` : ALERTS;
  return `${scheme}//${url.host}${list}/nextPage?cursor=${cursor}`;
}

function writingKey(context: Context<ApiEnv>): ApiKey {
  const key = keyOf(context);
  if (key.access === "write") return key;
  throw new ProblemError(403, "This key may only read: commenting and closing take a key with write access.");
}

/** The body as JSON, whatever its type is called; undefined when there is none. */
async function bodyOf(context: Context<ApiEnv>): Promise<unknown> {
  const bytes = await readBody(context.req.raw);
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch {
    // The parser's own message quotes the text, which may be a secret.
    throw new ProblemError(400, "The body is no JSON in UTF-8.");
  }
}
