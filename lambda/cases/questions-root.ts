/**
 * Who used root. CloudTrail does not tell which person that was, so of a person it is certain only when it asked for a
 * session of root's, or is root.
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
import { sightOf, SPAN_MS } from "./past.ts";

/** Whether those involved used root. */
export async function answerUsedRoot(inquiry: Inquiry): Promise<Answered> {
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

/** Whether anybody did, in this account. */
export async function answerRootInUse(inquiry: Inquiry): Promise<Answered> {
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
