/**
 * An explanation as people read it: the record in two lines, then three questions in the order in which the record meets
 * them. Does EventBridge deliver it? Do the conditions hold? What becomes of the alert?
 */
import { printable } from "../../lambda/loader/problem.ts";
import type { ExplainedDelivery, Explanation } from "./explanation-schema.ts";
import { formatTree } from "./format-tree.ts";
import { counted } from "../words.ts";
import { wantedInWords } from "./pattern-words.ts";
import { showValue } from "../../lambda/explain/show-value.ts";

/** A tree of more lines is shortened; `--format json` has it whole. */
const MAX_TREE = 80;

/** The explanation in lines, without the last line break. */
export function formatExplanation(explanation: Explanation): string {
  const { rule, conditions } = explanation;
  return [
    ...aboutRecord(explanation),
    "",
    `Rule ${printable(rule.id)} (${rule.severity}${rule.staged ? ", staged" : ""}): ${printable(rule.name)}`,
    ...aboutSource(explanation),
    "",
    ...aboutDelivery(explanation),
    "",
    `Conditions: they ${conditions.holds ? "hold" : "do not hold"}. → marks what that rests on.`,
    // What would keep a match quiet is plain to see.
    ...formatTree(conditions, { most: MAX_TREE, toDiffer: !conditions.holds }),
    ...aboutJq(explanation),
    "",
    ...aboutVerdict(explanation),
  ].join("\n");
}

function aboutRecord({ record }: Explanation): string[] {
  const { actor, eventName, eventSource, awsRegion, accountId, sourceIPAddress, eventTime, channel } = record;
  const where = [
    awsRegion === undefined ? "" : ` in ${awsRegion}`,
    accountId === undefined ? "" : ` of account ${accountId}`,
    sourceIPAddress === undefined ? "" : `, from ${sourceIPAddress}`,
  ].join("");
  const how = `Channel ${channel.name} (${channel.confidence}: ${channel.reasons.join("; ")})`;
  return [
    printable(`${eventTime ?? "(no time)"} ${actor} called ${eventName} of ${eventSource}${where}`),
    printable(
      `${how}. Outcome: ${record.outcome}. ${record.place}${record.eventID === undefined ? "" : `, eventID ${record.eventID}`}`,
    ),
  ];
}

const MAX_JQ_LINES = 20;

function aboutJq({ jq }: Explanation): string[] {
  if (jq === undefined) return [];
  const { expression, matches, annotations, error, failed } = jq;
  const written = expression.trim().split("\n");
  const left = written.length - MAX_JQ_LINES;
  return [
    "",
    `jq expression: it ${matches ? "matches" : "does not match"}.`,
    ...written.slice(0, MAX_JQ_LINES).map((line) => `  ${printable(line)}`),
    ...(left > 0 ? [`  … and ${counted(left, "more line")}`] : []),
    ...annotations.map((text) => `  gives ${showValue(text)}`),
    ...(error === undefined ? [] : [`  error: ${printable(error)}`]),
    ...(failed === undefined ? [] : [`  failed: ${printable(failed)}`]),
  ];
}

function aboutSource({ rule, record, verdict }: Explanation): string[] {
  if (verdict.tried) return [];
  return [
    printable(
      `This rule is only tried on records of ${rule.eventSource}; this one is of ${record.eventSource}. It cannot match, whatever its conditions say.`,
    ),
  ];
}

function aboutDelivery({ delivery, rule }: Explanation): string[] {
  const { delivered, by, serving, ownSelector, madeEnvelope } = delivery;
  const bare = madeEnvelope
    ? "The record came without an EventBridge event around it; it is taken as its service would have sent it."
    : undefined;
  const lines: (string | undefined)[] = delivered
    ? [
        `Delivery: EventBridge delivers this record, by ${rulesOf(by)}.`,
        ownSelector
          ? undefined
          : `For the sake of other rules: the pattern of ${printable(rule.id)} alone stops it.`,
      ]
    : [
        `Delivery: EventBridge does not deliver this record.`,
        serving.length === 0 ? undefined : `The records of this rule come by ${nearestOf(serving)}.`,
      ];
  if (delivery.readHeldBack)
    lines.push(
      "The pattern fits, but a rule in state ENABLED gets no read-only management calls, and this is one (readOnly is true).",
    );
  return [
    ...lines.filter((line) => line !== undefined),
    ...delivery.misses.flatMap(missLines),
    ...(bare === undefined ? [] : [bare]),
  ];
}

function rulesOf(rules: ExplainedDelivery["by"]): string {
  return rules.map(({ name, state }) => `${printable(name)} (${state})`).join(" and ");
}

/** A `_global` rule is served by dozens: the nearest is the one to look at. */
function nearestOf([nearest, ...others]: ExplainedDelivery["serving"]): string {
  const first = nearest === undefined ? "" : rulesOf([nearest]);
  return others.length === 0 ? first : `${first}, the nearest, and ${counted(others.length, "other")}`;
}

/** What is to be known about the fields of the envelope, which are not the record's. */
const ENVELOPE: Readonly<Record<string, string>> = {
  source:
    "Only AWS services can send events whose source begins with aws.: patterns demand it, so that nobody can forge a record.",
  "detail-type": "CloudTrail's events say there what they are, e.g. AWS API Call via CloudTrail.",
};

function missLines({ field, wanted, saw, inOtherElement }: ExplainedDelivery["misses"][number]): string[] {
  const name = field.startsWith("detail.") ? field.slice("detail.".length) : field;
  const found = saw.length === 0 ? "nothing" : saw.map(showValue).join(", ");
  const note = inOtherElement ? ", in another element of the list than the other fields" : "";
  const lines = [
    `✗ ${printable(name)}: the pattern wants ${wantedInWords(wanted)}; the record has ${found}${note}`,
  ];
  const explained = Object.hasOwn(ENVELOPE, field) ? ENVELOPE[field] : undefined;
  return (explained === undefined ? lines : [...lines, `  ${explained}`]).map((line) => `  ${line}`);
}

function aboutVerdict({ verdict, delivery, rule }: Explanation): string[] {
  const notes = verdict.notes.map((note) => `Note: ${printable(note)}`);
  const { disposition, suppression } = verdict;
  if (!verdict.matches) return ["Verdict: no alert. The rule does not match.", ...notes];
  if (!delivery.delivered)
    return [
      "Verdict: no alert. The rule matches, but the record would not reach the engine.",
      ...lost(delivery),
      ...notes,
    ];
  if (disposition === "staged")
    return [
      "Verdict: no alert. The rule matches, but it is staged: it is counted and goes nowhere.",
      ...notes,
    ];
  if (suppression !== undefined) {
    const { id, reason, owner, expires } = suppression;
    return [
      `Verdict: no alert. The rule matches, but the suppression ${printable(id)} holds until ${expires}.`,
      printable(`  ${owner}: ${reason}`),
      ...notes,
    ];
  }
  return [`Verdict: ALERT of severity ${rule.severity}.`, ...notes];
}

/** A match that is not delivered is a lost alert, unless the envelope is at fault: then no AWS service sent it. */
function lost({ misses }: ExplainedDelivery): string[] {
  const forged = misses.length > 0 && misses.every(({ field }) => Object.hasOwn(ENVELOPE, field));
  return forged ? [] : ["Deployed, that alert would be lost: please report this."];
}
