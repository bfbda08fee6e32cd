/**
 * Fields of which CloudTrail fixes the spelling: there a value of Sigma, which knows no case, may be compared exactly,
 * and EventBridge and our index then know the call by its name. Only a value that is spelt as CloudTrail spells such
 * values is taken for exact: of `createuser`, which no call is called, the case is left open as Sigma has it.
 *
 *   exactSpelling("eventName", ["CreateUser"])   // true
 *   exactSpelling("eventName", ["createuser"])   // false
 */
import { CALLER_TYPES } from "../../../lambda/record/caller-types.ts";
import { isEventSource } from "../../../lambda/loader/event-source.ts";
import { ANY, type SigmaText } from "./sigma-text.ts";

const CALL = /^[A-Z][A-Za-z0-9]*$/;

/** Whether a text of Sigma may be compared with a field as it is spelt. */
export function exactSpelling(field: string, text: SigmaText): boolean {
  const [first, second, third] = text;
  if (typeof first !== "string" || third !== undefined) return false;
  // A call that begins so; in the middle of a name a capital may be small.
  if (second === ANY) return field === "eventName" && CALL.test(first);
  if (second !== undefined) return false;
  switch (field) {
    case "eventName":
      return CALL.test(first);
    case "eventSource":
      return isEventSource(first);
    case "userIdentity.type":
      return CALLER_TYPES.includes(first);
    case "awsRegion":
      return first === first.toLowerCase();
    default:
      return false;
  }
}
