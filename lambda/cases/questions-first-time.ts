/**
 * Whether it is the first time in 60 days that an actor does something so. "No" rests on an earlier time that was seen.
 * "Yes" needs a witness of everything that it did in that time: CloudTrail's history, asked for all that the actor did and
 * answered in full. Everything else is unknown, since alerts show only what alerted.
 *
 *     first-call     deploy called ec2:RunInstances on 2026-11-02                          no
 *                    CloudTrail's history of all Regions shows no such call of deploy's     yes
 *                    no alert shows it, and CloudTrail was not asked                         unknown
 */
import { showText } from "../alerts/show-text.ts";
import type { Facet } from "./deed.ts";
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
import { isEarlier, type Query, sightOf } from "./past.ts";

type FirstTime = {
  readonly facet: "call" | "network" | "channel" | "region";
  /** How it is said: "called ec2:RunInstances". */
  readonly did: (value: string) => string;
  readonly weight: number;
};

const KINDS: readonly (FirstTime & Pick<Question, "id" | "question">)[] = [
  {
    id: "first-call",
    question: "Is this the first time in 60 days that this actor made this call, the last half hour aside?",
    facet: "call",
    did: (value) => `called ${value}`,
    weight: 60,
  },
  {
    id: "first-network",
    question:
      "Is this the first time in 60 days that this actor came from this network, the last half hour aside?",
    facet: "network",
    did: (value) => `came from ${value}`,
    weight: 70,
  },
  {
    id: "first-channel",
    question:
      "Is this the first time in 60 days that this actor used this channel, the last half hour aside?",
    facet: "channel",
    did: (value) => `used the channel ${value}`,
    weight: 50,
  },
  {
    id: "first-region",
    question:
      "Is this the first time in 60 days that this actor was active in this Region, the last half hour aside?",
    facet: "region",
    did: (value) => `was active in ${value}`,
    weight: 65,
  },
];

/** The four questions. */
export const FIRST_TIME_QUESTIONS: readonly Question[] = KINDS.map((kind) => ({
  id: kind.id,
  question: kind.question,
  answer: (inquiry) => answerFirstTime(kind, inquiry),
}));

async function answerFirstTime({ facet, did, weight }: FirstTime, inquiry: Inquiry): Promise<Answered> {
  const { deed, subject, past, alert } = inquiry;
  const value = deed.facets[facet];
  if (subject === undefined) return unknown("CloudTrail does not tell who made this call.");
  if (value === undefined) return unknown(`CloudTrail does not tell the ${facet} of this call.`);
  const name = who(inquiry);
  const shown = showText(value, 120);
  const seen = past.earlier(facet, value);
  const [last] = seen;
  if (last !== undefined)
    return no(
      `Before this, ${name} ${did(shown)} last on ${when(last)}, as far as is known.`,
      evidenceOf(seen),
    );
  const query = queryFor(facet, inquiry);
  if (query === undefined)
    return unknown(
      `No alert of the last 60 days shows that ${name} ${did(shown)} before, and CloudTrail's history cannot be asked for all that ${name} did.`,
    );
  const { deeds, why } = await inquiry.ask(query, facet === "region" ? value : undefined);
  const found = deeds
    .filter((one) => isActors(inquiry)(one) && isEarlier(one.at, deed.at))
    .flatMap((one) => sightOf(one, facet))
    .filter((sight) => sight.value === value)
    .toSorted((a, b) => b.at - a.at);
  const [latest] = found;
  if (latest !== undefined)
    return no(
      `Before this, ${name} ${did(shown)} last on ${when(latest)}, says CloudTrail's history.`,
      evidenceOf(found),
    );
  const gap = why ?? elsewhere(inquiry);
  if (gap !== undefined)
    return unknown(`No alert of the last 60 days shows that ${name} ${did(shown)} before, but ${gap}.`);
  if (!isManagement(alert.record))
    return unknown("CloudTrail's history holds management events only, and this call is none.");
  return yes(
    `In CloudTrail's history of the 60 days before, all of it management events, ${name} never ${did(shown)}.`,
    [inRecord(inquiry, `The record shows that ${name} ${did(shown)}.`)],
    weight,
  );
}

/** The call by its name; what an actor did by the name that stands for all of it. */
function queryFor(facet: Facet, { alert, subject }: Inquiry): Query | undefined {
  const eventName = alert.record["eventName"];
  if (facet === "call")
    return typeof eventName === "string" && eventName !== ""
      ? { attribute: "EventName", value: eventName }
      : undefined;
  return subject?.username === undefined ? undefined : { attribute: "Username", value: subject.username };
}

function isManagement(record: Readonly<Record<string, unknown>>): boolean {
  return record["eventCategory"] === "Management" || record["managementEvent"] === true;
}
