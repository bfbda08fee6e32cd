/** Options of the verbs that work with a deployed engine: which stack, in which Region. */
import { STACK_NAME } from "../lib/names.ts";
import { UsageError } from "./command.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** `--stack NAME --region REGION`. */
export const DEPLOYED_OPTIONS = {
  stack: { type: "string", default: STACK_NAME },
  region: { type: "string" },
} as const;

/** The Region that was given, or that the environment names. Throws a UsageError when there is none. */
export function readRegion(given: string | undefined, environment: Environment): string {
  const region = given ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "";
  if (region === "") throw new UsageError("There is no Region. Give --region eu-west-1, or set AWS_REGION.");
  if (/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return region;
  throw new UsageError(`${JSON.stringify(region)} is no Region. Write one such as eu-west-1.`);
}
