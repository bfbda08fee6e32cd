/**
 * Tokens: a key's id and secret for a text that stands for the key during an hour or a day. Sekoia's connector asks for one
 * before every request (LACEWORK-API § 5), so this has a limit of its own, ten times the key's, and does not count against
 * the key's requests; older tokens stay good.
 *
 *     POST /api/v2/access/tokens   X-LW-UAKS: <secret>   {"keyId": "CTE_0123…", "expiryTime": 3600}
 *     201 {"token": "…", "expiresAt": "2026-11-20T11:15:30.000Z"}
 */
import type { ApiKey } from "../api/key-store.ts";
import { ask, ProblemError } from "../api/problem.ts";
import { isObject } from "../record/untrusted.ts";
import type { LaceworkPorts } from "./ports.ts";
import { quoted } from "./problem.ts";

/** `expiresAt` has milliseconds and a Z: the Python client reads no other form. */
export type Minted = { readonly token: string; readonly expiresAt: string };

const DEFAULT_SECONDS = 3_600;
const MAX_SECONDS = 86_400;
const TOKENS_A_REQUEST = 10;
const MIN_TOKENS_AN_HOUR = 4_800;
/** No client asks for a new token after a 401, so one that was sent while it was good is good when it arrives. */
const ON_ITS_WAY_MS = 1_000;
const BEARER = /^bearer +/i;

/** The key of an id and a secret. @throws ProblemError 401 */
export async function keyOfSecret(
  ports: LaceworkPorts,
  body: unknown,
  secret: string | undefined,
  deadline: number,
): Promise<ApiKey> {
  const keyId = isObject(body) ? body["keyId"] : undefined;
  if (typeof keyId !== "string" || keyId === "") {
    throw new ProblemError(400, 'The body is a JSON object with the key\'s id: {"keyId": "CTE_…"}.');
  }
  const key = secret ? await ask(() => ports.keys.check(keyId, secret, deadline)) : undefined;
  if (key !== undefined) return key;
  throw new ProblemError(
    401,
    "The key id (keyId) or its secret (header X-LW-UAKS) is wrong, or the key is expired or revoked: engine keys list shows those there are.",
  );
}

/** A new token of a key. @throws ProblemError */
export async function mintToken(
  ports: LaceworkPorts,
  key: ApiKey,
  body: unknown,
  deadline: number,
): Promise<Minted> {
  const seconds = expiryOf(isObject(body) ? body["expiryTime"] : undefined);
  const counted = {
    ...key,
    id: `${key.id}#TOKENS`,
    requestsPerHour: Math.max(MIN_TOKENS_AN_HOUR, key.requestsPerHour * TOKENS_A_REQUEST),
  };
  await countOne(ports, counted, deadline);
  // Whole seconds, as a token keeps them.
  const expires = Math.floor(ports.now() / 1000 + seconds) * 1000;
  const token = await ask(() => ports.keys.issueToken(key, expires + ON_ITS_WAY_MS, deadline));
  return { token, expiresAt: new Date(expires).toISOString() };
}

/** Counts one request of a key. @throws ProblemError 429 when its hour is used up. */
export async function countOne(ports: LaceworkPorts, key: ApiKey, deadline: number): Promise<void> {
  const allowance = await ask(() => ports.keys.count(key, deadline));
  if (allowance.ok) return;
  const seconds = Math.max(1, Math.ceil(allowance.retryAfterSeconds));
  throw new ProblemError(
    429,
    `This key has ${key.requestsPerHour} requests an hour, and they are used up. Try again in ${seconds} seconds.`,
    { "retry-after": String(seconds) },
  );
}

/** The token of an `Authorization` header: with `Bearer` as Python and Sekoia send it, or bare as Go does. */
export function tokenIn(authorization: string | undefined): string {
  return (authorization ?? "").trim().replace(BEARER, "");
}

function expiryOf(value: unknown): number {
  if (value === undefined || value === null) return DEFAULT_SECONDS;
  const seconds = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== "number" || !Number.isFinite(seconds) || seconds < 1) {
    throw new ProblemError(
      400,
      `expiryTime is a number of seconds from 1 to ${MAX_SECONDS}, not ${quoted(value)}.`,
    );
  }
  return Math.min(Math.floor(seconds), MAX_SECONDS);
}
