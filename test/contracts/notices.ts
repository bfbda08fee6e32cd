/** Notices for the tests of destinations: of every kind, with hostile text wherever somebody can put some. */
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import type { Answer, HistoryEntry } from "../../lambda/cases/case-schema.ts";
import type { Notice } from "../../lambda/destinations/destination.ts";
import { sampleAlert } from "../lambda/alerts/sample.ts";

/** Every kind of text that breaks some medium. */
export const HOSTILE =
  "# <script>alert(1)</script> %%% ``` `x` **b** _i_ ~s~ [l](http://evil.example) <!channel> <@U123> <http://evil.example|l> @all &amp; \u202e\u0000\u001b[2J\r\nX: y \ud800 😀 \"'\\ {{x}} \u0085\u009b\u200b\u2028\u{e0041}\uffff https://evil.example";

/** The first notice of an alert, the sample's unless given. */
export function firstOf(alert: Alert = sampleAlert()): Notice {
  return { alert, kind: "first" };
}

/** The summary of a window in which the alert happened 96 times. */
export function summaryOf(alert: Alert = sampleAlert()): Notice {
  return { alert: { ...alert, count: 96, endTime: "2026-11-20T11:15:30.000Z" }, kind: "summary" };
}

/** What an investigation may have found, the weightiest first. */
export const ANSWERS: readonly Answer[] = [
  {
    id: "new-user",
    question: "Has a new user been involved in the event in the last 60 days?",
    answer: "yes",
    because: "first seen today",
    evidence: [{ what: "Nothing is known of it before.", source: "profile" }],
    weight: 90,
  },
  {
    id: "no-mfa",
    question: "Have the users involved in the event authenticated without MFA in the last 60 days?",
    answer: "unknown",
    because: "no sign-in was seen",
    evidence: [],
    weight: 60,
  },
  {
    id: "root",
    question: "Have any of the users involved in the event used the Root account in the last 60 days?",
    answer: "no",
    because: "",
    evidence: [],
    weight: 40,
  },
];

/** What somebody may have done to a case. */
export const CLOSED: HistoryEntry = {
  id: "2026-11-20T10:30:00.000Z#0a1b",
  at: "2026-11-20T10:30:00.000Z",
  by: "mallory-o-hara",
  from: "open",
  to: "closed",
  reason: "false-positive",
  comment: "our own scanner",
};

/** The answers, told afterwards. */
export function answersOf(alert: Alert = sampleAlert(), answers = ANSWERS): Notice {
  return { alert, kind: "answers", answers, at: "2026-11-20T10:15:41.000Z" };
}

/** That somebody closed the case. */
export function closedOf(alert: Alert = sampleAlert(), change = CLOSED): Notice {
  return { alert: { ...alert, status: "closed" }, kind: "status", change, answers: ANSWERS, at: change.at };
}

/** Answers that say this and nothing else. */
export function answersSaying(text: string): Answer[] {
  return ANSWERS.map(({ id, answer, weight }) => {
    return { id, question: text, answer, because: text, evidence: [], weight };
  });
}

/** Hostile answers and a hostile comment, of three lengths: as they are, none, and far longer than any medium takes. */
export function hostileNews(): Pick<Notice, "answers" | "change">[] {
  return [HOSTILE, "", HOSTILE.repeat(500)].map((text) => {
    const evidence = Array.from(
      { length: 20 },
      () => ({ what: text, source: "record", eventID: text }) as const,
    );
    const answer: Answer = { id: text, question: text, answer: "yes", because: text, evidence, weight: 1 };
    return {
      answers: Array.from({ length: 50 }, () => answer),
      change: { ...CLOSED, id: text, by: text, comment: text },
    };
  });
}

/** An alert with the hostile text wherever a caller or a rule's author can put one. */
export function hostileAlert(): Alert {
  const identity = {
    type: HOSTILE,
    userName: HOSTILE,
    arn: HOSTILE,
    accountId: HOSTILE,
    principalId: HOSTILE,
    accessKeyId: HOSTILE,
    invokedBy: HOSTILE,
    sessionContext: { sourceIdentity: HOSTILE, sessionIssuer: { userName: HOSTILE, arn: HOSTILE } },
  };
  const record = {
    userIdentity: identity,
    userAgent: HOSTILE,
    sourceIPAddress: HOSTILE,
    eventName: HOSTILE,
    awsRegion: HOSTILE,
    errorCode: HOSTILE,
    errorMessage: HOSTILE,
    recipientAccountId: HOSTILE,
    requestParameters: { [HOSTILE]: HOSTILE, ["__proto__"]: HOSTILE },
    resources: [{ ARN: HOSTILE, type: HOSTILE, accountId: HOSTILE }],
    eventSource: HOSTILE,
    eventID: HOSTILE,
    eventTime: HOSTILE,
  };
  const alert = sampleAlert(record, {
    eventSource: null,
    name: HOSTILE,
    description: HOSTILE,
    runbook: HOSTILE,
    summary: `{{userAgent}} ${HOSTILE}`,
    references: [HOSTILE],
    tags: [HOSTILE],
    attack: [HOSTILE],
    falsePositives: HOSTILE,
  });
  const { arn, type, accountId } = { arn: HOSTILE, type: HOSTILE, accountId: HOSTILE };
  return {
    ...alert,
    actor: { ...alert.actor, name: HOSTILE, role: HOSTILE, session: HOSTILE, sourceIdentity: HOSTILE },
    channel: { ...alert.channel, reasons: [HOSTILE] },
    cloud: { accountId: HOSTILE, region: HOSTILE, service: HOSTILE },
    resources: [{ arn, type, accountId }],
    notes: [HOSTILE],
  };
}
