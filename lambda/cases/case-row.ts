/**
 * What lists show of an alert. It lies in each of the table's indexes, and is written with every alert and read by the
 * hundred, so it is small whatever the record holds: less than 4 KB of JSON, of which a write costs four units.
 *
 *     rowOf(alert, { createdAt }).title   // "ec2.amazonaws.com: Security group opened to the internet"
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import { showText } from "../alerts/show-text.ts";
import { textAt } from "../record/untrusted.ts";
import { actorKeyOf } from "./actor-key.ts";
import type { CaseRow } from "./case-schema.ts";
import { sessionKeyOf } from "./session-key.ts";

const MAX_ROW_BYTES = 4_000;
const MAX_RESOURCES = 10;
/** By how much texts are cut until the row is small enough. */
const SHARES = [1, 0.5, 0.25, 0.12];
const LEAST_SHARE = 0.05;

/** The row of an alert that was stored then; `repeatOf` is the alert that it repeats. */
export function rowOf(
  alert: Alert,
  { createdAt, repeatOf }: { readonly createdAt: string; readonly repeatOf?: string | undefined },
): CaseRow {
  for (const share of SHARES) {
    const row = cutRow(alert, createdAt, repeatOf, share);
    if (Buffer.byteLength(safeJson(row)) <= MAX_ROW_BYTES) return row;
  }
  // Texts of characters that JSON escapes: what is only shown goes, and what is compared as a whole.
  const { session: _, actor, ...row } = cutRow(alert, createdAt, repeatOf, LEAST_SHARE);
  return { ...row, actor: { key: actor.key, name: actor.name, type: actor.type }, resources: [] };
}

function cutRow(alert: Alert, createdAt: string, repeatOf: string | undefined, share: number): CaseRow {
  const { id, status, disposition, severity, title, startTime, endTime, count } = alert;
  const { rule, actor, channel, source, cloud, resources, record } = alert;
  const text = (value: string, limit: number): string => showText(value, Math.ceil(limit * share));
  const some = <Name extends string>(name: Name, value: string | undefined, limit: number) =>
    (value === undefined ? {} : { [name]: text(value, limit) }) as { [Key in Name]?: string };
  const session = sessionKeyOf(alert);
  return {
    id,
    status,
    disposition,
    severity,
    title: text(title, 300),
    summary: text(alert.summary, 500),
    startTime,
    endTime,
    count,
    ruleId: text(rule.id, 300),
    ruleName: text(rule.name, 200),
    ...some("alertType", rule.lacework?.alertType, 200),
    actor: {
      key: actorKeyOf(alert),
      name: text(actor.name, 200),
      type: text(actor.type, 64),
      ...some("arn", actor.arn, 600),
    },
    ...(session === undefined ? {} : { session }),
    channel: channel.name,
    ...(source.ip === undefined ? {} : { ip: showText(source.ip, 128) }),
    ...(cloud.accountId === undefined ? {} : { accountId: showText(cloud.accountId, 64) }),
    ...some("region", cloud.region, 64),
    service: text(cloud.service, 100),
    eventName: text(textAt(record, "eventName") ?? "", 200),
    resources: resources.slice(0, Math.floor(MAX_RESOURCES * share)).map(({ arn }) => showText(arn, 300)),
    createdAt,
    ...(repeatOf === undefined ? {} : { repeatOf }),
  };
}
