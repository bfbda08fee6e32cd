/**
 * Keys in the state table. A secret has 256 random bits and is stored as a salted HMAC-SHA-256: a slow hash protects
 * what people choose, nobody guesses 256 bits however fast the hash is, and behind an open URL a slow one would be a
 * lever for whoever wants to keep the function busy. An id that is not there costs the same read and the same hash.
 *
 *     pk KEYS            sk CTE_0123…   name, access, salt, hash, tokenKey, …: one partition, so that keys are listed
 *     pk RATE#CTE_0123…  sk 2026-11-20T10   n: requests of that hour; expires with the day
 *
 * A token is `CTE_0123….<expiry in base 36>.<nonce>.<mac>`, signed with a random key of the key's own item: nothing is
 * written for it, it survives restarts, and it dies with the key. Whoever can read that item can read the alerts too.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { textAt } from "../record/untrusted.ts";
import type { Item, Table } from "../state/table.ts";
import type { ApiKey, KeyStore } from "./key-store.ts";
import { checkKeyOptions } from "./key-options.ts";

const KEYS = "KEYS";
/** The form of an id; anything else is refused without asking the table: how an id looks is no secret. */
const KEY_ID = /^CTE_[0-9A-F]{24}$/;
const TOKEN = /^(?<id>CTE_[0-9A-F]{24})\.(?<expiry>[0-9a-z]{1,11})\.(?<nonce>[\w-]{16})\.(?<mac>[\w-]{43})$/;
const TOKEN_PURPOSE = "cloudtrail-engine token 1";
const MAX_SECRET = 256;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** For how long the list still shows a key that expired or was revoked. */
const SHOWN_AFTER_MS = 90 * DAY_MS;
/** Keys whose hour is known to be used up, so that they cost no more writes in it. */
const MAX_REMEMBERED = 1_000;

/** What an unknown id is compared with, so that it takes as long; no secret has this hash. */
const NOBODY = { salt: randomBytes(32), hash: randomBytes(32), tokenKey: randomBytes(32) };

/** A key's item, as far as it can be used. */
type Stored = { readonly key: ApiKey } & Readonly<Record<"salt" | "hash" | "tokenKey", Uint8Array>>;

/** The keys in a table; `now` gives milliseconds since 1970. */
export function makeKeyStore(table: Table, now: () => number): KeyStore {
  const usedUp = new Map<string, string>();

  async function find(id: string, deadline: number): Promise<Stored | undefined> {
    const item = await table.get({ pk: KEYS, sk: id }, deadline);
    return item === undefined ? undefined : readItem(item);
  }

  return {
    async create(options, deadline) {
      const created = now();
      const checked = checkKeyOptions(options, created);
      const key: ApiKey = {
        id: `CTE_${randomBytes(12).toString("hex").toUpperCase()}`,
        ...checked,
        createdAt: new Date(created).toISOString(),
      };
      const secret = randomBytes(32).toString("base64url");
      const salt = randomBytes(32);
      const { expiresAt, accountIds, ...rest } = key;
      const item = {
        pk: KEYS,
        sk: key.id,
        ...rest,
        ...(accountIds === undefined ? {} : { accountIds }),
        // `expiresAt` is the attribute by which the table deletes.
        ...(expiresAt === undefined
          ? {}
          : { goodUntil: expiresAt, expiresAt: seconds(Date.parse(expiresAt) + SHOWN_AFTER_MS) }),
        salt,
        hash: hashOf(salt, secret),
        tokenKey: randomBytes(32),
      };
      // Without a condition: 96 random bits meet no other id, and an attempt that is made again writes the same.
      await table.put(item, undefined, deadline);
      return { key, secret };
    },

    async list(deadline) {
      const items = await table.query(KEYS, {}, deadline);
      return items
        .flatMap((item) => readKey(item) ?? [])
        .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0));
    },

    async revoke(id, deadline) {
      if (!KEY_ID.test(id)) return false;
      const revoked = await table.update(
        { pk: KEYS, sk: id },
        {
          // What proves a secret or a token goes with it: nobody makes the key good again by taking one attribute away.
          update:
            "SET #revokedAt = if_not_exists(#revokedAt, :now), #expiresAt = :forget REMOVE #salt, #hash, #tokenKey",
          condition: "attribute_exists(pk)",
          names: {
            "#revokedAt": "revokedAt",
            "#expiresAt": "expiresAt",
            "#salt": "salt",
            "#hash": "hash",
            "#tokenKey": "tokenKey",
          },
          values: { ":now": new Date(now()).toISOString(), ":forget": seconds(now() + SHOWN_AFTER_MS) },
        },
        deadline,
      );
      return revoked !== undefined;
    },

    async check(id, secret, deadline) {
      if (!KEY_ID.test(id)) return undefined;
      const stored = await find(id, deadline);
      const { salt, hash } = stored ?? NOBODY;
      const isItsOwn = timingSafeEqual(hash, hashOf(salt, secret.slice(0, MAX_SECRET + 1)));
      return isItsOwn && secret.length <= MAX_SECRET ? whileGood(stored?.key, now()) : undefined;
    },

    async issueToken(key, expiresAt, deadline) {
      // Revoked between its check and now: a token that opens nothing, like all others of the key.
      const { tokenKey } = (await find(key.id, deadline)) ?? NOBODY;
      const body = `${key.id}.${seconds(expiresAt).toString(36)}.${randomBytes(12).toString("base64url")}`;
      return `${body}.${sign(tokenKey, body)}`;
    },

    async checkToken(token, deadline) {
      const { id, expiry, mac } = TOKEN.exec(token)?.groups ?? {};
      if (id === undefined || expiry === undefined || mac === undefined) return undefined;
      const stored = await find(id, deadline);
      const right = sign((stored ?? NOBODY).tokenKey, token.slice(0, -mac.length - 1));
      // Both are 43 characters of ASCII: the form was checked.
      if (!timingSafeEqual(Buffer.from(right), Buffer.from(mac))) return undefined;
      return Number.parseInt(expiry, 36) * 1000 > now() ? whileGood(stored?.key, now()) : undefined;
    },

    async count(key, deadline) {
      const at = now();
      const hour = new Date(at).toISOString().slice(0, 13);
      const refused = { ok: false, retryAfterSeconds: Math.ceil((HOUR_MS - (at % HOUR_MS)) / 1000) } as const;
      if (usedUp.get(key.id) === hour) return refused;
      const counted = await table.update(
        { pk: `RATE#${key.id}`, sk: hour },
        {
          update: "SET #n = if_not_exists(#n, :zero) + :one, #expiresAt = :expiry",
          condition: "attribute_not_exists(#n) OR #n < :most",
          names: { "#n": "n", "#expiresAt": "expiresAt" },
          values: { ":zero": 0, ":one": 1, ":most": key.requestsPerHour, ":expiry": seconds(at + DAY_MS) },
        },
        deadline,
      );
      if (counted !== undefined) return { ok: true };
      if (usedUp.size >= MAX_REMEMBERED) usedUp.clear();
      usedUp.set(key.id, hour);
      return refused;
    },
  };
}

function hashOf(salt: Uint8Array, secret: string): Buffer {
  return createHmac("sha256", salt).update(secret).digest();
}

function sign(tokenKey: Uint8Array, body: string): string {
  return createHmac("sha256", tokenKey).update(`${TOKEN_PURPOSE}\n${body}`).digest("base64url");
}

function whileGood(key: ApiKey | undefined, now: number): ApiKey | undefined {
  if (key === undefined || key.revokedAt !== undefined) return undefined;
  return key.expiresAt === undefined || Date.parse(key.expiresAt) > now ? key : undefined;
}

/** The key in an item with all that proves it; undefined when anything of it is not as `create` writes it. */
function readItem(item: Item): Stored | undefined {
  const key = readKey(item);
  const [salt, hash, tokenKey] = [item["salt"], item["hash"], item["tokenKey"]];
  if (key === undefined || !isKeyBytes(salt) || !isKeyBytes(hash) || !isKeyBytes(tokenKey)) return undefined;
  return { key, salt, hash, tokenKey };
}

/** What is known of a key. Whatever limits it and cannot be read makes it unusable, never unlimited. */
function readKey(item: Item): ApiKey | undefined {
  const { access, requestsPerHour, accountIds, goodUntil, revokedAt } = item;
  const [id, name, createdAt] = [item.sk, textAt(item, "name"), textAt(item, "createdAt")];
  if (!KEY_ID.test(id) || name === undefined || createdAt === undefined) return undefined;
  if (access !== "read" && access !== "write") return undefined;
  if (typeof requestsPerHour !== "number") return undefined;
  if (accountIds !== undefined && !isTexts(accountIds)) return undefined;
  if (goodUntil !== undefined && (typeof goodUntil !== "string" || Number.isNaN(Date.parse(goodUntil))))
    return undefined;
  if (revokedAt !== undefined && typeof revokedAt !== "string") return undefined;
  return {
    id,
    name,
    access,
    ...(accountIds === undefined ? {} : { accountIds }),
    requestsPerHour,
    createdAt,
    ...(goodUntil === undefined ? {} : { expiresAt: goodUntil }),
    ...(revokedAt === undefined ? {} : { revokedAt }),
  };
}

function isKeyBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === 32;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
