/**
 * Names that a field of an event pattern may not have everywhere: inside `$or` EventBridge refuses fields that read like
 * its operators, and `$or` itself is never a field. Real records have such fields: S3's ListObjects asks for
 * `requestParameters.prefix`. The pattern compiler refuses them, and the derivation of selectors keeps clear of them.
 *
 *   { "$or": [{ "requestParameters": { "prefix": ["a"] } }, …] }   is refused
 */

/** The disjunction of an event pattern. */
export const OR = "$or";

/** Names that a field inside `$or` may not have, because they read like operators (aws/event-ruler `Constants`). */
export const RESERVED_IN_OR: ReadonlySet<string> = new Set(
  `exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr html = < <= > >= regex not-wildcard
   not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range ip-address-in-range
   ip-address-not-in-range`.split(/\s+/),
);
