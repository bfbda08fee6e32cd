/**
 * Two conditions on one field at the top of a record. Elsewhere a key with dots can give a field a second value, so that
 * each condition may hold for another one; a name without dots cannot be spelt twice, and what CloudTrail defines as
 * text there is no list. So both must hold for the one value, and what only one of them accepts is left out.
 *
 *     eventType in [AwsApiCall, AwsConsoleAction]  and  eventType in [AwsConsoleAction, AwsConsoleSignIn]
 *     // eventType: ["AwsConsoleAction"]
 *
 * Not sourceIPAddress: EventBridge compares addresses, however they are spelt, and a rule compares texts.
 */
import { acceptsText, isAbsence } from "./domains.ts";
import type { Atom } from "./selector.ts";

const SINGLE_TEXTS: ReadonlySet<string> = new Set([
  "eventSource",
  "eventName",
  "eventType",
  "eventCategory",
  "awsRegion",
  "errorCode",
  "recipientAccountId",
]);

/**
 * What two atoms on one field accept together, with no matchers when that is nothing; undefined when it cannot be told,
 * or a record can have two values there.
 */
export function intersectAtoms(one: Atom, other: Atom): Atom | undefined {
  if (one.path !== other.path || !SINGLE_TEXTS.has(one.path)) return undefined;
  if (one.lists.length > 0 || other.lists.length > 0) return undefined;
  return cut(one, other) ?? cut(other, one);
}

/** The atom with those of its values that the other accepts; undefined when it accepts more than a few values. */
function cut(atom: Atom, { matchers }: Atom): Atom | undefined {
  if (!atom.matchers.every((matcher) => typeof matcher === "string" || isAbsence(matcher))) return undefined;
  const kept = atom.matchers.filter((matcher) =>
    typeof matcher === "string" ? acceptsText(matchers, matcher) : matchers.some(isAbsence),
  );
  return { ...atom, matchers: kept };
}
