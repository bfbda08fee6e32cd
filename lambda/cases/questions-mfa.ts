/**
 * Whether an actor worked or signed in without a second factor. Programs have none to use, and of who signs in at an
 * identity provider AWS does not see it: there the answer is unknown, whatever the session says.
 */
import {
  type Answered,
  elsewhere,
  evidenceOf,
  inRecord,
  type Inquiry,
  isActors,
  no,
  NOBODY,
  SERVICE,
  unknown,
  upper,
  when,
  who,
  yes,
} from "./inquiry.ts";
import { type Sight, sightOf, SPAN_MS } from "./past.ts";

/** Kinds whose second factor AWS itself sees: those of others sign in elsewhere. */
const SEEN_BY_AWS: ReadonlySet<string> = new Set(["user", "root"]);

const WITHOUT = {
  session: "in a session without a second factor",
  "sign-in": "by a console sign-in without a second factor",
  "access-key": "with a long-term access key, which needs no second factor",
} as const;

/** The answer, of any call or of sign-ins to the console alone. */
export async function answerWithoutMfa(inquiry: Inquiry, facet: "noMfa" | "signInNoMfa"): Promise<Answered> {
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
