/**
 * Whether a user is new: AWS made it within 60 days, and it is its id, not its name, since users can be renamed. So it is
 * new when the record makes it, or CloudTrail's history has the creation of its id, whatever it was called then; it is not
 * when its id was seen before, or was there earlier and no such creation is in the history. Roles cannot be renamed: one
 * whose name belonged to another id within that time was made again.
 */
import { textAt } from "../record/untrusted.ts";
import { showText } from "../alerts/show-text.ts";
import {
  type Answered,
  evidenceOf,
  inRecord,
  type Inquiry,
  no,
  NOBODY,
  SERVICE,
  unknown,
  upper,
  when,
  who,
  yes,
} from "./inquiry.ts";
import { isEarlier, type Sight, sightOf, SPAN_MS } from "./past.ts";

const USER_MAKERS: ReadonlySet<string> = new Set([
  "iam.amazonaws.com CreateUser",
  "identitystore.amazonaws.com CreateUser",
  "sso-directory.amazonaws.com CreateUser",
]);

/** The answer. */
export async function answerNewUser(inquiry: Inquiry): Promise<Answered> {
  const { alert, deed, subject, past, history } = inquiry;
  const { record, outcome } = alert;
  const call = `${textAt(record, "eventSource") ?? ""} ${textAt(record, "eventName") ?? ""}`;
  if (USER_MAKERS.has(call) && outcome.result === "success") {
    const made = showText(textAt(record, "requestParameters", "userName") ?? "a user", 100);
    return yes(
      `This call made the user ${made}.`,
      [inRecord(inquiry, `The record makes the user ${made}.`)],
      85,
    );
  }
  if (subject?.kind === "service") return no(SERVICE, []);
  if (subject === undefined) return unknown(NOBODY);
  const name = who(inquiry);
  const { principal } = deed.facets;
  if (principal === undefined)
    return unknown(
      `CloudTrail does not tell the id that AWS gave ${name}: another of that name may have been meant before.`,
    );
  const old = past.earliest("principal", principal);
  const [known] = old;
  if (known !== undefined)
    return no(`${upper(name)} was seen on ${when(known)}, more than 60 days before.`, evidenceOf(old));
  // Of a person in a role it would only tell that the role was made again.
  const namesakes =
    subject.kind === "person" ? [] : past.lately("principal").filter(({ value }) => value !== principal);
  const [before] = namesakes;
  if (before !== undefined && subject.kind === "role")
    return yes(
      `${upper(name)} was made again after ${when(before)}: until then AWS knew that name by another id.`,
      evidenceOf(namesakes),
      85,
    );
  const seen =
    before === undefined
      ? `No alert shows ${name} more than 60 days before`
      : `${upper(name)} was another id until ${when(before)}`;
  if (subject.kind !== "user")
    return unknown(`${seen}, and only the making of IAM users can be looked up.`, evidenceOf(namesakes));
  if (alert.actor.accountId !== history.account || history.partition !== "aws")
    return unknown(
      `${seen}, and CloudTrail's history here is not that of its making.`,
      evidenceOf(namesakes),
    );
  const { deeds, why } = await inquiry.ask({ attribute: "EventName", value: "CreateUser" }, "us-east-1");
  const makings = deeds.filter(
    ({ at, made }) => made !== undefined && at <= deed.at && at >= deed.at - SPAN_MS,
  );
  const own = makings.filter(({ made }) => made?.id === principal);
  const [making] = own;
  if (making !== undefined)
    return yes(
      `CloudTrail's history shows that ${name} was made on ${when(making)}.`,
      own.flatMap((one) => evidenceOf(sightOf(one, "call"))),
      85,
    );
  if (why !== undefined) return unknown(`${seen}, but ${why}.`, evidenceOf(namesakes));
  if (makings.some(({ made }) => made?.id === undefined))
    return unknown(
      `${seen}, and CloudTrail's history shows the making of a user without telling its id.`,
      evidenceOf(namesakes),
    );
  const there = await earlierAs(principal, inquiry);
  const [earlier] = there;
  if (earlier === undefined)
    return unknown(
      `CloudTrail's history shows no making of ${name} up to half an hour before, and nothing shows that it was there then.`,
    );
  return no(
    `${upper(name)} was there on ${when(earlier)}, and CloudTrail's history of the 60 days before shows no making of it.`,
    evidenceOf(there),
  );
}

/** When the actor was there under the same id, as alerts or CloudTrail's history show. */
async function earlierAs(principal: string, inquiry: Inquiry): Promise<readonly Sight[]> {
  const { deed, subject, past } = inquiry;
  const seen = past.earlier("principal", principal);
  if (seen.length > 0 || subject?.username === undefined) return seen;
  const { deeds } = await inquiry.ask({ attribute: "Username", value: subject.username });
  return deeds
    .filter(({ at, subject: by }) => by === subject.key && isEarlier(at, deed.at))
    .flatMap((one) => sightOf(one, "principal"))
    .filter(({ value }) => value === principal);
}
