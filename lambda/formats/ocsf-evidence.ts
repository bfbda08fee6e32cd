/**
 * What a Detection Finding of OCSF rests on: the call, who made it and from where; and what it was done to. An object of
 * OCSF must hold one of certain fields, so that each is given only where CloudTrail tells one.
 *
 *     evidenceOf(alert)   // { actor: { user: { name: "alice", … } }, api: { operation: "StopLogging", … }, src_endpoint: … }
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { readTime } from "../alerts/times.ts";
import { textAt, valueAt } from "../record/untrusted.ts";
import { plainAddress } from "./plain-address.ts";
import { plainMilliseconds } from "./plain-time.ts";

/** OCSF's kinds of users; what it has no kind for is 99, and is then called as CloudTrail does. */
const USER_TYPES: Readonly<Record<string, { readonly type_id: number; readonly type: string }>> = {
  Root: { type_id: 2, type: "Admin" },
  IAMUser: { type_id: 1, type: "User" },
  IdentityCenterUser: { type_id: 1, type: "User" },
  AWSService: { type_id: 4, type: "Service" },
  Unknown: { type_id: 0, type: "Unknown" },
};
const AWS_ACCOUNT = { type_id: 10, type: "AWS Account" };

/** An account of AWS, by its name where it has one; undefined where there is none. */
export function accountOf(uid: string | undefined, name?: string): Record<string, unknown> | undefined {
  return uid === undefined ? undefined : { uid, ...(name === undefined ? {} : { name }), ...AWS_ACCOUNT };
}

/** The one evidence: all of an alert's records are of one actor and call, and this is the first. */
export function evidenceOf(alert: Alert): Record<string, unknown> {
  const { record, source } = alert;
  const { ip, domain } = plainAddress(source.ip);
  return {
    uid: textAt(record, "eventID"),
    name: "CloudTrail record",
    actor: actorOf(alert),
    api: apiOf(alert),
    src_endpoint: ip === undefined ? { svc_name: domain } : { ip },
    http_request: { user_agent: source.userAgent },
  };
}

function actorOf({ actor, record }: Alert): Record<string, unknown> {
  const created = readTime(valueAt(record, "userIdentity", "sessionContext", "attributes", "creationDate"));
  const isSession = actor.session !== undefined || actor.sessionIssuer !== undefined;
  return {
    user: {
      name: actor.name || "(unknown)",
      uid: actor.arn,
      uid_alt: actor.principalId,
      ...(Object.hasOwn(USER_TYPES, actor.type) ? USER_TYPES[actor.type] : { type_id: 99, type: actor.type }),
      account: accountOf(actor.accountId),
    },
    session: isSession
      ? {
          uid: actor.session,
          uid_alt: textAt(record, "userIdentity", "arn"),
          issuer: actor.sessionIssuer,
          credential_uid: actor.accessKeyId,
          created_time: created === undefined ? undefined : plainMilliseconds(created),
          is_mfa: actor.mfa,
        }
      : undefined,
    app_name: actor.invokedBy,
  };
}

function apiOf({ record, outcome }: Alert): Record<string, unknown> {
  const request = textAt(record, "requestID");
  return {
    operation: textAt(record, "eventName") ?? "(unknown)",
    service: { name: textAt(record, "eventSource") },
    version: textAt(record, "apiVersion"),
    request: request === undefined ? undefined : { uid: request },
    response: { error: outcome.errorCode, error_message: outcome.errorMessage },
  };
}

/** What the call was done to, as far as CloudTrail lists it. */
export function resourcesOf({ resources, cloud }: Alert): Record<string, unknown>[] {
  return resources.map(({ arn, type, accountId }) => ({
    uid: arn,
    ...(type === undefined ? {} : { type }),
    ...(cloud.region === undefined ? {} : { region: cloud.region }),
    ...(accountId === undefined ? {} : { owner: { account: accountOf(accountId) } }),
  }));
}
