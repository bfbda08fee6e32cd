/**
 * Under which name an actor's alerts are found together. The ARN of the user or role where there is one, so that all
 * sessions of a role are one actor; else CloudTrail's principal id; else what little is known, with the address, so that
 * two callers who both have no identity are not taken for one.
 *
 *     actorKeyOf(alert)   // "arn:aws:iam::123456789012:role/deploy", "principal:AROAEXAMPLE", "name:Unknown/root user/192.0.2.7"
 */
import { hash } from "node:crypto";
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";

/** DynamoDB takes 2,048 bytes of a partition key; ours has a word in front. */
export const MAX_KEY_BYTES = 1_024;
const KEPT_HEAD = 200;
const KINDS = ["arn:", "principal:", "name:"] as const;

/** The key of an alert's actor: one line, nothing hidden in it, at most 1,024 bytes. */
export function actorKeyOf({ actor, source }: Pick<Alert, "actor" | "source">): string {
  const { arn, principalId, type, name } = actor;
  if (arn?.startsWith("arn:") === true) return boundKey(arn);
  // Of a role's session it is the role's id, a colon, and a name that the caller chose.
  const principal = /^(AROA\w+):/.exec(principalId ?? "")?.[1] ?? principalId;
  if (principal !== undefined) return boundKey(`principal:${principal}`);
  return boundKey(`name:${type}/${name}${source.ip === undefined ? "" : `/${source.ip}`}`);
}

/** Whether a text is a key, and no name. */
export function isActorKey(text: string): boolean {
  return KINDS.some((kind) => text.startsWith(kind));
}

/** A text as a key: itself, unless it is too long or has something hidden in it; then what makes it unlike others is a hash. */
export function boundKey(text: string): string {
  const shown = showText(text, MAX_KEY_BYTES);
  if (shown === text && Buffer.byteLength(text) <= MAX_KEY_BYTES) return text;
  return `${showText(text, KEPT_HEAD)}#${hash("sha256", text).slice(0, 32)}`;
}
