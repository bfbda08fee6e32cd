/**
 * A value of a record in a line for people: JSON, so that the text "5" and the number 5 differ, cut to what a reader
 * needs, and with nothing in it that a terminal would act on.
 *
 *   showValue("Access\u001b[2J")   // "Access\\u001b[2J", in quotes
 *   showValue(undefined)           // nothing
 */
import { printable } from "../words/printable.ts";
import { cutText } from "../record/cut-text.ts";
import { AlternativeLists, Alternatives } from "../record/facts.ts";

/** Long enough for an ARN of a role's session. */
const MAX_LENGTH = 160;

/** What a fact holds; `nothing`, without quotes, when the record has no such key. */
export function showValue(value: unknown): string {
  if (value instanceof Alternatives) {
    // Keys that spell the same fact: none of them hides the others, neither here.
    return value.values.map(showValue).join(" and also ");
  }
  if (value === undefined) return "nothing";
  return cutText(printable(JSON.stringify(plain(value))), MAX_LENGTH);
}

/** A list without the marks of colliding keys: all values that an element may be stand side by side. */
function plain(value: unknown): unknown {
  return Array.isArray(value) ? value.flatMap(elements) : value;
}

function elements(element: unknown): readonly unknown[] {
  if (element instanceof Alternatives) return element.values;
  if (element instanceof AlternativeLists) return element.lists.flatMap((list) => list.flatMap(elements));
  return [element];
}
