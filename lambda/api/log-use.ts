/**
 * Every use of the API as one line: which key, which route, what came of it. The route is its template and the method one
 * that HTTP knows, so that nothing the caller wrote (a query, an id, a body, a secret) ever gets into the log.
 *
 *     {"level":"info","message":"api use","api":"alerts","key":"CTE_0123…","method":"GET","route":"/alerts/{id}","status":200,"ms":12}
 */
import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { safeJson } from "../alerts/safe-json.ts";
import type { ApiEnv } from "./authenticate.ts";
import { UnavailableError } from "./problem.ts";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Writes one line for each request, whatever becomes of it; `api` names which of our APIs it is. */
export function logUse(
  api: string,
  log: (line: string) => void,
  now: () => number,
): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const start = now();
    await next();
    const key = context.get("key");
    const claimed = context.get("claimedKey");
    log(
      safeJson({
        level: "info",
        message: "api use",
        api,
        ...(key === undefined
          ? { key: null, ...(claimed === undefined ? {} : { claimed }) }
          : { key: key.id }),
        method: METHODS.has(context.req.method) ? context.req.method : "OTHER",
        route: routeTemplate(context),
        status: context.res.status,
        ms: now() - start,
      }),
    );
  };
}

/**
 * Writes what failed inside, for whoever runs the engine: the error's name and where it was thrown. Its message may quote
 * what the caller sent.
 */
export function logFailure(api: string, error: Error, log: (line: string) => void): void {
  const isDown = error instanceof UnavailableError;
  const cause: unknown = isDown ? error.cause : error;
  const name = cause instanceof Error ? cause.name : "something that is no error";
  // The stack begins with the message, which may have lines of its own that look like places.
  const places = cause instanceof Error ? (cause.stack ?? "").replace(cause.message, "") : "";
  const at = /^\s+at (?<place>.+)$/m.exec(places)?.groups?.["place"];
  log(
    safeJson({ level: "error", message: isDown ? "api unavailable" : "api failed", api, reason: name, at }),
  );
}

/** The path of the route as the documentation writes it; "-" where none fits. */
function routeTemplate(context: Context): string {
  const found = matchedRoutes(context).findLast(({ path }) => path !== "*" && path !== "/*");
  return found === undefined ? "-" : found.path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, "{$1}");
}
