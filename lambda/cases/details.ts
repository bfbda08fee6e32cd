/**
 * The scope `details`: the alert, its record under dotted keys, the rule's conditions with what they saw, the fields that
 * made them hold, and the EventBridge rules that let the record through. Computed in the background by the detector,
 * which has the rule set at hand; nothing here loads zod.
 *
 *     computeDetails(alert, ruleSet, eventRules).value.rule?.matchedKeys
 *     // ["eventName", "requestParameters.ipPermissions.items.0.ipRanges.items.0.cidrIp"]
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { shortenAlert } from "../alerts/shorten.ts";
import { showText } from "../alerts/show-text.ts";
import { compileEventRules } from "../engine/delivery.ts";
import type { EventRule } from "../engine/event-rules.ts";
import type { Rule, RuleSet } from "../engine/rule.ts";
import { explainConditions } from "../explain/explain-conditions.ts";
import { matchedKeys } from "../explain/matched-keys.ts";
import { shortenTree } from "../explain/shorten-tree.ts";
import { toEnvelope } from "../record/envelope.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import type { ScopeValue } from "./case-schema.ts";
import { type Flattened, flattenRecord } from "./flatten-record.ts";

/** What a scope holds, and what is missing in it and why. */
export type Computed<Value> = { readonly value: Value; readonly notes: readonly string[] };

type Details = ScopeValue<"details">;
type ExplainedRule = NonNullable<Details["rule"]>;

/** Parts of the 400 KB that an item may have; what reads the scope puts the whole alert in place of a shortened one. */
const MAX_ALERT_BYTES = 60_000;
const MAX_RECORD_BYTES = 180_000;
const MAX_TREE_BYTES = 50_000;
const MAX_EVENT_RULES = 10;
const MAX_MESSAGE = 300;

/**
 * Computes the details of an alert; never throws, whatever the record holds: what cannot be told stands in the notes.
 * @param ruleSet the rules of now, among which the alert's may be gone or changed
 * @param eventRules the EventBridge rules as they are deployed
 */
export function computeDetails(
  alert: Alert,
  ruleSet: RuleSet,
  eventRules: readonly EventRule[],
): Computed<Details> {
  const notes: string[] = [];
  const record = alert.record as CloudTrailRecord;
  const rule = explainRule(alert, record, ruleSet, notes);
  const letThrough = delivering(record, eventRules, notes);
  const { value, notes: more } = detailsOf(alert, rule?.matchedKeys ?? []);
  return {
    value: { ...value, ...(rule === undefined ? {} : { rule }), eventRules: letThrough },
    notes: [...notes, ...more],
  };
}

/** What can be told of an alert without the rule set: itself and its flattened record. */
export function detailsOf(alert: Alert, first: readonly string[] = []): Computed<Details> {
  const flattened = flattenRecord(alert.record, { maxBytes: MAX_RECORD_BYTES, first });
  const kept = shortenAlert(alert, (candidate) => bytesOf(candidate) <= MAX_ALERT_BYTES);
  return { value: { alert: kept, record: flattened.record, eventRules: [] }, notes: cutNotes(flattened) };
}

function explainRule(
  alert: Alert,
  record: CloudTrailRecord,
  ruleSet: RuleSet,
  notes: string[],
): ExplainedRule | undefined {
  const rule = ruleSet.rules.find(({ id }) => id === alert.rule.id);
  if (rule === undefined) {
    notes.push(
      `The rule ${alert.rule.id} is not in the rule set any more: its conditions cannot be explained. The history of its file tells what they were.`,
    );
    return undefined;
  }
  try {
    const tree = explainConditions(rule.conditions, ruleSet, record);
    const changed = changeOf(rule, alert);
    if (changed !== undefined)
      notes.push(
        `The rule was changed since the alert was made (${changed}): the conditions are those of now.`,
      );
    if (!tree.holds)
      notes.push(
        "The rule's conditions do not hold for the record as it is kept: the rule or a list was changed since the alert was made, or the record had to be shortened.",
      );
    const { tree: kept, left } = shortenTree(tree, (candidate) => bytesOf(candidate) <= MAX_TREE_BYTES);
    if (left > 0)
      notes.push(
        `The rule has more conditions than fit: ${left} comparisons are left out, those that decided nothing first. \`engine explain\` shows all.`,
      );
    return { id: rule.id, conditions: kept, matchedKeys: [...matchedKeys(tree, ruleSet.lists, record)] };
  } catch (error) {
    notes.push(`The rule's conditions could not be explained: ${messageOf(error)}.`);
    return undefined;
  }
}

/** What of the rule shows in the alert and differs; what else was changed shows in the verdict of the conditions. */
function changeOf(rule: Rule, alert: Alert): string | undefined {
  const changed = [
    rule.name === alert.rule.name ? undefined : "its name",
    rule.description === alert.rule.description ? undefined : "its description",
    rule.severity === alert.severity ? undefined : "its severity",
  ].filter((word) => word !== undefined);
  return changed.length === 0 ? undefined : changed.join(", ");
}

function delivering(
  record: CloudTrailRecord,
  eventRules: readonly EventRule[],
  notes: string[],
): Details["eventRules"] {
  try {
    const found = compileEventRules(eventRules)(toEnvelope(record));
    if (found.length === 0)
      notes.push(
        "None of the EventBridge rules of now lets this record through: the rules were changed since, the record had to be shortened, or it came another way.",
      );
    if (found.length > MAX_EVENT_RULES)
      notes.push(
        `${found.length} EventBridge rules let this record through: the first ${MAX_EVENT_RULES} are listed.`,
      );
    return found
      .slice(0, MAX_EVENT_RULES)
      .map(({ name, state, eventPattern }) => ({ name, state, eventPattern }));
  } catch (error) {
    notes.push(`Which EventBridge rules let the record through could not be told: ${messageOf(error)}.`);
    return [];
  }
}

function cutNotes({ cut, left }: Flattened): readonly string[] {
  const notes: string[] = [];
  if (cut > 0)
    notes.push(`The record is long: ${cut} of its texts are cut. CloudTrail has the whole record.`);
  if (left > 0)
    notes.push(
      `The record is too large to keep flattened: ${left} of its fields are left out. CloudTrail has all.`,
    );
  return notes;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function messageOf(error: unknown): string {
  return showText(error instanceof Error ? error.message : String(error), MAX_MESSAGE);
}
