/**
 * Which records are alike: the partition of the table in which they are counted. What is in the key keeps records
 * apart, so doubt adds to it: a second actor, a second bucket, a success after a denied try are never muted by the first.
 *
 *     partitionOf(alert, rule, record)   // "WINDOW#3f…", of rule, account, actor, outcome and resource
 */
import { hash } from "node:crypto";
import type { Alert } from "../alerts/alert-schema.ts";
import { boundRecord } from "../alerts/bound-record.ts";
import { canonicalJson } from "../alerts/canonical-json.ts";
import type { Rule } from "../engine/rule.ts";
import { parseFactPath } from "../record/fact-path.ts";
import { readerOf } from "../record/fact-reader.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import { valueAt } from "../record/untrusted.ts";

/** The partition key of the records that are counted together with this one. */
export function partitionOf(alert: Alert, rule: Rule, record: CloudTrailRecord): string {
  const { dedup, threshold } = rule;
  const asked = (threshold?.by ?? dedup?.by ?? []).map((fact) => [fact, readFact(fact, record)] as const);
  // Records that have none of the facts are not alike for it.
  const known = asked.some(([, value]) => value !== null);
  const key = known ? Object.fromEntries(asked) : defaultKey(alert);
  return `WINDOW#${hash("sha256", canonicalJson([rule.id, key])).slice(0, 40)}`;
}

/** The value of a fact, bounded, as JSON has it; null when the record has none. */
export function readFact(fact: string, record: CloudTrailRecord): unknown {
  const value = readerOf(parseFactPath(fact))(record);
  if (value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return null;
  return typeof value === "object" ? boundRecord({ value }).record : value;
}

function defaultKey({ actor, cloud, outcome, resources, source, record }: Alert): unknown {
  return {
    account: cloud.accountId ?? null,
    // Who has no ARN (a failed sign-in) is told apart by where it came from.
    actor: actor.arn ?? [actor.principalId ?? actor.name, source.ip ?? null],
    outcome: outcome.result,
    touched:
      resources.length > 0
        ? resources.map(({ arn }) => arn).toSorted()
        : (valueAt(record, "requestParameters") ?? null),
  };
}
