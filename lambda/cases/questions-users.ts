/**
 * The questions about the users behind an event: new ones, without a second factor, root. The first three are in words
 * that others' tools know, and are answered strictly: what an actor did where nobody looked is unknown.
 */
import type { Question } from "./inquiry.ts";
import { answerWithoutMfa } from "./questions-mfa.ts";
import { answerNewUser } from "./questions-new-user.ts";
import { answerRootInUse, answerUsedRoot } from "./questions-root.ts";

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
