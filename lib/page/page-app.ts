/**
 * The page's server as an app: who may ask is judged first, for every path alike, then come the page's own files and
 * its calls. Everything that goes out is JSON in which nothing is hidden; nothing is written into the document.
 *
 *     GET  /?token=…                       a cookie, and the document
 *     GET  /api/rows?cursor=…              a part of the list, newest first
 *     GET  /api/stream                     what is new, as server-sent events
 *     POST /api/cases/5f0c…/changes        {"status":"acknowledged"}
 */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { CLOSE_REASONS, SCOPES, type ScopeName, statusSchema } from "../../lambda/cases/case-schema.ts";
import { CursorError } from "../../lambda/cases/case-store.ts";
import { FORMAT_NAMES, openFormat } from "../../lambda/formats/formats.ts";
import { DOCUMENT, ICON, type PageFiles } from "./build-app.ts";
import { cookieName, cookieValue, type Door, refusalOf, refusalOfEntry } from "./guard.ts";
import type { PagePorts } from "./ports.ts";
import { ALL_CASES, type RowWatch } from "./row-watch.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";
import { draftSuppression, offerFacts, suppressionRequestSchema } from "./suppression.ts";
import { MAX_PASTED, whyNot, whyRequestSchema } from "./why-not.ts";

const LIMIT_MS = 10_000;
const ROWS_AT_ONCE = 1000;
const MAX_BODY = 65_536;
/** A record of the largest size, with the JSON around it and every character of it escaped once. */
const MAX_WHY_BODY = 2 * MAX_PASTED + 4096;
/** The stream says something so often, in milliseconds, that a connection that is gone is found out. */
const BEAT_MS = 15_000;
const PICTURE_MS = 1000;
/** Streams at once: a browser has few tabs, a fault has many. */
const MAX_STREAMS = 32;

const changeSchema = z
  .strictObject({
    status: statusSchema.optional(),
    reason: z.enum(CLOSE_REASONS).optional(),
    comment: z.string().trim().min(1).max(4000).optional(),
    idempotencyKey: z.string().max(100).optional(),
  })
  .refine(
    ({ status, comment }) => status !== undefined || comment !== undefined,
    "Give a status or a comment.",
  )
  .refine(({ status, reason }) => status !== "closed" || reason !== undefined, "Closing needs a reason.");

const ID = /^[0-9a-f]{32}$/;
const NO_CASE = "There is no such alert: its id is wrong, or it is older than alerts are kept.";

/** A request that cannot be answered, and why. */
class RequestError extends Error {
  override readonly name = "RequestError";
  readonly status: 400 | 404 | 409 | 413 | 429;
  constructor(status: 400 | 404 | 409 | 413 | 429, message: string) {
    super(message);
    this.status = status;
  }
}

const json = (value: object, status = 200): Response =>
  new Response(safeJson(value), { status, headers: { "content-type": "application/json" } });

const tooLarge = (limit: number): Response =>
  json({ error: `That is too much: ${Math.floor(limit / 1024)} KB at most.` }, 413);

/** Makes the app. */
export function makePageApp(ports: PagePorts, door: Door, files: PageFiles, watch: RowWatch): Hono {
  const app = new Hono();
  const deadline = (): number => ports.now() + LIMIT_MS;

  app.use("*", async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.res.headers.set(name, value);
  });
  app.use("*", async (c, next) => {
    const asking = { method: c.req.method, path: c.req.path, header: (name: string) => c.req.header(name) };
    const token = c.req.path === "/" ? c.req.query("token") : undefined;
    const refused = token === undefined ? refusalOf(asking, door) : refusalOfEntry(asking, token, door);
    if (refused !== undefined) return c.text(`Refused: ${refused}.\n`, 403);
    if (token !== undefined)
      c.header("set-cookie", `${cookieName(door)}=${cookieValue(door)}; Path=/; HttpOnly; SameSite=Strict`);
    return next();
  });
  app.onError((error) => {
    if (error instanceof RequestError) return json({ error: error.message }, error.status);
    if (error instanceof CursorError) return json({ error: error.message }, 400);
    ports.onProblem(`the page could not answer: ${error.message}`);
    return json({ error: `This could not be read: ${error.message}` }, 500);
  });
  app.notFound(() => json({ error: "There is nothing at this address." }, 404));

  app.get("/", (c) => c.html(DOCUMENT));
  app.get("/app.js", (c) => c.body(files.script, 200, { "content-type": "text/javascript; charset=utf-8" }));
  app.get("/app.css", (c) => c.body(files.style, 200, { "content-type": "text/css; charset=utf-8" }));
  app.get("/icon.svg", (c) => c.body(ICON, 200, { "content-type": "image/svg+xml" }));

  const small = bodyLimit({ maxSize: MAX_BODY, onError: () => tooLarge(MAX_BODY) });
  const large = bodyLimit({ maxSize: MAX_WHY_BODY, onError: () => tooLarge(MAX_PASTED) });

  app.get("/api/about", () =>
    json({
      place: ports.place,
      person: ports.person,
      live: ports.activity !== undefined,
      formats: FORMAT_NAMES,
      rules: ports.ruleSet.rules.map(({ id, name, severity }) => ({ id, name, severity })),
    }),
  );
  app.get("/api/rows", async (c) => {
    const cursor = c.req.query("cursor");
    const page = { limit: ROWS_AT_ONCE, ...(cursor === undefined ? {} : { cursor }) };
    return json(await ports.cases.list(ALL_CASES, page, deadline()));
  });
  app.get("/api/picture", () => json(ports.activity === undefined ? {} : ports.activity.picture()));

  let streams = 0;
  app.get("/api/stream", (c) => {
    // Nobody reads its body, so nobody would end it.
    if (c.req.method === "HEAD") return c.body(null);
    if (streams >= MAX_STREAMS) throw new RequestError(429, "Too many pages are open. Close some.");
    streams += 1;
    return streamSSE(c, async (stream) => {
      const send = (event: string, data: object): void => {
        // What cannot be written belongs to a connection that is gone: the wait below ends then.
        void stream.writeSSE({ event, data: safeJson(data) }).catch(() => undefined);
      };
      let drawing: NodeJS.Timeout | undefined;
      const { activity } = ports;
      const ends = [
        watch.subscribe((rows) => send("rows", { rows })),
        activity?.watch(() => {
          drawing ??= setTimeout(() => {
            drawing = undefined;
            send("picture", activity.picture());
          }, PICTURE_MS);
        }),
      ];
      send("hello", {});
      const beat = setInterval(() => send("beat", {}), BEAT_MS);
      await new Promise<void>((resolve) => stream.onAbort(resolve));
      clearInterval(beat);
      clearTimeout(drawing);
      for (const end of ends) end?.();
      streams -= 1;
    });
  });

  const caseOf = async (id: string) => {
    const found = ID.test(id) ? await ports.cases.read(id, deadline()) : undefined;
    if (found === undefined) throw new RequestError(404, NO_CASE);
    return found;
  };
  app.get("/api/cases/:id", async (c) => json(await caseOf(c.req.param("id"))));
  app.get("/api/cases/:id/scopes/:scope", async (c) => {
    const { id, scope } = c.req.param();
    const known = SCOPES.find((one): one is ScopeName => one === scope);
    if (known === undefined)
      throw new RequestError(404, `There is no scope of that name; there are ${SCOPES.join(", ")}.`);
    const found = ID.test(id) ? await ports.readScope(id, known, deadline()) : undefined;
    if (found === undefined) throw new RequestError(404, NO_CASE);
    return json(found);
  });
  app.get("/api/cases/:id/formats/:format", async (c) => {
    const name = FORMAT_NAMES.find((one) => one === c.req.param("format"));
    if (name === undefined)
      throw new RequestError(404, `There is no such format; there are ${FORMAT_NAMES.join(", ")}.`);
    const { alert } = await caseOf(c.req.param("id"));
    const format = await openFormat(name);
    return json({ text: safeJson(format({ alert, kind: "first" }), 2) });
  });
  app.post("/api/cases/:id/changes", small, async (c) => {
    const { status, reason, comment, idempotencyKey } = read(changeSchema, await body(c.req));
    const changed = await ports.cases.change(
      c.req.param("id"),
      {
        by: ports.person,
        ...(status === undefined ? {} : { status }),
        ...(reason === undefined ? {} : { reason }),
        ...(comment === undefined ? {} : { comment }),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      },
      deadline(),
    );
    if (!changed.ok)
      throw new RequestError(
        changed.why === "not-found" ? 404 : 409,
        changed.why === "not-found" ? NO_CASE : changed.message,
      );
    watch.tell(changed.row);
    return json({ row: changed.row, entry: changed.entry });
  });
  app.get("/api/cases/:id/suppression", async (c) => {
    const { alert } = await caseOf(c.req.param("id"));
    return json({ facts: offerFacts(alert) });
  });
  app.post("/api/cases/:id/suppression", small, async (c) => {
    const request = read(suppressionRequestSchema, await body(c.req));
    const { alert } = await caseOf(c.req.param("id"));
    return json(await draftSuppression(request, alert, ports.ruleSet, ports.now()));
  });
  app.post("/api/why", large, async (c) => {
    const request = read(whyRequestSchema, await body(c.req));
    if (Buffer.byteLength(request.text) > MAX_PASTED) return tooLarge(MAX_PASTED);
    return json(await whyNot(request, ports.ruleSet, ports.now()));
  });
  return app;
}

async function body(request: {
  json(): Promise<unknown>;
  header(name: string): string | undefined;
}): Promise<unknown> {
  if (!(request.header("content-type") ?? "").startsWith("application/json"))
    throw new RequestError(400, "The content type must be application/json.");
  try {
    return await request.json();
  } catch {
    throw new RequestError(400, "The body is not valid JSON.");
  }
}

function read<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") ?? "";
  throw new RequestError(
    400,
    `${field === "" ? "" : `${field}: `}${issue?.message ?? "This cannot be read."}`,
  );
}
