/**
 * What `engine publish` puts into the bucket, and what the function takes from it. Two objects: `rule-set.json`, of which
 * the bucket keeps every version, and the small pointer `current.json`, which names the one that is in force and the hash
 * of its bytes. The pointer is all that a publisher changes in place, and he changes it on condition.
 *
 *     current.json    { "format": 1, "versionId": "3HL4k…", "sha256": "9f86d0…", "size": 81234, "published": …, "by": … }
 *     current.json    { "format": 1, "deployed": true, "published": …, "by": … }      (the rules that were deployed)
 *     rule-set.json   { "format": 1, "engine": "0.1.0", "created": …, "by": …, "base": "5e88…", "sha256": "…",
 *                       "content": { "ruleSet": …, "destinations": […], "routing": …, "waiting": [] } }
 */
import { createHash } from "node:crypto";
import type { DestinationSettings } from "../destinations/destination-type.ts";
import type { RuleSet } from "../engine/rule.ts";
import { isObject, textAt, valueAt } from "../record/untrusted.ts";
import type { Routing } from "../routing.ts";

/** The format that this version writes and reads. */
export const FORMAT = 1;
/** The most bytes that a rule set may have. */
export const MAX_BYTES = 10 * 1024 * 1024;
/** The most bytes of a pointer. */
export const MAX_POINTER_BYTES = 4_096;
export const RULE_SET_KEY = "rule-set.json";
export const POINTER_KEY = "current.json";

/** What is in force with a published rule set. */
export type Content = {
  readonly ruleSet: RuleSet;
  readonly destinations: readonly DestinationSettings[];
  readonly routing: Routing;
  /** Ids of rules whose records EventBridge does not deliver until the next deployment. */
  readonly waiting: readonly string[];
};

/** A published rule set. */
export type Published = {
  readonly format: typeof FORMAT;
  /** Version of the engine that wrote it. */
  readonly engine: string;
  /** ISO 8601. */
  readonly created: string;
  /** ARN of who published it. */
  readonly by: string;
  /** The git revision of the rules, with `+changes` behind it when the folder had others. */
  readonly revision?: string;
  /** Hash of the deployed rule set that it was published over: a deployment of other rules takes its place. */
  readonly base: string;
  /** Hash of `content`, written as JSON. */
  readonly sha256: string;
  readonly content: Content;
};

/** Which version is in force. */
export type Pointer = { readonly published: string; readonly by: string } & (
  | { readonly versionId: string; readonly sha256: string; readonly size: number }
  | { readonly deployed: true }
);

/** Something in the bucket that cannot be used; the message says why. */
export class PublishedError extends Error {
  override readonly name = "PublishedError";
}

/** SHA-256 in hexadecimal digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** The hash by which a rule set is known: that of its text as `rules.json` has it. */
export function hashOf(ruleSet: unknown): string {
  return sha256(JSON.stringify(ruleSet));
}

/**
 * Reads a pointer.
 * @throws PublishedError when it is none.
 */
export function readPointer(text: string): Pointer {
  const found = parse(text, POINTER_KEY);
  if (valueAt(found, "format") !== FORMAT) throw new PublishedError(unknownFormat(POINTER_KEY, found));
  const [published = "", by = ""] = [textAt(found, "published"), textAt(found, "by")];
  if (valueAt(found, "deployed") === true) return { published, by, deployed: true };
  const versionId = textAt(found, "versionId") ?? "";
  const hash = textAt(found, "sha256") ?? "";
  const size = valueAt(found, "size");
  if (!/^[\w.~+/=-]{1,1024}$/.test(versionId))
    throw new PublishedError(`${POINTER_KEY} names no version: publish again`);
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new PublishedError(`${POINTER_KEY} has no SHA-256: publish again`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 1 || size > MAX_BYTES)
    throw new PublishedError(`${POINTER_KEY} names no size up to ${MAX_BYTES} bytes: publish again`);
  return { published, by, versionId, sha256: hash, size };
}

/**
 * Reads the rule set that a pointer names; its content is not looked into yet.
 * @throws PublishedError when these are not the bytes that were published, or no rule set.
 */
export function readPublished(bytes: Uint8Array, expected: { readonly sha256: string }): Published {
  if (bytes.byteLength > MAX_BYTES)
    throw new PublishedError(`${RULE_SET_KEY} has ${bytes.byteLength} bytes, more than ${MAX_BYTES}`);
  const actual = sha256(bytes);
  if (actual !== expected.sha256)
    throw new PublishedError(
      `${RULE_SET_KEY} is not what was published: its SHA-256 is ${actual}, not ${expected.sha256}`,
    );
  const found = parse(new TextDecoder().decode(bytes), RULE_SET_KEY);
  if (valueAt(found, "format") !== FORMAT) throw new PublishedError(unknownFormat(RULE_SET_KEY, found));
  const texts = ["engine", "created", "by", "base", "sha256"].every(
    (key) => textAt(found, key) !== undefined,
  );
  if (!texts || !isObject(valueAt(found, "content")))
    throw new PublishedError(`${RULE_SET_KEY} is no published rule set`);
  const published = found as Published;
  if (hashOf(published.content) !== published.sha256)
    throw new PublishedError(`the content of ${RULE_SET_KEY} has another SHA-256 than it says`);
  return published;
}

function unknownFormat(key: string, found: unknown): string {
  const shown = JSON.stringify(valueAt(found, "format"))?.slice(0, 20) ?? "none";
  return `${key} has the format ${shown}, and this version of the engine reads ${FORMAT}: deploy the engine's new version first`;
}

/** The parser's own message is dropped: it quotes the text. */
function parse(text: string, key: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new PublishedError(`${key} is no JSON`);
  }
}
