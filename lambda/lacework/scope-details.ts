/**
 * The scope Details: the row of the list and the things that the alert is about, by kind. Lacework's kinds are known, what
 * is inside them is not (LACEWORK-API § 4), but for what Sekoia's parser and Red Canary take from them: names.
 *
 *     entityMap: { CT_User: [{ KEY: { username: "alice" }, PROPS: { arn: "arn:aws:iam::123456789012:user/alice", … } }], … }
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import type { Case } from "../cases/case-schema.ts";
import type { Numbered } from "../cases/case-store.ts";
import type { LaceworkAlert } from "../formats/lacework.ts";
import { textAt } from "../record/untrusted.ts";
import { rowOf } from "./list.ts";

type Entity = {
  readonly KEY: Readonly<Record<string, string>>;
  readonly PROPS: Readonly<Record<string, string>>;
};
type EntityMap = Readonly<Record<string, readonly Entity[]>>;

const MAX_TEXT = 2_048;
const MAX_RESOURCES = 100;

/** Details of a published alert, as the case stands now. */
export function detailsOf(
  numbered: Numbered,
  { row, alert }: Pick<Case, "row" | "alert">,
): LaceworkAlert & { readonly entityMap: EntityMap } {
  return { ...rowOf({ ...numbered, row }), entityMap: entitiesOf(alert) };
}

function entitiesOf(alert: Alert): EntityMap {
  const { rule, actor, source, cloud, record, resources } = alert;
  const call = textAt(record, "eventName");
  const all: Readonly<Record<string, readonly (Entity | undefined)[]>> = {
    CustomRule: [entity("rule_guid", rule.id, { title: rule.name, description: rule.description })],
    RulesTriggered: [entity("rule_title", rule.name, { rule_id: rule.id })],
    API: [entity("api", call, { service: textAt(record, "eventSource") })],
    CT_User: [
      entity("username", actor.name, {
        type: actor.type,
        arn: actor.arn,
        account_id: actor.accountId,
        principal_id: actor.principalId,
        mfa: actor.mfa === undefined ? undefined : String(actor.mfa),
      }),
    ],
    CT_RawTime: [entity("raw_time", textAt(record, "eventTime") ?? alert.startTime, {})],
    Region: [entity("region", cloud.region, {})],
    Resource: resources
      .slice(0, MAX_RESOURCES)
      .map(({ arn, type, accountId }) => entity("name", arn, { type, account_id: accountId })),
    SourceIpAddress: [entity("ip_addr", source.ip, {})],
  };
  const named = Object.entries(all).map(([kind, list]) => [kind, list.flatMap((one) => one ?? [])] as const);
  return Object.fromEntries(named.filter(([, list]) => list.length > 0));
}

/** A thing under its key; undefined where the record does not name it. */
function entity(
  key: string,
  value: string | undefined,
  properties: Readonly<Record<string, string | undefined>>,
): Entity | undefined {
  if (value === undefined) return undefined;
  const known = Object.entries(properties).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, showText(text, MAX_TEXT)] as const],
  );
  return { KEY: { [key]: showText(value, MAX_TEXT) }, PROPS: Object.fromEntries(known) };
}
