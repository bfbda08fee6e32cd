/**
 * The values of an event pattern in words, for people who do not read EventBridge's operators every day.
 *
 *   wantedInWords(["a", { prefix: "b" }, { exists: false }])   // "a", a text that begins with "b", or nothing
 */
import { quote } from "../../lambda/loader/problem.ts";

/** A pattern for a hundred calls says enough with the first of them. */
const MAX_SHOWN = 6;

const WORDS: Readonly<Record<string, (argument: unknown) => string>> = {
  prefix: (argument) => `a text that begins with ${inner(argument)}`,
  suffix: (argument) => `a text that ends with ${inner(argument)}`,
  "equals-ignore-case": (argument) => `${quote(argument)} in either case`,
  wildcard: (argument) => `a text of the form ${quote(argument)}`,
  cidr: (argument) => `an address in ${quote(argument)}`,
  numeric: (argument) => `a number ${Array.isArray(argument) ? argument.map(String).join(" ") : ""}`,
  exists: (argument) => (argument === true ? "any value" : "nothing"),
  "anything-but": (argument) =>
    isObject(argument) ? `anything but ${wantedInWords([argument])}` : `anything but ${listed(argument)}`,
};

/** What a pattern wants of a field. */
export function wantedInWords(wanted: readonly unknown[]): string {
  const words = wanted.slice(0, MAX_SHOWN).map(inWords);
  const more = wanted.length - words.length;
  if (more > 0) return `${words.join(", ")} or one of ${more} more`;
  const last = words.pop() ?? "nothing";
  return words.length === 0 ? last : `${words.join(", ")} or ${last}`;
}

function inWords(value: unknown): string {
  const [entry] = isObject(value) ? Object.entries(value) : [];
  if (entry === undefined) return quote(value);
  const [operator, argument] = entry;
  return (Object.hasOwn(WORDS, operator) ? WORDS[operator] : undefined)?.(argument) ?? quote(value);
}

/** `{ prefix: { "equals-ignore-case": "a" } }`: an operator in an operator. */
function inner(argument: unknown): string {
  return isObject(argument) ? inWords(argument) : listed(argument);
}

function listed(argument: unknown): string {
  return Array.isArray(argument) ? wantedInWords(argument) : quote(argument);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
