/**
 * Nothing is answered without a key, not even that a path does not exist. Our API's URL is signed with IAM, which takes
 * the Authorization header, so the key comes in one of its own; without IAM (on this machine) both ways are taken.
 *
 *     X-Api-Key: CTE_0123456789ABCDEF01234567:<secret>
 *     Authorization: Bearer CTE_0123456789ABCDEF01234567:<secret>
 */
import type { Context, MiddlewareHandler } from "hono";
import type { ApiKey, KeyStore } from "./key-store.ts";
import { ask, ProblemError } from "./problem.ts";

/** What a request carries from one step to the next. */
export type ApiEnv = {
  Variables: {
    /** The key, once it was checked. */
    key?: ApiKey;
    /** The id that was claimed, checked or not: for the log. */
    claimedKey?: string;
  };
};

/** Milliseconds that all questions of one request may take together. */
export const REQUEST_MS = 10_000;

const CREDENTIALS = /^(?<id>CTE_[0-9A-F]{24}):(?<secret>[\x21-\x7e]{1,256})$/;
const BEARER = /^bearer +(?<credentials>\S+)$/i;

/** The key's id and secret that a request carries; undefined when it carries none of their form. */
function readCredentials(
  headers: Pick<Headers, "get">,
): { readonly id: string; readonly secret: string } | undefined {
  const own = headers.get("x-api-key");
  const bearer = BEARER.exec(headers.get("authorization") ?? "")?.groups?.["credentials"];
  const { id, secret } = CREDENTIALS.exec((own ?? bearer ?? "").trim())?.groups ?? {};
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** Lets a request pass with a good key that has requests left, and refuses it otherwise. */
export function authenticate(
  keys: Pick<KeyStore, "check" | "count">,
  now: () => number,
): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const deadline = now() + REQUEST_MS;
    const given = readCredentials(context.req.raw.headers);
    if (given !== undefined) context.set("claimedKey", given.id);
    const key = given && (await ask(() => keys.check(given.id, given.secret, deadline)));
    if (key === undefined) {
      throw new ProblemError(
        401,
        "Send a key: X-Api-Key: ID:SECRET. The one sent is missing, unknown, expired or revoked; `engine keys list` shows those there are, `engine keys create` makes one.",
        { "www-authenticate": 'Bearer realm="CloudTrail Engine"' },
      );
    }
    context.set("key", key);
    const allowance = await ask(() => keys.count(key, deadline));
    if (!allowance.ok) {
      throw new ProblemError(
        429,
        `This key has ${key.requestsPerHour} requests an hour, and they are used up. Try again in ${allowance.retryAfterSeconds} seconds, or make a key with more: engine keys create --per-hour N.`,
        { "retry-after": String(allowance.retryAfterSeconds) },
      );
    }
    await next();
  };
}

/** The key of a request that `authenticate` let pass. */
export function keyOf(context: Context<ApiEnv>): ApiKey {
  const key = context.get("key");
  if (key === undefined) throw new TypeError("this route was reached without a key");
  return key;
}

/** Whether the key may see alerts of an account; of an alert without one only a key for all accounts may. */
export function maySee(key: ApiKey, accountId: string | undefined): boolean {
  return key.accountIds === undefined || (accountId !== undefined && key.accountIds.includes(accountId));
}
