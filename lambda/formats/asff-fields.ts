/**
 * What of an alert has no field of its own in a finding, as the 50 product fields it may have: who and how, and then the
 * record's own fields, the request's first, as far as they fit.
 *
 *     productFields(alert, 0, 200_000)
 *     // { "cloudtrail-engine/actor": "alice@example.com as role Admin (…)", …, "record/requestParameters.groupId": "sg-0a1b" }
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import { describeActor, describeCall } from "../alerts/text.ts";
import { leaves } from "../destinations/leaves.ts";

const MAX_FIELDS = 50;
const MAX_KEY = 128;
const MAX_VALUE = 2048;
const LEFT_OUT = "cloudtrail-engine/recordFieldsLeftOut";
/** Colon and comma. */
const SYNTAX = 2;

/**
 * The fields, together at most `room` bytes of JSON; `resourcesLeftOut` is told when it is not 0, and `news` before all
 * that is in the record.
 */
export function productFields(
  alert: Alert,
  resourcesLeftOut: number,
  room: number,
  news: readonly (readonly [string, string | undefined])[] = [],
): Record<string, string> {
  const fields = new Map(
    known([
      ...news,
      ["alertId", alert.id],
      ["ruleId", alert.rule.id],
      ["count", String(alert.count)],
      ["actor", describeActor(alert)],
      ["channel", `${alert.channel.name} (${alert.channel.confidence} confidence)`],
      ["channelReasons", alert.channel.reasons.join("; ")],
      ["sourceAddress", alert.source.ip],
      ["userAgent", alert.source.userAgent],
      ["accountId", alert.cloud.accountId],
      ["accountName", alert.cloud.accountName],
      ["region", alert.cloud.region],
      ["call", describeCall(alert)],
      ["attack", alert.rule.attack.join(", ")],
      ["tags", alert.rule.tags.join(", ")],
      ["harmlessWhen", alert.rule.falsePositives],
      ["notes", alert.notes?.join(" ")],
      ["resourcesLeftOut", resourcesLeftOut === 0 ? undefined : `${resourcesLeftOut}: the record has them`],
    ]),
  );
  addRecord(fields, alert.record, room);
  return Object.fromEntries(fields);
}

function addRecord(fields: Map<string, string>, record: Alert["record"], room: number): void {
  let used = [...fields].reduce((total, field) => total + cost(field), 0);
  const added: (readonly [string, string])[] = [];
  let total = 0;
  for (const { path, value } of leaves(requestFirst(record))) {
    total++;
    if (total > added.length + 1) continue;
    const field = [keyOf(`record/${path}`), valueOf(value)] as const;
    const next = cost(field);
    // A key that was cut may stand for another one already.
    if (fields.size >= MAX_FIELDS || used + next > room || fields.has(field[0])) continue;
    fields.set(...field);
    added.push(field);
    used += next;
  }
  while (total > added.length) {
    const last = [LEFT_OUT, `${total - added.length}: CloudTrail has the whole record`] as const;
    const dropped = fields.size < MAX_FIELDS && used + cost(last) <= room ? undefined : added.pop();
    if (dropped === undefined) {
      fields.set(...last);
      return;
    }
    fields.delete(dropped[0]);
    used -= cost(dropped);
  }
}

function requestFirst({ requestParameters, ...rest }: Alert["record"]): Alert["record"] {
  return requestParameters === undefined ? rest : { requestParameters, ...rest };
}

function known(pairs: readonly (readonly [string, string | undefined])[]): [string, string][] {
  return pairs.flatMap(([key, value]) =>
    value === undefined || value === "" ? [] : [[`cloudtrail-engine/${key}`, valueOf(value)]],
  );
}

function cost([key, value]: readonly [string, string]): number {
  return Buffer.byteLength(JSON.stringify(key) + JSON.stringify(value)) + SYNTAX;
}

function keyOf(path: string): string {
  return showText(path, MAX_KEY);
}

function valueOf(value: string): string {
  return showText(value, MAX_VALUE) || "(blank)";
}
