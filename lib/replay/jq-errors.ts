/**
 * Errors of jq expressions over a replay: no match each, and told once a rule and kind, when all is read.
 *
 *   rule iam.amazonaws.com/x: jq error on 1,204 records, no match: object (…) cannot be matched, as it is not a string
 *     first at events.json:7:1
 */
import { errorKind } from "../../lambda/jq/error-kind.ts";
import { printable } from "../../lambda/words/printable.ts";
import { counted } from "../words.ts";
import { formatPlace, type Place } from "./records.ts";

/** Kinds that are told; an expression can make errors of its own without end. */
const MAX_KINDS = 100;

/** Collects errors, and gives what there is to say of them. */
export type JqErrors = {
  add(place: Place, ruleId: string, message: string): void;
  lines(): readonly string[];
};

/** Collects the errors of one replay. */
export function collectJqErrors(): JqErrors {
  const kinds = new Map<
    string,
    { readonly ruleId: string; readonly kind: string; readonly first: Place; count: number }
  >();
  let untold = 0;
  return {
    add(place, ruleId, message) {
      const kind = errorKind(message);
      const key = `${ruleId}\n${kind}`;
      const known = kinds.get(key);
      if (known !== undefined) known.count += 1;
      else if (kinds.size >= MAX_KINDS) untold += 1;
      else kinds.set(key, { ruleId, kind, first: place, count: 1 });
    },
    lines() {
      const told = [...kinds.values()].flatMap(({ ruleId, kind, first, count }) => [
        printable(`rule ${ruleId}: jq error on ${counted(count, "record")}, no match: ${kind}`),
        printable(`  first at ${formatPlace(first)}`),
      ]);
      return untold === 0 ? told : [...told, `and ${counted(untold, "more jq error")} of other kinds`];
    },
  };
}
