/**
 * Takes out of a record what must not land in git: account ids, addresses, key ids, the names of people and things.
 * Each becomes the fixture that the rules' tests use, the same one wherever it stands, so that "the caller made a key
 * for himself" stays true of the redacted record. What AWS itself wrote (modes, ports, managed policies) stays.
 *
 *   const redact = createRedactor(record);
 *   redact("requestParameters", { groupId: "sg-11112222", cidrIp: "198.51.100.7/32" })
 *   // { groupId: "sg-0a1b2c3d4e5f60001", cidrIp: "192.0.2.1/32" }
 */
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { textAt, valueAt } from "../../lambda/record/untrusted.ts";
import { isAwsArn, isAwsWord } from "./vocabulary.ts";

/** The account of all fixtures, and the caller's name. */
export const ACCOUNT = "123456789012";
export const CALLER = "ada";

/** A test is read by people: of long lists, deep objects and long texts, the beginning is enough. */
const MAX_ELEMENTS = 3;
const MAX_KEYS = 30;
const MAX_DEPTH = 10;
const MAX_POLICY = 20_000;

const KEY = /^[\w$.:/-]{1,64}$/;
const UNIQUE_ID = /^(A[A-Z]{3})[A-Z0-9]{12,124}$/;
const RESOURCE_ID = /^([a-z]+(?:-[a-z]+)?)-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const V4 = /^(\d{1,3}\.\d{1,3})\.\d{1,3}\.\d{1,3}(\/\d{1,2})?$/;
const V6 = /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*(\/\d{1,3})?$/i;
const PRIVATE = /^(?:10\.\d+|192\.168|172\.(?:1[6-9]|2\d|3[01]))$/;
const ANYWHERE: ReadonlySet<string> = new Set(["0.0.0.0/0", "::/0"]);

/** Services whose ARNs name the thing without saying what it is. */
const UNTYPED: Readonly<Record<string, string>> = { s3: "bucket", sns: "topic", sqs: "queue" };

/** Redacts the value under a key. */
export type Redact = (key: string, value: unknown) => unknown;

/** Makes the redactor of a record; each of its fixtures stands for one value of that record. */
export function createRedactor(record: CloudTrailRecord): Redact {
  const fixtures = fixturesOf(record);
  return (key, value) => redactTree(fixtures, key, value, 0);
}

function redactTree(fixtures: Fixtures, key: string, value: unknown, depth: number): unknown {
  if (typeof value === "string") return redactText(fixtures, key, value);
  if (typeof value === "number") return Math.abs(value) >= 1e10 ? Number(ACCOUNT) : value;
  if (typeof value !== "object" || value === null) return value;
  const inside = (name: string, one: unknown): unknown => redactTree(fixtures, name, one, depth + 1);
  if (Array.isArray(value))
    return depth > MAX_DEPTH ? [] : value.slice(0, MAX_ELEMENTS).map((one: unknown) => inside(key, one));
  if (depth > MAX_DEPTH) return {};
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  const kept = entries.filter(([name]) => KEY.test(name) && name !== "__proto__" && !fixtures.names(name));
  return Object.fromEntries(kept.slice(0, MAX_KEYS).map(([name, one]) => [name, inside(name, one)]));
}

type Fixtures = {
  /** The fixture for a value: always the same for the same value, numbered for others of its kind. */
  readonly of: (kind: string, value: string, make: (number: number) => string) => string;
  /** Whether a text has a name or an id of the caller in it. */
  readonly names: (text: string) => boolean;
};

function fixturesOf(record: CloudTrailRecord): Fixtures {
  const known = new Map<string, string>();
  const counts = new Map<string, number>();
  const own = [
    textAt(record, "recipientAccountId"),
    textAt(record, "userIdentity", "accountId"),
    textAt(record, "userIdentity", "sessionContext", "sessionIssuer", "accountId"),
  ];
  for (const account of own) if (account !== undefined) known.set(`account ${account}`, ACCOUNT);
  const user = textAt(record, "userIdentity", "userName");
  if (user !== undefined) known.set(`name ${user}`, CALLER);
  const words = callerWords(record);
  return {
    of: (kind, value, make) => {
      const found = known.get(`${kind} ${value}`);
      if (found !== undefined) return found;
      const number = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, number);
      const made = make(number);
      known.set(`${kind} ${value}`, made);
      return made;
    },
    names: (text) => {
      const lower = text.toLowerCase();
      const parts = lower.split(/[^a-z0-9]+/);
      return words.some((word) => parts.includes(word) || (word.length > 4 && lower.includes(word)));
    },
  };
}

/** Names and ids in userIdentity, in lower case; one or two letters would be found in every text. */
function callerWords(record: CloudTrailRecord): string[] {
  const texts = ["userName", "arn", "principalId", "accessKeyId", "credentialId"].map((key) =>
    textAt(record, "userIdentity", key),
  );
  const session = valueAt(record, "userIdentity", "sessionContext");
  texts.push(textAt(session, "sourceIdentity"), textAt(session, "sessionIssuer", "userName"));
  texts.push(
    textAt(record, "userIdentity", "onBehalfOf", "userId"),
    textAt(record, "additionalEventData", "UserName"),
  );
  const words = texts.flatMap((text) => (text ?? "").split(/[:/]/)).filter((word) => word.length > 2);
  const plain = new Set([
    "aws",
    "arn",
    "iam",
    "sts",
    "user",
    "role",
    "root",
    "assumed-role",
    "federated-user",
  ]);
  return words.map((word) => word.toLowerCase()).filter((word) => !plain.has(word) && !/^\d{12}$/.test(word));
}

function redactText(fixtures: Fixtures, key: string, text: string): string {
  if (text === "" || isAwsArn(text)) return text;
  const policy = redactPolicy(fixtures, text);
  if (policy !== undefined) return policy;
  if (text.startsWith("arn:")) return redactArn(fixtures, text);
  if (/^\d{12}$/.test(text)) return redactAccount(fixtures, text);
  if (V4.test(text) || V6.test(text)) return redactAddress(fixtures, text);
  if (!fixtures.names(text) && isAwsWord(key, text)) return text;
  return redactId(fixtures, text) ?? redactName(fixtures, key, text);
}

function redactAccount(fixtures: Fixtures, account: string): string {
  return fixtures.of("account", account, (number) =>
    String(10 - (number % 10))
      .slice(-1)
      .repeat(12),
  );
}

function redactAddress(fixtures: Fixtures, text: string): string {
  if (ANYWHERE.has(text)) return text;
  const v4 = V4.exec(text);
  if (v4 === null) {
    const length = V6.exec(text)?.[1] ?? "";
    return fixtures.of("v6", text, (number) => `2001:db8::${number}${length}`);
  }
  const [, network = "", length = ""] = v4;
  const base = PRIVATE.test(network) ? "10.0.0" : "192.0.2";
  // A range begins with the network's own number, a single address never does.
  const first = length === "" || length === "/32" ? 0 : 1;
  return fixtures.of(
    first === 0 ? "address" : "range",
    text,
    (number) => `${base}.${(number - first) % 250}${length}`,
  );
}

function redactArn(fixtures: Fixtures, text: string): string {
  const [, partition = "aws", service = "", region = "", account = "", ...rest] = text.split(":");
  const resource = rest.join(":");
  const plain = [partition, service, region].every((part) => /^[\w-]*$/.test(part));
  if (!plain) return redactName(fixtures, "arn", text);
  const owner = /^\d{12}$/.test(account) ? redactAccount(fixtures, account) : account === "" ? "" : ACCOUNT;
  return ["arn", partition, service, region, owner, redactResource(fixtures, service, resource)].join(":");
}

/** `instance/i-1`, `role/path/name`, `log-group:name:*`, `bucket/*`: the kind and a last star stay. */
function redactResource(fixtures: Fixtures, service: string, resource: string): string {
  if (resource === "*" || resource === "root") return resource;
  const star = /[:/]\*$/.exec(resource)?.[0] ?? "";
  const body = resource.slice(0, resource.length - star.length);
  const untyped = Object.hasOwn(UNTYPED, service) ? UNTYPED[service] : undefined;
  const typed = untyped === undefined ? /^([a-z-]+)[:/]/.exec(body) : null;
  const [front = "", type = untyped ?? service] = typed ?? [];
  const name = body.slice(front.length).split(/[:/]/).at(-1) ?? "";
  return front + (redactId(fixtures, name) ?? redactName(fixtures, type, name)) + star;
}

/** Ids keep their kind: `sg-…` stays one of a security group. */
function redactId(fixtures: Fixtures, text: string): string | undefined {
  const [, prefix] = RESOURCE_ID.exec(text) ?? [];
  if (prefix !== undefined)
    return fixtures.of("resource", text, (number) => `${prefix}-0a1b2c3d4e5f6${hex(number, 4)}`);
  const [, kind] = UNIQUE_ID.exec(text) ?? [];
  if (kind !== undefined)
    return fixtures.of("unique", text, (number) => `${kind}EXAMPLE${hex(number, 9).toUpperCase()}`);
  if (UUID.test(text))
    return fixtures.of("uuid", text, (number) => `00000000-0000-4000-8000-${hex(number, 12)}`);
  return undefined;
}

function redactName(fixtures: Fixtures, key: string, text: string): string {
  const words =
    key
      .replace(/([a-z])([A-Z])/g, "$1-$2")
      .toLowerCase()
      .match(/[a-z]+/g) ?? [];
  const what = words.filter((word) => word !== "name" && word !== "id").slice(0, 3);
  const kind = `example-${what.length === 0 ? "name" : what.join("-")}`;
  const mail = /^[^@\s]+@[^@\s]+$/.test(text);
  // One name may stand under several keys; what it is called first, it stays.
  return fixtures.of("name", text, () => {
    const number = fixtures.of(`count ${kind}`, text, (count) => (count === 1 ? "" : `-${count}`));
    return mail ? `user${number}@example.com` : `${kind}${number}`;
  });
}

/** A policy document as text, plain or URL-encoded, with what is inside redacted; undefined for any other text. */
function redactPolicy(fixtures: Fixtures, text: string): string | undefined {
  if (text.length > MAX_POLICY) return undefined;
  const encoded = /^%7b/i.test(text);
  try {
    const plain = encoded ? decodeURIComponent(text) : text;
    if (!/^\s*\{/.test(plain)) return undefined;
    const policy: unknown = JSON.parse(plain);
    const redacted = JSON.stringify(redactTree(fixtures, "policy", policy, 0));
    return encoded ? encodeURIComponent(redacted) : redacted;
  } catch {
    return undefined;
  }
}

function hex(number: number, width: number): string {
  return number.toString(16).padStart(width, "0");
}
