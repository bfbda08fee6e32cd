/**
 * Which session a call was made in, as one text that two alerts share when they belong together. Access keys alone would
 * not do: the console takes new temporary keys for nearly every service, so a person's clicks have many. What stays the
 * same is the principal id of a role session, `AROA…:` and the session's name, which CloudTrail writes in every record.
 *
 *     sessionKeyOf(alert)   // "AROAEXAMPLE:alice@example.com"
 *     sessionKeyOf(alertOfAnIamUser)   // "AKIAEXAMPLE"
 */
import { hash } from "node:crypto";
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";

const MAX_LENGTH = 200;
const KEPT_HEAD = 150;

/**
 * The session's key, one line of at most 200 characters: role session, else issuer and session name, else access key;
 * undefined when nothing tells.
 */
export function sessionKeyOf({
  actor: { principalId, sessionIssuer, session, accessKeyId },
}: Pick<Alert, "actor">): string | undefined {
  const issued =
    sessionIssuer === undefined || session === undefined ? undefined : `${sessionIssuer}:${session}`;
  // Of a user without a session the principal id is the user's: that is the same actor, and no session.
  const role = principalId?.includes(":") === true ? principalId : undefined;
  const key = role ?? issued ?? accessKeyId;
  if (key === undefined) return undefined;
  const shown = showText(key, MAX_LENGTH);
  // Two that are cut to the same must not pass for one.
  return shown === key ? key : `${showText(key, KEPT_HEAD)}#${hash("sha256", key).slice(0, 32)}`;
}
