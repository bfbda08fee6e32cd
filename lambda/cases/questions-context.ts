/**
 * What is usual around the call: whether programs that build infrastructure make it, and whether the actor belongs to
 * the organisation. What the caller chose, such as a user agent, is evidence for the first and says so.
 */
import type { Answered, Inquiry, Question } from "./inquiry.ts";
import { inRecord, no, unknown, who, yes } from "./inquiry.ts";
import { isEarlier } from "./past.ts";

/** Channels of infrastructure as code. */
const IAC: ReadonlySet<string> = new Set(["terraform", "pulumi", "cdk", "cloudformation"]);
/** Fewer calls than this show no custom. */
const FEWEST_CALLS = 5;
const ACCOUNT = /^\d{12}$/;

/** The two questions. */
export const CONTEXT_QUESTIONS: readonly Question[] = [
  {
    id: "usually-iac",
    question:
      "Is this call usually made by infrastructure as code, in this account and Region in the last 60 days?",
    answer: answerIac,
  },
  {
    id: "outside-organisation",
    question: "Is the actor outside the organisation?",
    answer: async (inquiry) => answerOutside(inquiry),
  },
];

async function answerIac(inquiry: Inquiry): Promise<Answered> {
  const { alert, deed } = inquiry;
  const { call, region } = deed.facets;
  const eventName = alert.record["eventName"];
  if (call === undefined || region === undefined || typeof eventName !== "string")
    return unknown("CloudTrail does not tell which call this was, or where.");
  const { deeds, why } = await inquiry.ask({ attribute: "EventName", value: eventName }, region);
  if (why !== undefined) return unknown(`How it is usually made is not known: ${why}.`);
  const calls = deeds.filter(({ at, facets }) => facets.call === call && isEarlier(at, deed.at));
  const byCode = calls.filter(({ facets }) => IAC.has(facets.channel ?? "")).length;
  const share = `${byCode} of the ${calls.length} such calls in the 60 days before were made by infrastructure as code, going by user agents and services`;
  if (calls.length < FEWEST_CALLS)
    return unknown(
      `There were only ${calls.length} such calls in the 60 days before: too few to call anything usual.`,
    );
  const evidence = [{ what: `CloudTrail's history: ${share}.`, source: "cloudtrail" as const }];
  if (2 * byCode <= calls.length) return no(`${share}.`, evidence);
  const isCode = IAC.has(alert.channel.name);
  return yes(
    `${share}; this one was ${isCode ? "too" : `made by the channel ${alert.channel.name}`}.`,
    evidence,
    isCode ? 0 : 55,
  );
}

function answerOutside(inquiry: Inquiry): Answered {
  const { alert, subject, accounts } = inquiry;
  const { accountId } = alert.actor;
  const own = alert.record["recipientAccountId"];
  if (subject?.kind === "service") return no("An AWS service made this call on its own.", []);
  if (accountId === undefined || !ACCOUNT.test(accountId))
    return unknown("CloudTrail does not tell to which account the actor belongs.");
  const name = who(inquiry);
  const evidence = [inRecord(inquiry, `The record says that ${name} belongs to the account ${accountId}.`)];
  if (accountId === own) return no(`${name} belongs to this very account.`, evidence);
  if (accounts === undefined)
    return unknown(
      `The actor belongs to the account ${accountId}, and organisation.accounts does not say which are the organisation's.`,
      evidence,
    );
  const listed = {
    what: `organisation.accounts lists ${accounts.length} accounts.`,
    source: "configuration" as const,
  };
  if (accounts.includes(accountId))
    return no(`The actor belongs to the account ${accountId}, which is one of the organisation's.`, [
      ...evidence,
      listed,
    ]);
  return yes(
    `The actor belongs to the account ${accountId}, which is none of those listed as organisation.accounts.`,
    [...evidence, listed],
    95,
  );
}
