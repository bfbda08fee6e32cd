/**
 * A record on its way into a window: what every step about it needs, made once.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { canonicalJson } from "../alerts/canonical-json.ts";
import type { Rule } from "../engine/rule.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import { partitionOf, readFact } from "./key.ts";
import { makeMember, type Member } from "./members.ts";
import type { Policy } from "./policy.ts";
import type { DedupPorts } from "./ports.ts";

/** How long members and windows are kept after they could last matter, in milliseconds: EventBridge tries for a day. */
const DAY_MS = 86_400_000;
const KEEP_MS = 2 * DAY_MS;

/** A record, where it is counted, and by whom. */
export type Counting = {
  readonly alert: Alert;
  readonly member: Member;
  readonly policy: Policy;
  readonly pk: string;
  readonly ports: DedupPorts;
  /** Until when the invocation may make its alert, and when this counting must end, in milliseconds since 1970. */
  readonly lease: number;
  readonly deadline: number;
  /** When its items may go, in seconds since 1970; the record itself stays for as long as its alert can be read. */
  readonly expiresAt: number;
  readonly memberExpiresAt: number;
};

/** Prepares the counting of a record. */
export function makeCounting(
  alert: Alert,
  rule: Rule,
  record: CloudTrailRecord,
  policy: Policy,
  ports: DedupPorts,
  times: { readonly lease: number; readonly deadline: number },
): Counting {
  const now = ports.clock.now();
  const distinct = policy.threshold?.distinct;
  const value = distinct === undefined ? null : readFact(distinct, record);
  const text = typeof value === "string" ? value : value === null ? undefined : canonicalJson(value);
  const member = makeMember(alert, now, text);
  const expiresAt = Math.ceil((Math.max(now, member.time) + 2 * policy.width + KEEP_MS) / 1000);
  const readUntil = Math.ceil((now + (ports.keepDays ?? 0) * DAY_MS) / 1000);
  return {
    alert,
    member,
    policy,
    pk: partitionOf(alert, rule, record),
    ports,
    ...times,
    expiresAt,
    memberExpiresAt: Math.max(expiresAt, readUntil),
  };
}
