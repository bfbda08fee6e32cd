/**
 * `engine keys`: who may ask the APIs of a deployed engine. It writes to the stack's table with the caller's own AWS
 * credentials, because the APIs themselves may make no key. A secret is shown once, when its key is made.
 */
import { KeyOptionsError } from "../../lambda/api/key-options.ts";
import type { ApiKey, KeyStore } from "../../lambda/api/key-store.ts";
import { makeKeyStore } from "../../lambda/api/make-key-store.ts";
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { openTable } from "../../lambda/state/table.ts";
import { STACK_NAME } from "../../lib/names.ts";
import { openSession, type Session } from "../../lib/redrive/session.ts";
import { type Command, type Io, UsageError } from "../command.ts";
import { DEPLOYED_OPTIONS, readRegion } from "../deployed-options.ts";
import { formatKeys, stateOf } from "../keys/format-keys.ts";
import { readExpiry } from "../keys/read-expiry.ts";
import { oneOf, positiveInteger, RULES_OPTION, readOptions } from "../options.ts";

const DEFAULT_PER_HOUR = 1_000;
/** Milliseconds that the table may take. */
const PATIENCE_MS = 30_000;

const help = `Usage: npm run engine -- keys create --name NAME [--write] [--account ID]… [--per-hour N] [--expires 90d]
       npm run engine -- keys list
       npm run engine -- keys revoke ID

Makes, lists and revokes the keys to the APIs of a deployed engine. A key's secret is printed once, when
it is made, and stored only as a salted hash: whoever loses it makes a new key and revokes the old one.

  create             makes a key; prints ID:SECRET, which is what the header X-Api-Key takes
  --name NAME        who uses it: it stands in the history of what is changed with it
  --write            it may acknowledge, close, reopen and comment too; without it, it may read only
  --account ID       alerts of this account only (several times for more); without it, of all accounts
  --per-hour N       how many requests it has an hour, default ${DEFAULT_PER_HOUR}
  --expires WHEN     90d, 12h, or a time such as 2027-01-31; without it, it lasts until it is revoked
  list               all keys, also those that were revoked or expired in the last 90 days
  revoke ID          ends a key and its tokens at once
  --stack NAME       the stack, default ${STACK_NAME}
  --table NAME       the table itself, instead of the stack that has it
  --region REGION    default: AWS_REGION or AWS_DEFAULT_REGION
  --format text|json json: one document; of create with id and secret apart, as Lacework clients take them
  --rules DIR        taken by every verb, without effect here

Needs cloudformation:DescribeStacks (without --table), and dynamodb:PutItem, Query and UpdateItem on the table.
Exit code: 0 done, 1 there is no such key, 2 wrong use.

Examples:
  npm run --silent engine -- keys create --name Sekoia --per-hour 480 --format json
  npm run --silent engine -- keys create --name alice --write --account 123456789012 --expires 90d
  npm run engine -- keys revoke CTE_0123456789ABCDEF01234567
`;

/** What the verb asks of AWS. */
export type KeysSession = Pick<Session, "outputs" | "now"> & {
  readonly openKeys: (table: string) => Pick<KeyStore, "create" | "list" | "revoke">;
};

/** The verb with the AWS that it asks: tests give their own. */
export function keysCommand(
  open: (region: string) => KeysSession,
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  return {
    summary: "make, list and revoke the keys to the APIs",
    help,
    async run(args, io) {
      const { values, positionals } = readOptions(args, OPTIONS);
      const [word, ...ids] = positionals;
      const isJson = oneOf("format", values.format, ["text", "json"]) === "json";
      const action = readAction(word, ids, values);
      const session = open(readRegion(values.region, environment));
      // Wrong options are told before AWS is asked for anything.
      const options = action === "create" ? readKey(values, session.now()) : undefined;
      const table = values.table ?? (await session.outputs(values.stack))["StateTable"] ?? "";
      const desk = { keys: session.openKeys(table), now: session.now(), isJson, io };
      if (options !== undefined) return create(options, desk);
      return action === "list" ? list(desk) : revoke(ids[0] ?? "", desk);
    },
  };
}

/** The verb as it is called. */
export const command: Command = keysCommand(
  (region) => ({
    ...openSession(region),
    openKeys: (name) => makeKeyStore(openTable({ name, region }), () => Date.now()),
  }),
  process.env,
);

const OPTIONS = {
  ...RULES_OPTION,
  ...DEPLOYED_OPTIONS,
  table: { type: "string" },
  format: { type: "string", default: "text" },
  name: { type: "string" },
  write: { type: "boolean" },
  account: { type: "string", multiple: true },
  "per-hour": { type: "string" },
  expires: { type: "string" },
} as const;

type Desk = {
  readonly keys: Pick<KeyStore, "create" | "list" | "revoke">;
  readonly now: number;
  readonly isJson: boolean;
  readonly io: Io;
};
type KeyOptions = Parameters<KeyStore["create"]>[0];
type Values = ReturnType<typeof readOptions<typeof OPTIONS>>["values"];

const ACTIONS = ["create", "list", "revoke"] as const;

function readAction(
  word: string | undefined,
  ids: readonly string[],
  values: Values,
): (typeof ACTIONS)[number] {
  const action = ACTIONS.find((one) => one === word);
  if (action === undefined)
    throw new UsageError(`keys takes create, list or revoke${word === undefined ? "" : `, not "${word}"`}.`);
  if (action === "revoke" && ids.length !== 1)
    throw new UsageError("keys revoke takes one id: keys list shows those there are.");
  const [stray] = ids;
  if (action !== "revoke" && stray !== undefined)
    throw new UsageError(`keys ${action} takes no "${stray}", only options.`);
  const ofCreate = (["name", "write", "account", "per-hour", "expires"] as const).find(
    (name) => values[name] !== undefined,
  );
  if (action !== "create" && ofCreate !== undefined)
    throw new UsageError(`--${ofCreate} is an option of keys create, not of keys ${action}.`);
  return action;
}

function readKey(values: Values, now: number): KeyOptions {
  const { name, write, account, expires } = values;
  if (name === undefined) throw new UsageError("keys create needs --name NAME: who will use the key.");
  const expiresAt = expires === undefined ? undefined : readExpiry(expires, now);
  return {
    name,
    access: write === true ? "write" : "read",
    ...(account === undefined ? {} : { accountIds: account }),
    requestsPerHour: positiveInteger("per-hour", values["per-hour"]) ?? DEFAULT_PER_HOUR,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

async function create(options: KeyOptions, { keys, now, isJson, io }: Desk): Promise<number> {
  const { key, secret } = await keys.create(options, now + PATIENCE_MS).catch((error: unknown) => {
    if (error instanceof KeyOptionsError) throw new UsageError(error.message, { cause: error });
    throw error;
  });
  io.stdout.write(
    isJson ? `${safeJson({ id: key.id, secret, key: shownKey(key, now) })}\n` : `${key.id}:${secret}\n`,
  );
  io.stderr.write(
    `The secret is ${isJson ? "" : "what follows the colon, and "}shown this once. Keep it where secrets are kept. ` +
      `To end the key: engine keys revoke ${key.id}\n`,
  );
  return 0;
}

async function list({ keys, now, isJson, io }: Desk): Promise<number> {
  const found = await keys.list(now + PATIENCE_MS);
  io.stdout.write(
    isJson ? `${safeJson({ keys: found.map((key) => shownKey(key, now)) })}\n` : formatKeys(found, now),
  );
  if (!isJson && found.length === 0)
    io.stderr.write("There are no keys. Make one: engine keys create --name NAME\n");
  return 0;
}

async function revoke(id: string, { keys, now, isJson, io }: Desk): Promise<number> {
  const isRevoked = await keys.revoke(id, now + PATIENCE_MS);
  if (isJson) io.stdout.write(`${safeJson({ id, revoked: isRevoked })}\n`);
  if (isRevoked) io.stderr.write(`${id} is revoked: neither it nor its tokens open anything any more.\n`);
  else
    io.stderr.write(
      "There is no such key. An id is CTE_ and 24 characters; keys list shows those there are.\n",
    );
  return isRevoked ? 0 : 1;
}

function shownKey(key: ApiKey, now: number): object {
  return { ...key, state: stateOf(key, now) };
}
