/** Pasts, records and rows for the tables of answers: what is known of an actor, and what each question then gets. */
import { expect } from "vitest";
import { answerSchema } from "../../../lambda/cases/case-schema.ts";
import { ask, before, type Done, type Knowledge, MINUTE, typical } from "./history.ts";

export const nothing: Knowledge = {
  alerted: [],
  remembers: "both",
  history: "off",
  shows: "late",
  later: MINUTE,
};
export const everything: Knowledge = { ...nothing, history: "everywhere" };
export const alerted: Knowledge = { ...nothing, alerted: [0, 1, 2, 3] };
export const days = (count: number): number => count * 24 * 60;
export const service = {
  userIdentity: { type: "AWSService", invokedBy: "autoscaling.amazonaws.com" },
  sourceIPAddress: "autoscaling.amazonaws.com",
};
export const nobody = { userIdentity: { type: "Unknown" } };
export const iac = (count: number, how: Done["how"] = "terraform"): Done[] =>
  Array.from({ length: count }, (_, at) => before(60 + at, { by: "deploy", how, mfa: "no" }));

export const making = (minutes: number, user: string, made: string): Done =>
  before(minutes, { by: "root", call: "CreateUser", user, made, region: "us-east-1" });
/** Somebody of another account, at work in this one. */
export const stranger = {
  userIdentity: {
    type: "IAMUser",
    principalId: "AIDASTRANGER",
    arn: "arn:aws:iam::210987654321:user/alice",
    accountId: "210987654321",
    userName: "alice",
    accessKeyId: "ASIAEXAMPLE",
    sessionContext: { attributes: { mfaAuthenticated: "true" } },
  },
};

/** A question, its answer, why, the call, what was done before, and what is known of that. */
export type Row = [
  id: string,
  answer: "yes" | "no" | "unknown",
  because: RegExp,
  hand: Partial<Done>,
  past: readonly Done[],
  known: Knowledge,
  record?: object,
];
/** Asks, and expects the row's answer, with evidence for a yes and weight for nothing else. */
export async function expectAnswer(
  ...[id, answer, because, change, past, known, record = {}]: Row
): Promise<void> {
  const answers = await ask({ ...typical, ...change }, past, known, record as Record<string, unknown>);
  const found = answers[id];
  expect(found).toMatchObject({ answer, because: expect.stringMatching(because) as string });
  expect(answerSchema.safeParse(found).success).toBe(true);
  expect((found?.evidence.length ?? 0) > 0 || answer !== "yes").toBe(true);
  expect(found?.weight === 0 || answer === "yes").toBe(true);
}
