/**
 * What is deployed, as the stack keeps it for `engine publish`: the rules that published ones take the place of, and
 * the destinations, whose permissions and secrets are all that published ones may use.
 */
import type { DestinationSettings } from "../../lambda/destinations/destination-type.ts";
import type { RuleSet } from "../../lambda/engine/rule.ts";
import { isObject, valueAt } from "../../lambda/record/untrusted.ts";
import type { Routing } from "../../lambda/routing.ts";

export type DeployedFile = {
  readonly format: 1;
  /** Whether rules may be published whose records EventBridge does not deliver yet. */
  readonly allowWaiting: boolean;
  readonly ruleSet: RuleSet;
  readonly destinations: readonly DestinationSettings[];
  readonly routing: Routing;
};

/**
 * Reads it.
 * @throws Error with the cure when it is something else.
 */
export function readDeployedFile(text: string): DeployedFile {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    // Said below.
  }
  const isOurs =
    valueAt(found, "format") === 1 &&
    Array.isArray(valueAt(found, "ruleSet", "rules")) &&
    Array.isArray(valueAt(found, "destinations")) &&
    isObject(valueAt(found, "routing"));
  if (isOurs) return found as DeployedFile;
  throw new Error(
    "What the stack says of its deployed rules cannot be read. Deploy again with `npx cdk deploy`.",
  );
}
