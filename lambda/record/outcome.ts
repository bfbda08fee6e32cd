/**
 * Whether the call did what it asked for. CloudTrail says so in several places: `errorCode` for API calls, only
 * `errorMessage` and `responseElements` for sign-ins, `serviceEventDetails` for Identity Center, and `responseElements`
 * for services that answer errors with a 200 (FACTS § 4).
 *
 *     deriveOutcome({ eventName: "ConsoleLogin", responseElements: { ConsoleLogin: "Failure" }, … })
 *     // { result: "failed" }
 */
import type { Alert } from "../alerts/alert-schema.ts";
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
  const failed = errorCode !== undefined || errorMessage !== undefined || saysFailure(record);
  if (!failed) return { result: "success" };
  return {
    result: errorCode !== undefined && DENIED.test(errorCode) ? "denied" : "failed",
    ...(errorCode === undefined ? {} : { errorCode: cutText(errorCode, MAX_TEXT) }),
    ...(errorMessage === undefined ? {} : { errorMessage: cutText(errorMessage, MAX_TEXT) }),
  };
}

/** Sign-ins say `{ "ConsoleLogin": "Failure" }`, under the name of what was tried. */
function saysFailure(record: CloudTrailRecord): boolean {
  return ["responseElements", "serviceEventDetails"].some((field) => {
    const details = valueAt(record, field);
    if (!isObject(details)) return false;
    const result = valueAt(details, record.eventName);
    return typeof result === "string" && result.toLowerCase() === "failure";
  });
}
