/**
 * Whether conditions rest on something that AWS wrote, or only on what whoever calls can choose. A suppression of the
 * second kind is an invitation: an attacker writes `Terraform/` into the user agent, and nobody is told.
 *
 *     { userAgent startsWith Terraform/, eventName equal CreateUser }                 // rests on the caller: eventName
 *                                                                                    // says what, and not who
 *     { userAgent startsWith Terraform/, actor.arn equal arn:…:role/deploy }          // rests on AWS
 *     { any: [ actor.arn equal …, userAgent startsWith … ] }                          // the second branch is open
 *
 * What was called, where and with what outcome (`eventName`, `awsRegion`, `errorCode`) counts for neither side. A session's
 * ARN and principal id hold both: they count as AWS's where the condition fixes the part that AWS wrote.
 */
import type { NormalCondition } from "../engine/conditions.ts";
import { likeParts } from "../engine/like.ts";
import { parseOperator } from "../engine/operator-name.ts";
import { factOfValue } from "../engine/predicate.ts";
import { ResolvedList } from "../engine/resolved-list.ts";
import type { Literal } from "../engine/rule.ts";

type Weight = "aws" | "neither" | "caller";

/** Chosen by who calls, with everything below. A source identity is set by whoever assumes the first role. */
const CHOSEN = [
  "userAgent",
  "requestParameters",
  "errorMessage",
  "tlsDetails",
  "userIdentity.sessionContext.sourceIdentity",
  "actor.name",
  "actor.session",
  "actor.sourceIdentity",
  "channel",
];
/** Who calls chooses what, where and when to call, and can have it fail: that tells nothing about who it is. */
const NEITHER = [
  "eventName",
  "eventSource",
  "eventType",
  "eventCategory",
  "eventTime",
  "eventVersion",
  "eventID",
  "requestID",
  "apiVersion",
  "awsRegion",
  "readOnly",
  "managementEvent",
  "errorCode",
  "outcome",
];
/** Facts that end in a session's name, and the beginning that has to be fixed for them to be AWS's. */
const WITH_SESSION_NAME: Readonly<Record<string, RegExp>> = {
  "userIdentity.arn": /^arn:[\w-]+:(?:iam|sts)::\d{12}:/,
  "userIdentity.principalId": /^[A-Z0-9]{16,}/,
  "actor.principalId": /^[A-Z0-9]{16,}/,
};

/**
 * The facts that conditions rest on where they rest only on what the caller chooses, of all branches of `any` together;
 * none when every branch has something of AWS's in it, or nothing of the caller's.
 */
export function callerChosenFacts(condition: NormalCondition): readonly string[] {
  const found = new Set<string>();
  if (weigh(condition, found) !== "caller") return [];
  return [...found];
}

/** Weighs a condition; adds the caller's facts of branches that rest on them. */
function weigh(condition: NormalCondition, found: Set<string>): Weight {
  if ("all" in condition) {
    const own = new Set<string>();
    const weights = new Set(condition.all.map((part) => weigh(part, own)));
    if (weights.has("aws")) return "aws";
    for (const fact of own) found.add(fact);
    return weights.has("caller") ? "caller" : "neither";
  }
  if ("any" in condition) {
    const weights = new Set(condition.any.map((part) => weigh(part, found)));
    if (weights.has("caller")) return "caller";
    return weights.has("neither") ? "neither" : "aws";
  }
  const weight = weighLiteral(condition);
  if (weight === "caller") found.add(condition.fact);
  return weight;
}

function weighLiteral(literal: Literal): Weight {
  const { fact, value } = literal;
  const other = factOfValue(value);
  // What the caller wrote gives medium confidence at most: see lambda/record/channel.ts.
  if (fact === "channel.confidence" && literal.operator === "equal" && value === "high") return "aws";
  if (isBelow(fact, CHOSEN) || (other !== undefined && isBelow(other, CHOSEN))) return "caller";
  if (isBelow(fact, NEITHER)) return "neither";
  const beginning = Object.hasOwn(WITH_SESSION_NAME, fact) ? WITH_SESSION_NAME[fact] : undefined;
  return beginning === undefined || fixes(literal, beginning) ? "aws" : "caller";
}

function isBelow(fact: string, roots: readonly string[]): boolean {
  return roots.some((root) => fact === root || fact.startsWith(`${root}.`) || fact.startsWith(`${root}[`));
}

/** Whether the condition holds only for texts that begin so. */
function fixes({ operator, value }: Literal, beginning: RegExp): boolean {
  const parsed = parseOperator(operator);
  if ("unknown" in parsed || parsed.decorators.some((decorator) => decorator !== "someValue")) return false;
  const texts = value instanceof ResolvedList ? value.values : [value].flat();
  switch (parsed.base) {
    case "equal":
    case "in":
    case "startsWith":
      return texts.every((text) => beginning.test(String(text)));
    case "like":
      return texts.every((text) => beginning.test(likeParts(String(text))[0] ?? ""));
    case "inList":
      return texts.every((text) =>
        beginning.test(
          value instanceof ResolvedList && value.kind === "wildcard"
            ? (likeParts(String(text))[0] ?? "")
            : String(text),
        ),
      );
    default:
      return false;
  }
}
