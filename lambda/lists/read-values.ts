/**
 * From the rows of a query to the values of a list. Values are data: a text is kept as it is, a number becomes its
 * digits, and nothing else is one. A row that has no such value costs that row and is counted; rows of which none has
 * one are a misspelt column and not an empty list.
 *
 *     readValues(["a", "b", "a", null], "exact", 10)   // { values: ["a", "b"], refused: 1 }
 */
import { canonicalCidr } from "../engine/cidr.ts";
import { likeParts } from "../engine/like.ts";
import type { List } from "../engine/rule.ts";
import { ListError } from "./list-error.ts";

/** The longest value, in UTF-16 units: an ARN has 2,048 at most. */
const MAX_VALUE_LENGTH = 2_048;

/** The values, sorted and each once, and how many rows had none. */
export type Values = { readonly values: readonly string[]; readonly refused: number };

/** Reads the values. Throws a ListError when no row has one, or there are more than `maxValues`. */
export function readValues(rows: readonly unknown[], kind: List["kind"], maxValues: number): Values {
  const values = new Set<string>();
  let refused = 0;
  for (const row of rows) {
    const value = valueOf(row, kind);
    if (value === undefined) refused += 1;
    else values.add(value);
    if (values.size > maxValues) {
      throw new ListError(
        `The query gives more than ${maxValues} values. Narrow it down, or raise maxValues of the list.`,
      );
    }
  }
  if (values.size === 0 && rows.length > 0) {
    const what = kind === "cidr" ? "a range of addresses" : "a text";
    throw new ListError(
      `None of the ${rows.length} rows of the query has ${what} in the column. Look at the list's column.`,
    );
  }
  return { values: [...values].toSorted(), refused };
}

function valueOf(row: unknown, kind: List["kind"]): string | undefined {
  const text = typeof row === "number" && Number.isFinite(row) ? String(row) : row;
  if (typeof text !== "string" || text === "" || text.length > MAX_VALUE_LENGTH || !text.isWellFormed())
    return undefined;
  if (kind === "wildcard") return likeParts(text).some((part) => part !== "") ? text : undefined;
  return kind === "cidr" ? rangeOf(text.trim()) : text;
}

/** The range, or that of one address. */
function rangeOf(text: string): string | undefined {
  return canonicalCidr(text) ?? canonicalCidr(`${text}/${text.includes(":") ? 128 : 32}`);
}
