/**
 * Where the records of sign-ins and of global services appear. An EventBridge rule sees its own Region only, and these
 * records go to a Region of AWS's choosing, so a stack elsewhere deploys, stays green, and never alerts (FACTS § 1).
 *
 *   rules for iam.amazonaws.com in eu-west-1 → "records of iam.amazonaws.com appear in us-east-1 only …"
 */
import type { Condition, RuleSet } from "../lambda/engine/rule.ts";

const GLOBAL_SERVICES = [
  "iam.amazonaws.com",
  "cloudfront.amazonaws.com",
  "route53.amazonaws.com",
  "organizations.amazonaws.com",
];
const SIGN_IN = "signin.amazonaws.com";
const STS = "sts.amazonaws.com";

/** The Region of each partition that global services record in: where their endpoint is (China, GovCloud, all others). */
const GLOBAL_REGIONS: readonly { readonly prefix: string; readonly region: string }[] = [
  { prefix: "cn-", region: "cn-north-1" },
  { prefix: "us-gov-", region: "us-gov-west-1" },
  { prefix: "", region: "us-east-1" },
];
/** Root signs in at us-east-1, IAM users through the global endpoint at any of these (user guide, console sign-in events). */
const SIGN_IN_REGIONS = ["us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2"];

/** One source whose records a stack in the given Region does not see, or not all of them. */
export type RegionGap = {
  readonly eventSource: string;
  /** A warning when the stack misses all or most of the records; a note when it sees what one Region can. */
  readonly severity: "warning" | "note";
  readonly message: string;
};

/** The sources among the rules' that have a Region of their own, sorted; the rest appear wherever they are called. */
export function regionalSources(ruleSet: RuleSet): string[] {
  const known = new Set([...GLOBAL_SERVICES, SIGN_IN, STS]);
  const named = ruleSet.rules.flatMap(
    (rule) => rule.eventSource ?? namedSources(rule.conditions, ruleSet, new Set()),
  );
  return [...new Set(named)].filter((source) => known.has(source)).toSorted();
}

/** What a stack in `region` misses of the given sources, to which `forwarded` Regions send theirs. */
export function findRegionGaps(
  eventSources: readonly string[],
  region: string,
  forwarded: readonly string[] = [],
): RegionGap[] {
  return eventSources.flatMap((eventSource) => findGap(eventSource, region, forwarded) ?? []);
}

function findGap(eventSource: string, region: string, forwarded: readonly string[]): RegionGap | undefined {
  const home = GLOBAL_REGIONS.find(({ prefix }) => region.startsWith(prefix))?.region ?? "us-east-1";
  if (eventSource === SIGN_IN) return signInGap(region, home, forwarded);
  if (region === home || forwarded.includes(home)) return undefined;
  if (eventSource === STS) {
    return {
      eventSource,
      severity: "warning",
      message:
        `Calls to the global STS endpoint are recorded in ${home} only; this stack in ${region} sees those made to ` +
        `its regional endpoint. Deploy the engine in ${home} as well.`,
    };
  }
  if (!GLOBAL_SERVICES.includes(eventSource)) return undefined;
  return {
    eventSource,
    severity: "warning",
    message:
      `Records of ${eventSource} appear in ${home} only, and this stack is in ${region}: its rules for ` +
      `${eventSource} will never alert. Deploy the engine in ${home} as well.`,
  };
}

function signInGap(region: string, home: string, forwarded: readonly string[]): RegionGap | undefined {
  if (home !== "us-east-1") {
    return region === home || forwarded.includes(home)
      ? undefined
      : {
          eventSource: SIGN_IN,
          severity: "warning",
          message: `Most console sign-ins are recorded in ${home}, and this stack is in ${region}. Deploy the engine in ${home} as well.`,
        };
  }
  const missing = SIGN_IN_REGIONS.filter((other) => other !== region && !forwarded.includes(other));
  if (missing.length === 0) return undefined;
  if (missing.length < SIGN_IN_REGIONS.length && forwarded.length > 0) {
    return {
      eventSource: SIGN_IN,
      severity: missing.includes("us-east-1") ? "warning" : "note",
      message:
        `Console sign-ins are recorded in ${missing.join(", ")}, too, depending on the sign-in link, and nothing is ` +
        'forwarded from there. Add them to "regions" of "engine" in cdk.json to see every sign-in.',
    };
  }
  const others = missing.join(", ");
  if (SIGN_IN_REGIONS.includes(region)) {
    return {
      eventSource: SIGN_IN,
      severity: "note",
      message:
        `Console sign-ins are recorded in ${region} and, depending on the sign-in link, in ${others}: this stack ` +
        "sees its own Region's only. Deploy the engine in those too to see every sign-in.",
    };
  }
  return {
    eventSource: SIGN_IN,
    severity: "warning",
    message:
      `Console sign-ins are recorded in ${others}, and this stack is in ${region}: its sign-in rules see only ` +
      `sign-ins through ${region}'s own address. Deploy the engine in us-east-1 as well, and in the others to see all.`,
  };
}

/** The sources that a `_global` rule asks for by name, wherever in its conditions. */
function namedSources(condition: Condition, ruleSet: RuleSet, visited: Set<string>): string[] {
  if ("all" in condition) return condition.all.flatMap((inner) => namedSources(inner, ruleSet, visited));
  if ("any" in condition) return condition.any.flatMap((inner) => namedSources(inner, ruleSet, visited));
  if ("not" in condition) return [];
  if ("condition" in condition) {
    const shared = visited.has(condition.condition) ? undefined : ruleSet.conditions[condition.condition];
    visited.add(condition.condition);
    return shared === undefined ? [] : namedSources(shared, ruleSet, visited);
  }
  if (condition.fact !== "eventSource") return [];
  const values: readonly unknown[] = Array.isArray(condition.value) ? condition.value : [condition.value];
  return values.filter((value) => typeof value === "string");
}
