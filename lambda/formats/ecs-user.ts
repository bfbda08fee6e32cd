/**
 * Users in ECS: who acted (`user`), with whose rights (`user.effective`), upon whom (`user.target`, `group`), and what
 * of them changed (`user.changes`). Whom a call is about stands in its request, or, where somebody acts on themself
 * without saying so, in its answer.
 *
 *     actedUpon({ eventSource: "iam.amazonaws.com", eventName: "AttachUserPolicy", requestParameters: { userName: "bob" } })
 *     // { target: { name: "bob" } }
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { textAt, valueAt } from "../record/untrusted.ts";

/** ECS's fields of a user, as far as CloudTrail tells them. */
type User = { readonly id?: string | undefined; readonly name?: string | undefined };

/** Whom a call is about. */
export type ActedUpon = {
  readonly target?: User;
  readonly group?: User;
  readonly changes?: User;
};

const DIRECTORIES: ReadonlySet<string> = new Set([
  "iam.amazonaws.com",
  "identitystore.amazonaws.com",
  "sso-directory.amazonaws.com",
]);
/** Names that Identity Center keeps to itself. */
const HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS";

/** The user and the group that a call is about, where it is about one. */
export function actedUpon(record: Alert["record"]): ActedUpon {
  const source = textAt(record, "eventSource") ?? "";
  if (!DIRECTORIES.has(source)) return {};
  const asked = valueAt(record, "requestParameters");
  const answered = valueAt(record, "responseElements");
  const changed = shown(textAt(asked, "newUserName"));
  return {
    ...whole("target", {
      id:
        textAt(answered, "user", "userId") ??
        textAt(answered, "userId") ??
        textAt(asked, "userId") ??
        textAt(asked, "memberId", "userId") ??
        textAt(asked, "member", "memberId"),
      name:
        shown(textAt(asked, "userName")) ??
        shown(textAt(answered, "user", "userName")) ??
        shown(textAt(answered, "accessKey", "userName")) ??
        shown(textAt(answered, "loginProfile", "userName")),
    }),
    ...whole("group", {
      id: textAt(answered, "group", "groupId") ?? textAt(answered, "groupId") ?? textAt(asked, "groupId"),
      name: shown(textAt(asked, "groupName")) ?? shown(textAt(answered, "group", "groupName")),
    }),
    ...whole("changes", { name: changed }),
  };
}

/** The `user` of an alert. */
export function ecsUser({ actor, record }: Alert): Record<string, unknown> {
  const { target, changes } = actedUpon(record);
  return {
    id: actor.principalId ?? actor.arn,
    name: actor.name,
    domain: actor.accountId,
    roles: actor.role === undefined ? undefined : [actor.role],
    effective: effective(actor, record),
    target,
    changes,
  };
}

/** Whose rights were assumed: by this call, or by the session that it was made in. */
function effective(actor: Alert["actor"], record: Alert["record"]): User {
  const assumed = valueAt(record, "responseElements", "assumedRoleUser");
  const arn = textAt(assumed, "arn");
  if (arn === undefined) return { id: actor.sessionIssuer, name: actor.role };
  return { id: textAt(assumed, "assumedRoleId") ?? arn, name: arn.split("/")[1] };
}

/** All names under which the people of an alert may be searched for, each once. */
export function relatedUsers({ actor, record }: Alert): string[] {
  const { target, changes } = actedUpon(record);
  const names = [
    actor.name,
    actor.arn,
    actor.session,
    actor.sourceIdentity,
    actor.identityCenterUser,
    actor.identityCenterUserId,
    target?.name,
    target?.id,
    changes?.name,
  ];
  return [...new Set(names.filter((one) => one !== undefined))];
}

function shown(name: string | undefined): string | undefined {
  return name === HIDDEN ? undefined : name;
}

function whole<K extends string>(key: K, user: User): { readonly [N in K]?: User } {
  return user.id === undefined && user.name === undefined ? {} : ({ [key]: user } as { [N in K]: User });
}
