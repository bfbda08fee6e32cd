/**
 * What Slack's answers mean. A webhook answers with a status and one word; the Web API with 200 and `"ok": false` for
 * nearly everything, so a destination that only looks at the status would lose every alert in silence.
 *
 *     judgeWebhook({ status: 410, body: "channel_is_archived", … })             // again: "never", secretRefused
 *     judgeApi({ status: 200, body: '{"ok":false,"error":"ratelimited"}', … })  // again: "soon"
 */
import { isObject, textAt } from "../record/untrusted.ts";
import { type Answer, type Judge, type Problem, refuseWebPage } from "./http-answer.ts";

/** Slack's errors are words such as `channel_not_found`; a proxy between here and Slack says something else. */
const WORD = /^[a-z][a-z0-9_]{1,60}$/;

/** The webhook is not to be used again, or not for this: a new one in the secret is the cure. */
const DEAD_WEBHOOK: ReadonlySet<number> = new Set([403, 404, 410]);

/** Judges what an incoming webhook answers. */
export const judgeWebhook: Judge = (answer) => {
  const { status, body } = answer;
  const word = body.trim();
  // Of an answer that broke off only the status is left; a webhook says everything but yes with another one.
  if (status >= 200 && status < 300) return word === "ok" || word === "" ? "taken" : noYes(answer);
  if (!DEAD_WEBHOOK.has(status) || !WORD.test(word)) return undefined;
  return { says: `answered ${status}: ${word}`, again: "never", secretRefused: true };
};

/** Errors of the Web API that pass by themselves. */
const BUSY: ReadonlySet<string> = new Set([
  "ratelimited",
  "rate_limited",
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
]);

/** The token is not good: another one in the secret, or the app given its permission back, is the cure. */
const REFUSED_TOKEN: ReadonlySet<string> = new Set([
  "invalid_auth",
  "not_authed",
  "token_revoked",
  "token_expired",
  "account_inactive",
  "missing_scope",
  "no_permission",
  "not_allowed_token_type",
  "org_login_required",
]);

/** What stays as it is until a person changes the channel, the configuration or our message, with the cure. */
const FINAL: ReadonlyMap<string, string> = new Map([
  ["channel_not_found", "; check the channel's id, and invite the app if the channel is private"],
  ["not_in_channel", "; invite the app to the channel"],
  ["is_archived", "; configure another channel"],
  ["restricted_action", "; let the app post in the channel"],
  ["restricted_action_read_only_channel", "; let the app post in the channel"],
  ["restricted_action_thread_only_channel", "; let the app post in the channel"],
  ["invalid_blocks", ""],
  ["invalid_blocks_format", ""],
  ["invalid_attachments", ""],
  ["invalid_arguments", ""],
  ["msg_too_long", ""],
  ["msg_blocks_too_long", ""],
  ["too_many_attachments", ""],
  ["no_text", ""],
]);

/** A yes whose rest broke off: taken is taken, though nobody knows where the message stands. */
const BROKEN_YES = /^\s*\{\s*"ok"\s*:\s*true\s*,/;

/** Judges what a method of the Web API answers. */
export const judgeApi: Judge = (answer) => {
  const { status, body } = answer;
  const json = parse(body);
  if (!isObject(json) || typeof json["ok"] !== "boolean") {
    if (status < 200 || status >= 300) return undefined;
    return BROKEN_YES.test(body) ? "taken" : noYes(answer);
  }
  if (json["ok"]) return status >= 200 && status < 300 ? "taken" : undefined;
  const error = apiError(body) ?? "unknown error";
  const says = `answered ${status}: ${error}`;
  if (BUSY.has(error)) return { says, again: "soon" };
  if (REFUSED_TOKEN.has(error)) return { says, again: "later", secretRefused: true };
  const cure = FINAL.get(error);
  // A word that nobody here knows may pass; the redelivery queue gives it a day.
  return cure === undefined ? { says, again: "later" } : { says: `${says}${cure}`, again: "never" };
};

/** Slack's words for a message that is gone or closed to changes, and for a thread that takes no reply. */
const NO_LONGER: ReadonlySet<string> = new Set([
  "message_not_found",
  "thread_not_found",
  "cant_update_message",
  "edit_window_closed",
  "cannot_reply_to_message",
  "restricted_action_thread_locked",
]);

/** Judges a call about an earlier message: that it is no longer there for it is an answer, and no failure. */
export const judgeEarlier: Judge = (answer) =>
  NO_LONGER.has(apiError(answer.body) ?? "") ? "taken" : judgeApi(answer);

/** The word of an error of the Web API; undefined when the body holds none. */
export function apiError(body: string): string | undefined {
  const error = textAt(parse(body), "error");
  return error !== undefined && WORD.test(error) ? error : undefined;
}

/** Where a message of the Web API is: "C0123456789 1700000000.000100". Undefined when the answer does not say. */
export function receiptIn({ body }: Answer): string | undefined {
  const json = parse(body);
  const receipt = `${textAt(json, "channel")} ${textAt(json, "ts")}`;
  return readReceipt(receipt) === undefined ? undefined : receipt;
}

/** The channel and the time stamp that a receipt names. */
export function readReceipt(receipt: string | undefined): { channel: string; ts: string } | undefined {
  const match = /^([A-Z0-9]{2,32}) (\d{1,20}\.\d{1,20})$/.exec(receipt ?? "");
  return match === null ? undefined : { channel: match[1] ?? "", ts: match[2] ?? "" };
}

/** A 2xx without Slack's own yes: nobody knows that the alert was taken, so it is tried again. */
function noYes(answer: Answer): Problem {
  const problem = refuseWebPage(answer);
  if (problem !== undefined && problem !== "taken") return problem;
  return { says: `answered ${answer.status} without Slack's "ok"`, again: "later" };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
