/**
 * Keys to the API: who may read, who may change, how often. A key is an id, which is no secret and is what logs show,
 * and a secret, which is shown once when it is made and stored only as a salted hash.
 */

/** What is known of a key; its secret is not. Times are ISO 8601, UTC. */
export type ApiKey = {
  /** `CTE_` and 24 capital hex digits. */
  readonly id: string;
  /** What people call it: "Sekoia", "alice". It stands in the history of cases. */
  readonly name: string;
  readonly access: "read" | "write";
  /** Accounts whose alerts it may see; all of them when absent. */
  readonly accountIds?: readonly string[];
  readonly requestsPerHour: number;
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
};

/** Whether one more request is within the key's rate. */
type Allowance = { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number };

/** Keys in the table. `deadline` and `now` are in milliseconds since 1970. */
export type KeyStore = {
  /** Makes a key and gives its secret, once. */
  create(
    options: Pick<ApiKey, "name" | "access" | "accountIds" | "requestsPerHour" | "expiresAt">,
    deadline: number,
  ): Promise<{ readonly key: ApiKey; readonly secret: string }>;
  list(deadline: number): Promise<readonly ApiKey[]>;
  /** False when there is no such key. */
  revoke(id: string, deadline: number): Promise<boolean>;
  /** The key when the secret is its own and it is neither revoked nor expired. Takes as long for one that is not there. */
  check(id: string, secret: string, deadline: number): Promise<ApiKey | undefined>;
  /** A token that stands for the key until `expiresAt`; needs no write, survives restarts, ends with the key. */
  issueToken(key: ApiKey, expiresAt: number, deadline: number): Promise<string>;
  /** The key that a token stands for, while both are good. */
  checkToken(token: string, deadline: number): Promise<ApiKey | undefined>;
  /** Counts one request against the key's rate. */
  count(key: ApiKey, deadline: number): Promise<Allowance>;
};
