/**
 * What a new key may be: read before it is made, because a key with a slip in it ("accounts: all" for want of one) is
 * found out by nobody.
 *
 *     checkKeyOptions({ name: "Sekoia", access: "read", requestsPerHour: 480 }, now)
 *     // the same, or a KeyOptionsError: "A key's name has 1 to 64 printable characters, …"
 */
import type { ApiKey } from "./key-store.ts";

/** Options with which no key is made; the message says what is right. */
export class KeyOptionsError extends Error {
  override readonly name = "KeyOptionsError";
}

type KeyOptions = Pick<ApiKey, "name" | "access" | "accountIds" | "requestsPerHour" | "expiresAt">;

/** Printable: no control, format or line characters, which could disguise one name as another in a history. */
const NAME = /^(?! )[^\p{C}\p{Zl}\p{Zp}]{1,64}(?<! )$/u;
const MAX_PER_HOUR = 1_000_000;
const MAX_ACCOUNTS = 100;

/**
 * The options as they are stored.
 * @throws KeyOptionsError
 */
export function checkKeyOptions(options: KeyOptions, now: number): KeyOptions {
  const { name, access, accountIds, requestsPerHour, expiresAt } = options;
  if (!NAME.test(name))
    refuse("A key's name has 1 to 64 printable characters, without spaces at its ends: who uses it.");
  if (!Number.isSafeInteger(requestsPerHour) || requestsPerHour < 1 || requestsPerHour > MAX_PER_HOUR)
    refuse(`A key's requests an hour are a whole number from 1 to ${MAX_PER_HOUR}.`);
  if (accountIds !== undefined) {
    const wrong = accountIds.find((id) => !/^\d{12}$/.test(id));
    if (wrong !== undefined)
      refuse(
        `${JSON.stringify(wrong.slice(0, 40))} is no account id: it has 12 digits, such as 123456789012.`,
      );
    // None at all would be a key that sees nothing; it is more likely a list that came out empty.
    if (accountIds.length === 0 || accountIds.length > MAX_ACCOUNTS)
      refuse(`A key's accounts are 1 to ${MAX_ACCOUNTS}, or left out for all of them.`);
  }
  const expires = expiresAt === undefined ? undefined : Date.parse(expiresAt);
  if (expires !== undefined && !(expires > now)) refuse("A key's expiry lies in the future.");
  return {
    name,
    access,
    ...(accountIds === undefined ? {} : { accountIds: [...new Set(accountIds)].toSorted() }),
    requestsPerHour,
    ...(expires === undefined ? {} : { expiresAt: new Date(expires).toISOString() }),
  };
}

function refuse(message: string): never {
  throw new KeyOptionsError(message);
}
