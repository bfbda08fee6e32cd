/**
 * Who the users are behind an event: new ones, without a second factor, root. The first three are in words that others'
 * tools know, and are answered strictly: what an actor did where nobody looked is unknown.
 *
 * A user is new when AWS made it within 60 days, and it is its id, not its name: users can be renamed. So it is new when
 * the record makes it, or CloudTrail's history has the creation of its id, whatever it was called then; it is not when
 * its id was seen before, or was there earlier and no such creation is in the history. Roles cannot be renamed: one whose
 * name belonged to another id within that time was made again.
 */
import { textAt } from "../record/untrusted.ts";
import { showText } from "../alerts/show-text.ts";
import {
  type Answered,
  elsewhere,
  evidenceOf,
  inRecord,
  type Inquiry,
  isActors,
  no,
  type Question,
  unknown,
  when,
  who,
  yes,
} from "./inquiry.ts";
import { isEarlier, type Sight, sightOf, SPAN_DAYS } from "./past.ts";

const SPAN_MS = SPAN_DAYS * 86_400_000;
const USER_MAKERS: ReadonlySet<string> = new Set([
  "iam.amazonaws.com CreateUser",
  "identitystore.amazonaws.com CreateUser",
  "sso-directory.amazonaws.com CreateUser",
]);
const SERVICE = "An AWS service made this call on its own: no user is involved.";
const NOBODY = "CloudTrail does not tell who made this call.";
/** Kinds whose second factor AWS itself sees: those of others sign in elsewhere. */
const SEEN_BY_AWS: ReadonlySet<string> = new Set(["user", "root"]);

const WITHOUT = {
  session: "in a session without a second factor",
  "sign-in": "by a console sign-in without a second factor",
  "access-key": "with a long-term access key, which needs no second factor",
} as const;

/** The questions about users. */
export const USER_QUESTIONS: readonly Question[] = [
  {
    id: "new-user",
    question: "Has a new user been involved in the event in the last 60 days?",
    answer: answerNewUser,
  },
  {
    id: "no-mfa",
    question: "Have the users involved in the event authenticated without MFA in the last 60 days?",
    answer: (inquiry) => answerWithoutMfa(inquiry, "noMfa"),
  },
  {
    id: "used-root",
    question: "Have any of the users involved in the event used the Root account in the last 60 days?",
    answer: answerUsedRoot,
  },
];

/** Those that follow on them. */
export const FURTHER_USER_QUESTIONS: readonly Question[] = [
  {
    id: "sign-in-no-mfa",
    question: "Did this actor sign in to the console without MFA in the last 60 days?",
    answer: (inquiry) => answerWithoutMfa(inquiry, "signInNoMfa"),
  },
  {
    id: "root-in-use",
    question: "Was the root user of this account used in the last 60 days?",
    answer: answerRootInUse,
  },
];

async function answerNewUser(inquiry: Inquiry): Promise<Answered> {
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

async function answerWithoutMfa(inquiry: Inquiry, facet: "noMfa" | "signInNoMfa"): Promise<Answered> {
  const { alert, deed, subject, past } = inquiry;
  const isAny = facet === "noMfa";
  if (subject?.kind === "service") return no(SERVICE, []);
  const name = who(inquiry);
  const own = deed.facets[facet];
  if (subject?.kind === "role" && isAny) return answerOfRole(name, inquiry);
  if (own !== undefined) {
    const how = wordsFor(own);
    return yes(
      `This very call was made ${how}${isAny && own === "access-key" ? "" : ", as CloudTrail says"}.`,
      [inRecord(inquiry, `The record shows ${name} ${how}.`)],
      weightOf(own, isAny, inquiry),
    );
  }
  if (subject === undefined) return unknown(NOBODY);
  const seen = past.lately(facet);
  const said = saidOf(seen, name, isAny, inquiry);
  if (said !== undefined) return said;
  if (subject.username === undefined)
    return unknown(
      `No alert shows ${name} without a second factor, and CloudTrail's history cannot be asked for all that ${name} did.`,
    );
  const { deeds, why } = await inquiry.ask({ attribute: "Username", value: subject.username });
  const found = deeds
    .filter((one) => isActors(inquiry)(one) && one.at <= deed.at && one.at >= deed.at - SPAN_MS)
    .flatMap((one) => sightOf(one, facet));
  const shown = saidOf(found, name, isAny, inquiry);
  if (shown !== undefined) return shown;
  const isTold = !isAny || alert.actor.mfa !== undefined;
  const gap =
    why ??
    elsewhere(inquiry) ??
    (isTold ? undefined : "CloudTrail does not tell of this call whether there was one");
  if (gap !== undefined) return unknown(`No alert shows ${name} without a second factor, but ${gap}.`);
  if (!SEEN_BY_AWS.has(subject.kind))
    return unknown(
      `${upper(name)} signs in at an identity provider, and AWS does not see a second factor there.`,
    );
  return no(
    `CloudTrail's history of the 60 days before, but for the last half hour, shows ${name} ${isAny ? "never without a second factor" : "never signing in without a second factor"}.`,
    [inRecord(inquiry, "Nor does the record in hand.")],
  );
}

/**
 * A session of a role has no second factor when whoever took the role gave AWS none: an IAM user without one, and just so
 * a person who came through a SAML provider, whatever they gave to that.
 */
function answerOfRole(name: string, inquiry: Inquiry): Answered {
  const { deed, past } = inquiry;
  const seen = past.lately("noMfa");
  if (deed.facets.noMfa === undefined && seen.length === 0)
    return unknown(
      `Nothing shows ${name} without a second factor, and CloudTrail does not tell who takes the role.`,
    );
  const here = inRecord(inquiry, `The session of ${name} had no second factor that AWS knows of.`);
  return unknown(
    `${upper(name)} was at work in a session without a second factor that AWS knows of, and CloudTrail does not tell whether the person behind it gave one to an identity provider.`,
    [...(deed.facets.noMfa === undefined ? [] : [here]), ...evidenceOf(seen)],
  );
}

function saidOf(
  sights: readonly Sight[],
  name: string,
  isAny: boolean,
  inquiry: Inquiry,
): Answered | undefined {
  const weigh = ({ value }: Sight): number => weightOf(value, isAny, inquiry);
  const [heaviest] = sights.toSorted((a, b) => weigh(b) - weigh(a) || b.at - a.at);
  if (heaviest === undefined) return undefined;
  const same = sights.filter(({ value }) => value === heaviest.value);
  const because = `${upper(name)} was seen ${wordsFor(heaviest.value)} on ${when(heaviest)}.`;
  return yes(because, evidenceOf(same), weigh(heaviest));
}

function wordsFor(value: string): string {
  return Object.hasOwn(WITHOUT, value) ? WITHOUT[value as keyof typeof WITHOUT] : "without a second factor";
}

/** A key needs no second factor, which is no news of programs. */
function weightOf(value: string, isAny: boolean, { alert }: Inquiry): number {
  if (!isAny) return 40;
  if (value !== "access-key") return 80;
  return alert.channel.name === "console" || alert.channel.name === "cloudshell" ? 40 : 20;
}

async function answerUsedRoot(inquiry: Inquiry): Promise<Answered> {
  const { deed, subject, past } = inquiry;
  if (subject?.kind === "service") return no(SERVICE, []);
  const name = who(inquiry);
  const own = deed.facets.root;
  if (own === "root")
    return yes("The root user itself made this call.", [inRecord(inquiry, "The record is root's.")], 90);
  if (own !== undefined)
    return yes(
      `${upper(name)} asked for a root session with this call.`,
      [inRecord(inquiry, "The record is AssumeRoot.")],
      90,
    );
  if (subject === undefined) return unknown(NOBODY);
  const seen = past.lately("root");
  const [last] = seen;
  if (last !== undefined) return yes(`${upper(name)} used root on ${when(last)}.`, evidenceOf(seen), 90);
  const root = await lookForRoot(inquiry);
  const asked = root.deeds.filter(isActors(inquiry));
  const [latest] = asked;
  if (latest !== undefined)
    return yes(
      `${upper(name)} asked for a root session on ${when(latest)}, says CloudTrail's history.`,
      asked.flatMap((one) => evidenceOf(sightOf(one, "root"))),
      90,
    );
  const used = [...inquiry.rootPast.lately("root"), ...root.deeds.flatMap((one) => sightOf(one, "root"))];
  const [use] = used;
  if (use !== undefined)
    return unknown(
      `Root was used on ${when(use)}, and CloudTrail does not tell who the person was.`,
      evidenceOf(used),
    );
  const gap = root.why ?? elsewhere(inquiry);
  if (gap !== undefined) return unknown(`Nothing shows that root was used, but ${gap}.`);
  return no(
    "Nobody used root in the 60 days before, says CloudTrail's history, the last half hour aside.",
    [],
  );
}

async function answerRootInUse(inquiry: Inquiry): Promise<Answered> {
  const { deed, rootPast } = inquiry;
  // Who is root already is told by another question; here it is no news.
  if (deed.facets.root === "root")
    return yes("Root made this very call.", [inRecord(inquiry, "The record is root's.")], 0);
  const seen = rootPast.lately("root");
  const [last] = seen;
  if (last !== undefined) return yes(`Root was used on ${when(last)}.`, evidenceOf(seen), 35);
  const { deeds, why } = await lookForRoot(inquiry);
  const used = deeds.flatMap((one) => sightOf(one, "root")).filter(({ value }) => value === "root");
  const [use] = used;
  if (use !== undefined)
    return yes(`Root was used on ${when(use)}, says CloudTrail's history.`, evidenceOf(used), 35);
  if (why !== undefined) return unknown(`No alert shows that root was used, but ${why}.`);
  return no("CloudTrail's history of the 60 days before shows no use of root, the last half hour aside.", []);
}

/** All uses of root in the 60 days before, and requests for its sessions. */
async function lookForRoot(inquiry: Inquiry): ReturnType<Inquiry["ask"]> {
  const { deed } = inquiry;
  const byRoot = await inquiry.ask({ attribute: "Username", value: "root" });
  const forRoot = await inquiry.ask({ attribute: "EventName", value: "AssumeRoot" });
  const deeds = [...byRoot.deeds, ...forRoot.deeds]
    .filter(({ at, facets }) => facets.root !== undefined && at <= deed.at && at >= deed.at - SPAN_MS)
    .toSorted((a, b) => b.at - a.at);
  const why = byRoot.why ?? forRoot.why;
  return { deeds, ...(why === undefined ? {} : { why }) };
}

/** At the beginning of a sentence; names stay as they are, since Alice may be another than alice. */
function upper(text: string): string {
  return text.startsWith("the ") ? `T${text.slice(1)}` : text;
}
