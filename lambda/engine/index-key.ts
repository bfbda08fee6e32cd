/**
 * Under which field a rule stands in the index: one that every conjunct of its selector gives exact values or
 * beginnings for. Of several, the one that tells records apart best.
 *
 *     eventName: ["RunInstances"], errorCode: [{ exists: false }]   // eventName: nine of ten calls have no error
 *     eventName: [{ prefix: "Delete" }], readOnly: [false]                // eventName, by its beginning
 */
import { isAbsence } from "./domains.ts";
import type { Atom, Matcher, Selector } from "./selector.ts";

/** What the index finds a rule by. */
export type IndexKey = {
  readonly path: string;
  readonly values: ReadonlySet<unknown>;
  readonly prefixes: ReadonlySet<string>;
  /** Whether records without the field (or with null in it) are meant. */
  readonly absent: boolean;
};

/** Fields of which most records share one of a few values. */
const ALIKE: ReadonlySet<string> = new Set([
  "readOnly",
  "managementEvent",
  "eventCategory",
  "awsRegion",
  "recipientAccountId",
  "userIdentity.accountId",
  "userIdentity.sessionContext.sessionIssuer.type",
  "userIdentity.sessionContext.sessionIssuer.accountId",
  "userIdentity.sessionContext.attributes.mfaAuthenticated",
]);

/** Values that many records share, of fields with others that few do. */
const COMMON: ReadonlySet<unknown> = new Set(["AwsApiCall", "IAMUser", "AssumedRole", "AWSService"]);

/**
 * The key of a selector; undefined when no field serves, so that the rule must always be looked at.
 * @param usable the fields that may serve: those that cannot be lists
 */
export function keyOf(selector: Selector, usable: ReadonlySet<string>): IndexKey | undefined {
  const [first = []] = selector;
  const keys = first
    .filter(({ path }) => usable.has(path))
    .map(({ path }) => keyOn(path, selector))
    .filter((key) => key !== undefined);
  return keys.toSorted((a, b) => commonness(a) - commonness(b))[0];
}

function keyOn(path: string, selector: Selector): IndexKey | undefined {
  const values = new Set<unknown>();
  const prefixes = new Set<string>();
  let absent = false;
  for (const conjunct of selector) {
    const atom = conjunct.find((one) => one.path === path);
    if (atom === undefined || isOfList(atom)) return undefined;
    for (const matcher of atom.matchers) {
      const prefix = prefixOf(matcher);
      // Every text begins with the empty text: that tells nothing apart.
      if (prefix === "") return undefined;
      if (prefix !== undefined) prefixes.add(prefix);
      else if (isAbsence(matcher)) absent = true;
      else if (typeof matcher === "object") return undefined;
      else values.add(matcher);
    }
  }
  return { path, values, prefixes, absent };
}

/** The atom of an element of a list says nothing about the fact as a whole. */
function isOfList(atom: Atom): boolean {
  return atom.lists.length > 0;
}

function prefixOf(matcher: Matcher): string | undefined {
  if (typeof matcher !== "object") return undefined;
  return typeof matcher.prefix === "string" ? matcher.prefix : undefined;
}

/** The smaller, the fewer records the key finds and the less it costs to look, as far as can be told beforehand. */
function commonness({ path, values, prefixes, absent }: IndexKey): number {
  const size = Math.min(values.size + prefixes.size, 1_000) / 10_000;
  const vague = prefixes.size > 0 ? 1 : 0;
  if (path === "eventName") return size + vague;
  const alike = ALIKE.has(path) || [...values].some((value) => COMMON.has(value));
  const deep = path.split(".").length - 1;
  return size + vague + 2 + deep / 2 + (alike ? 4 : 0) + (absent ? 8 : 0);
}
