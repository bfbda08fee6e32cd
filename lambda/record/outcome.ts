/**
 * Whether the call did what it asked for. CloudTrail says so in several places: `errorCode` for API calls, only
 * `errorMessage` and `responseElements` for sign-ins, `serviceEventDetails` for Identity Center, and `responseElements`
 * for services that answer errors with a 200 (FACTS § 4).
 *
 * Denied is what was refused for want of permission. Failed is all else that did not happen: throttled, malformed, not
 * found, a wrong password, and a dry run (`Client.DryRunOperation`), which would have been allowed and changed nothing.
 *
 *     deriveOutcome({ eventSource: "signin.amazonaws.com", eventName: "ConsoleLogin",
 *                     responseElements: { ConsoleLogin: "Failure" }, … })   // { result: "failed" }
 *
 * `lambda/engine/derived-evidence.ts` says what an event pattern can see of this: both change together.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { SIGN_IN_SOURCES } from "./channel.ts";
import { cutText } from "./cut-text.ts";
import type { CloudTrailRecord } from "./record.ts";
import { isObject, textAt, valueAt } from "./untrusted.ts";

type Outcome = Alert["outcome"];

/** Error codes with which services refuse for want of permission: `AccessDenied`, `Client.UnauthorizedOperation`, … */
const DENIED =
  /AccessDenied|Unauthori[sz]ed|NotAuthori[sz]ed|Authori[sz]ationError|Forbidden|^(?:Client\.)?AuthFailure$/i;
const MAX_TEXT = 1024;

/** Derives the outcome of a record; never throws, whatever types the fields have. */
export function deriveOutcome(record: CloudTrailRecord): Outcome {
  const errorCode = textAt(record, "errorCode") ?? textAt(record, "responseElements", "errorCode");
  const errorMessage = textAt(record, "errorMessage") ?? textAt(record, "responseElements", "errorMessage");
  // CloudTrail leaves errorCode out of a record whose call went through: an empty one is there, too.
  const failed =
    errorCode !== undefined || errorMessage !== undefined || record.errorCode === "" || saysFailure(record);
  if (!failed) return { result: "success" };
  return {
    result: errorCode !== undefined && DENIED.test(errorCode) ? "denied" : "failed",
    ...(errorCode === undefined ? {} : { errorCode: cutText(errorCode, MAX_TEXT) }),
    ...(errorMessage === undefined ? {} : { errorMessage: cutText(errorMessage, MAX_TEXT) }),
  };
}

/** Sign-ins say `{ "ConsoleLogin": "Failure" }`, under the name of what was tried. */
function saysFailure(record: CloudTrailRecord): boolean {
  if (!SIGN_IN_SOURCES.includes(record.eventSource)) return false;
  return ["responseElements", "serviceEventDetails"].some((field) => {
    const details = valueAt(record, field);
    if (!isObject(details)) return false;
    const result = valueAt(details, record.eventName);
    return typeof result === "string" && ["failure", "failed"].includes(result.toLowerCase());
  });
}
