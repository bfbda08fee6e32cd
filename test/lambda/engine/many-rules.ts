/**
 * Rule sets as large as people may write them, and records around a rule: most of its conditions hold, the others
 * nearly. A seed names each, so that a failure can be looked at.
 */
import { literalsOf, normalize } from "../../../lambda/engine/conditions.ts";
import { likeParts } from "../../../lambda/engine/like.ts";
import type { Condition, Literal, Rule, RuleSet } from "../../../lambda/engine/rule.ts";
import { parseFactPath, type Segment } from "../../../lambda/record/fact-path.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";
import { ACCOUNT, recordOf, ruleOf, ruleSetOf } from "./samples.ts";

/** Name of the role whose failed calls are left out. */
export const OWN_ROLE = "CloudTrailEngine-Detector";

type Pick = <T>(from: readonly T[]) => T;
type Node = Record<string, unknown>;

/** Chooses from lists, the same way for the same seed. */
function picker(seed: number): Pick {
  let state = seed | 0;
  return (from) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return from[((mixed ^ (mixed >>> 14)) >>> 0) % from.length] as (typeof from)[number];
  };
}

const VERBS = ["Create", "Delete", "Put", "Update", "Describe", "Get", "Attach", "Start", "Assume"];

/** So many rules over so many eventSources, every fiftieth of any source. */
export function manyRules(count: number, sources: number): RuleSet {
  const pick = picker(count * 1_000 + sources);
  const rules = Array.from({ length: count }, (_, at): Rule => {
    const source = `service-${at % sources}.amazonaws.com`;
    const names = Array.from(
      { length: pick([1, 1, 1, 2, 3]) },
      () => `${pick(VERBS)}Thing${pick([1, 2, 3, 4, 5, 6, 7, 8, 9])}${at % 7}`,
    );
    if (at % 50 === 7) return ruleOf(`_global/rule-${at}`, { all: globalConditions(at, pick) }, null);
    return ruleOf(
      `${source}/rule-${at}`,
      { all: [{ fact: "eventName", operator: "in", value: names }, ...more(pick)] },
      source,
    );
  });
  return ruleSetOf(rules);
}

function globalConditions(at: number, pick: Pick): readonly Condition[] {
  return pick<readonly Condition[]>([
    [{ fact: "errorCode", operator: "startsWith", value: `Access${at % 5}` }],
    [
      { fact: "userIdentity.type", operator: "equal", value: "Root" },
      { fact: "errorCode", operator: "exists", value: false },
    ],
    [
      { fact: "eventName", operator: "startsWith", value: "Put" },
      { fact: "sourceIPAddress", operator: "inCidr", value: `192.0.2.${at % 200}/32` },
    ],
    [
      { fact: "sessionCredentialFromConsole", operator: "equal", value: "true" },
      { fact: "readOnly", operator: "equal", value: false },
    ],
  ]);
}

function more(pick: Pick): readonly Condition[] {
  return pick<readonly Condition[]>([
    [],
    [{ fact: "errorCode", operator: "exists", value: false }],
    [{ fact: "userIdentity.type", operator: "notEqual", value: "AWSService" }],
    [{ fact: "requestParameters.items[*].name", operator: "someFact:equal", value: "x" }],
    [{ not: { fact: "userAgent", operator: "startsWith", value: "aws-cli" } }],
    [
      {
        any: [
          { fact: "requestParameters.public", operator: "equal", value: true },
          { fact: "errorCode", operator: "like", value: "*Denied*" },
        ],
      },
    ],
  ]);
}

const IDENTITIES: readonly unknown[] = [
  undefined,
  { type: "IAMUser", userName: "ada" },
  { type: "Root", arn: `arn:aws:iam::${ACCOUNT}:root` },
  { type: "Root", invokedBy: "backup.amazonaws.com" },
  { type: "IAMUser", userName: "ada", invokedBy: null },
  { type: "IAMUser", userName: "ada", invokedBy: "signin.amazonaws.com" },
  roleSession("deployer"),
  roleSession(OWN_ROLE),
];

/** The identity of a session of this role. */
export function roleSession(role: string): Node {
  return {
    type: "AssumedRole",
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/session`,
    accountId: ACCOUNT,
    sessionContext: {
      sessionIssuer: { type: "Role", arn: `arn:aws:iam::${ACCOUNT}:role/${role}`, userName: role },
    },
  };
}

/** A record around a rule. */
export function recordAround(rule: Rule, ruleSet: RuleSet, seed: number): CloudTrailRecord {
  const pick = picker(seed);
  const sources = [...new Set(ruleSet.rules.map(({ eventSource }) => eventSource ?? "sns.amazonaws.com"))];
  const elsewhere = [...sources, "lambda.amazonaws.com", "secretsmanager.amazonaws.com", "x.example.com"];
  const record: Node = {
    ...recordOf({ eventName: pick(["CreateThing", "ListThings", "HeadBucket", "ConsoleLogin", "Publish"]) }),
    eventID: `id-${seed}`,
    eventSource: pick([
      rule.eventSource ?? pick(elsewhere),
      rule.eventSource ?? pick(elsewhere),
      rule.eventSource ?? pick(elsewhere),
      pick(elsewhere),
    ]),
    eventType: pick([
      "AwsApiCall",
      "AwsApiCall",
      "AwsServiceEvent",
      "AwsConsoleAction",
      "AwsConsoleSignIn",
      undefined,
    ]),
    readOnly: pick([false, false, false, true, undefined]),
    userIdentity: structuredClone(pick(IDENTITIES)),
    userAgent: pick([
      "aws-cli/2.31.0",
      "Mozilla/5.0",
      "[S3Console/0.4]",
      "console.amazonaws.com",
      undefined,
      null,
    ]),
    errorCode: pick([
      undefined,
      undefined,
      undefined,
      null,
      "AccessDenied",
      "Client.UnauthorizedOperation",
      "Throttling",
      "",
    ]),
    sessionCredentialFromConsole: pick(["true", undefined, undefined]),
  };
  for (const literal of literalsOf(normalize(rule.conditions, ruleSet.conditions, ruleSet.lists))) {
    if (pick([0, 1, 2, 3, 4]) > 0)
      write(record, parseFactPath(literal.fact).segments, 0, valueFor(literal, pick));
  }
  return JSON.parse(JSON.stringify(record)) as CloudTrailRecord;
}

function valueFor({ operator, value }: Literal, pick: Pick): unknown {
  const base = operator.slice(operator.lastIndexOf(":") + 1);
  const wanted: unknown = Array.isArray(value) ? pick<unknown>(value) : value;
  const isTurned = operator.startsWith("not:") || base === "notEqual" || base === "notIn";
  if (base === "exists") return (value === true) === isTurned ? undefined : "x";
  if (isTurned && pick([0, 1, 2]) > 0) return pick<unknown>([undefined, null, "another"]);
  if (base === "like") return likeParts(String(wanted)).join(pick(["", "x"]));
  if (base === "startsWith") return `${String(wanted)}${pick(["", "Exception"])}`;
  if (base === "endsWith") return `${pick(["", "Client."])}${String(wanted)}`;
  if (base === "inCidr") return String(wanted).split("/")[0];
  return typeof wanted === "object" && wanted !== null ? undefined : wanted;
}

function write(node: Node, segments: readonly Segment[], at: number, value: unknown): void {
  const segment = segments[at];
  if (segment?.kind !== "key" || ["actor", "channel", "outcome"].includes(segment.key)) return;
  const next = segments[at + 1];
  const present = node[segment.key];
  const child =
    typeof present === "object" && present !== null && !Array.isArray(present) ? (present as Node) : {};
  if (next === undefined) {
    if (segment.key !== "eventName" || typeof value === "string") node[segment.key] = value;
  } else if (next.kind === "key") {
    write(child, segments, at + 1, value);
    node[segment.key] = child;
  } else if (segments[at + 2] === undefined) node[segment.key] = [value];
  else {
    const element: Node =
      Array.isArray(present) && typeof present[0] === "object" ? ((present as readonly Node[])[0] ?? {}) : {};
    write(element, segments, at + 2, value);
    node[segment.key] = [element];
  }
}
