/**
 * Checks a comparison with a list: the name stands in the condition, the values in a file of `_lists`. Whether there is
 * such a list is known when all files are read.
 *
 *   { fact: sourceIPAddress, operator: notInList, value: office-networks }
 */
import type { FactPath } from "../record/fact-path.ts";
import { typeOfFact } from "./check-fact.ts";
import type { ParsedOperator } from "./check-value.ts";
import type { Path, Position } from "./problem.ts";
import { formatPath, quote } from "./problem.ts";
import type { Report } from "./report.ts";
import { isObject, kindOf } from "./report.ts";

/** The name of a list in a condition, where it stands, and the fact that is compared with the list, if it is known. */
export type ListUse = Position & {
  readonly name: string;
  readonly field: string;
  readonly fact: FactPath | undefined;
};

/** Decorators that make no sense in front of a comparison with a list, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  someValue: "goes through values, and a list is compared with as a whole",
  everyValue: "goes through values, and a list is compared with as a whole",
  swap: "would put the list in the place of the fact",
};

/** Reports what is wrong with the value of `inList` or `notInList`; gives the name in it, if there is one. */
export function checkListName(
  report: Report,
  { decorators, base }: ParsedOperator,
  fact: FactPath | undefined,
  value: unknown,
  path: Path,
): ListUse | undefined {
  const at = [...path, "value"];
  for (const decorator of decorators) {
    const reason = REFUSED[decorator];
    if (reason !== undefined)
      report.add([...path, "operator"], `${decorator}: ${reason}.`, `Take ${decorator}: out.`);
  }
  if (fact !== undefined && typeOfFact(fact) === "boolean") {
    report.add(
      [...path, "fact"],
      `${fact.text} is true or false, and lists hold text.`,
      "Write operator: equal with true or false.",
    );
  }
  if (typeof value === "string" && value !== "") {
    return { name: value, field: formatPath(at), fact, ...report.source.at(at) };
  }
  const inline = base === "inList" ? "in" : "notIn";
  if (Array.isArray(value)) {
    const cure = `Use ${inline}, or write the values into a file of _lists and its name here.`;
    report.add(at, `${base} compares with a list by its name, these are values.`, cure);
  } else if (isObject(value)) {
    const cure = `Write the name of a file in _lists, or compare the two facts with equal or ${inline}.`;
    report.add(at, `${base} compares with a list by its name, this is an object.`, cure);
  } else {
    const what = value === "" ? "an empty text" : `${kindOf(value)}, ${quote(value)}`;
    report.add(
      at,
      `${base} compares with a list by its name, this is ${what}.`,
      "Write the name of a file in _lists without its extension, in quotes if need be.",
    );
  }
  return undefined;
}
