/**
 * Options that verbs share, read one way: what parseArgs complains of becomes a UsageError that names the option
 * and the nearest known one, so that every verb speaks alike.
 *
 *   const { values, positionals } = readOptions(args, { ...RULES_OPTION, all: { type: "boolean" } });
 *   const format = oneOf("format", values.format, ["text", "json"]);
 */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { didYouMean } from "../lambda/words/nearest.ts";
import { UsageError } from "./command.ts";

/** `--rules DIR`: every verb takes it, so that one line of a script serves them all. */
export const RULES_OPTION = { rules: { type: "string", default: "rules" } } as const;

/** Parses a verb's arguments. Throws a UsageError for an unknown option or a missing value. */
export function readOptions<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(advice(error, Object.keys(options)), { cause: error });
  }
}

/** The value of an option that takes one of a few words. Throws a UsageError for any other. */
export function oneOf<const T extends string>(option: string, value: string, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found === undefined) {
    throw new UsageError(
      `--${option} takes ${words.join(", ")}, not "${value}". ${didYouMean(value, words, "")}`.trim(),
    );
  }
  return found;
}

/** The value of an option that takes several words with commas between them, none when it is absent. */
export function someOf<const T extends string>(
  option: string,
  value: string | undefined,
  words: readonly T[],
): T[] {
  const parts = (value ?? "").split(",").map((part) => part.trim());
  return parts.filter((part) => part !== "").map((part) => oneOf(option, part, words));
}

/** The value of an option that takes a whole number of at least 1, or undefined when it is absent. */
export function positiveInteger(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < 1) {
    throw new UsageError(`--${option} takes a whole number of at least 1, not "${value}".`);
  }
  return number;
}

/** Refuses arguments that a verb has no use for. */
export function noPositionals(positionals: readonly string[]): void {
  const [first] = positionals;
  if (first !== undefined) throw new UsageError(`This verb takes no "${first}", only options.`);
}

/** What parseArgs found wrong, in one sentence with the nearest known option. */
function advice(error: unknown, known: readonly string[]): string {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /^Unknown option '--?([^']+)'/.exec(message)?.[1];
  // Node's own words come in several lines.
  if (unknown === undefined) return message.replaceAll(/\s*\n\s*/g, " ");
  return `No option "--${unknown}". ${didYouMean(unknown, known, `Known are: --${known.join(", --")}.`)}`;
}
