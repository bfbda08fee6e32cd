import { describe, expect, it } from "vitest";
import { QUESTIONS } from "../../../lambda/cases/investigate.ts";
import { weightiest } from "../../../lambda/cases/case-store.ts";
import { answerSchema } from "../../../lambda/cases/case-schema.ts";
import { ask, before, type Done, type Knowledge, MINUTE, typical as hand } from "./history.ts";

const nothing: Knowledge = { alerted: [], remembers: "both", history: "off", shows: "late", later: MINUTE };
const everything: Knowledge = { ...nothing, history: "everywhere" };
const alerted: Knowledge = { ...nothing, alerted: [0, 1, 2, 3] };
const days = (count: number): number => count * 24 * 60;
const service = {
  userIdentity: { type: "AWSService", invokedBy: "autoscaling.amazonaws.com" },
  sourceIPAddress: "autoscaling.amazonaws.com",
};
const nobody = { userIdentity: { type: "Unknown" } };
const iac = (count: number, how: Done["how"] = "terraform"): Done[] =>
  Array.from({ length: count }, (_, at) => before(60 + at, { by: "deploy", how, mfa: "no" }));

const making = (minutes: number, user: string, made: string): Done =>
  before(minutes, { by: "root", call: "CreateUser", user, made, region: "us-east-1" });
/** Somebody of another account, at work in this one. */
const stranger = {
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

type Row = [
  id: string,
  answer: "yes" | "no" | "unknown",
  because: RegExp,
  hand: Partial<Done>,
  past: readonly Done[],
  known: Knowledge,
  record?: object,
];

describe("the answers", () => {
  it.each<Row>([
    ["new-user", "yes", /made the user mallory/, { call: "CreateUser", user: "mallory" }, [], nothing],
    [
      "new-user",
      "unknown",
      /No alert shows alice/,
      { call: "CreateUser", user: "mallory", failed: true },
      [],
      nothing,
    ],
    [
      "new-user",
      "yes",
      /was made on 2026-11-10/,
      {},
      [before(days(10), { by: "root", call: "CreateUser", user: "alice", region: "us-east-1" })],
      everything,
    ],
    // Users can be renamed: one that is two years old may have taken the name since.
    [
      "new-user",
      "unknown",
      /another id until 2026-11-15/,
      { life: 2 },
      [before(days(5), { life: 1 })],
      alerted,
    ],
    [
      "new-user",
      "yes",
      /was made on 2026-11-17/,
      { life: 2 },
      [before(days(5), { life: 1 }), making(days(3), "alice", "AIDAALICE2")],
      everything,
    ],
    // Made as mallory, renamed to alice since.
    [
      "new-user",
      "yes",
      /was made on 2026-10-31/,
      {},
      [making(days(20), "mallory", "AIDAALICE0"), before(days(5))],
      everything,
    ],
    // Made under the name, renamed away; this one had another name then.
    [
      "new-user",
      "no",
      /no making of it/,
      {},
      [making(days(20), "alice", "AIDAOTHER"), before(days(5))],
      everything,
    ],
    // A minute ago is as certain as a month ago.
    [
      "new-user",
      "yes",
      /was made on 2026-11-20/,
      {},
      [making(1, "alice", "AIDAALICE0")],
      { ...everything, shows: "at-once" },
    ],
    ["new-user", "no", /seen on 2026-09-11/, {}, [before(days(70))], alerted],
    ["new-user", "no", /no making of it/, {}, [before(days(5))], everything],
    ["new-user", "unknown", /nothing shows that it was there/, {}, [], everything],
    ["new-user", "no", /no user is involved/, {}, [], nothing, service],
    ["new-user", "unknown", /does not tell who/, {}, [], nothing, nobody],
    ["new-user", "unknown", /only the making of IAM users/, { by: "deploy" }, [], everything],
    ["no-mfa", "yes", /This very call was made in a session without/, { mfa: "no" }, [], nothing],
    // Whoever comes through a SAML provider has "false" there, whatever they showed it.
    ["no-mfa", "unknown", /to an identity provider/, { by: "deploy", mfa: "no" }, [], everything],
    [
      "no-mfa",
      "unknown",
      /to an identity provider/,
      { by: "deploy" },
      [before(days(1), { by: "deploy", mfa: "no" })],
      { ...alerted, remembers: "profile" },
    ],
    [
      "no-mfa",
      "unknown",
      /does not tell of this call/,
      {},
      [],
      everything,
      {
        userIdentity: {
          type: "IAMUser",
          principalId: "AIDAALICE0",
          arn: "arn:aws:iam::123456789012:user/alice",
          accountId: "123456789012",
          userName: "alice",
        },
      },
    ],
    ["no-mfa", "yes", /long-term access key/, { mfa: "key" }, [], nothing],
    [
      "no-mfa",
      "yes",
      /seen in a session without a second factor on 2026-11-19/,
      {},
      [before(days(1), { mfa: "no" })],
      alerted,
    ],
    [
      "no-mfa",
      "yes",
      /seen by a console sign-in without/,
      {},
      [before(90, { call: "ConsoleLogin", mfa: "no" })],
      everything,
    ],
    [
      "no-mfa",
      "no",
      /never without a second factor/,
      {},
      [before(days(61), { mfa: "no" }), before(90)],
      everything,
    ],
    ["no-mfa", "no", /no user is involved/, {}, [], nothing, service],
    ["no-mfa", "unknown", /not asked unless lookupEvents is configured/, {}, [before(90)], alerted],
    ["no-mfa", "unknown", /signs in at an identity provider/, { by: "sso" }, [], everything],
    [
      "no-mfa",
      "unknown",
      /did not answer \(ThrottlingException\)/,
      {},
      [],
      { ...nothing, history: "throttled" },
    ],
    ["used-root", "yes", /root user itself/, { by: "root" }, [], nothing],
    ["used-root", "yes", /asked for a root session with this call/, { call: "AssumeRoot" }, [], nothing],
    ["used-root", "yes", /used root on 2026-11-19/, {}, [before(days(1), { call: "AssumeRoot" })], alerted],
    [
      "used-root",
      "yes",
      /says CloudTrail's history/,
      {},
      [before(days(1), { call: "AssumeRoot" })],
      everything,
    ],
    ["used-root", "no", /Nobody used root/, {}, [before(90)], everything],
    [
      "used-root",
      "unknown",
      /does not tell who the person was/,
      {},
      [before(90, { by: "root" })],
      everything,
    ],
    ["used-root", "unknown", /name every Region in use/, {}, [], { ...nothing, history: "here" }],
    ["first-call", "yes", /never called ec2:RunInstances/, {}, [before(days(61)), before(20)], everything],
    ["first-call", "no", /last on 2026-11-19/, {}, [before(days(1))], alerted],
    [
      "first-call",
      "no",
      /says CloudTrail's history/,
      { by: "deploy" },
      [before(days(1), { by: "deploy" })],
      everything,
    ],
    ["first-call", "unknown", /name every Region in use/, {}, [], { ...nothing, history: "here" }],
    ["first-call", "unknown", /does not tell who/, {}, [], everything, nobody],
    [
      "first-call",
      "unknown",
      /management events only/,
      {},
      [],
      everything,
      { eventCategory: "Data", managementEvent: false },
    ],
    [
      "first-call",
      "unknown",
      /that of another account/,
      {},
      [],
      everything,
      { recipientAccountId: "210987654321" },
    ],
    [
      "first-network",
      "yes",
      /never came from 192\.0\.2\.0\/24/,
      {},
      [before(90, { ip: "198.51.100.7" })],
      everything,
    ],
    [
      "first-network",
      "no",
      /came from 192\.0\.2\.0\/24 last/,
      {},
      [before(90, { ip: "192.0.2.99" })],
      alerted,
    ],
    ["first-network", "unknown", /cannot be asked for all/, { by: "deploy" }, [], everything],
    ["first-channel", "yes", /never used the channel console/, {}, [before(90, { how: "cli" })], everything],
    ["first-channel", "no", /used the channel console/, {}, [before(90)], alerted],
    [
      "first-channel",
      "unknown",
      /does not tell the channel/,
      {},
      [],
      everything,
      { userAgent: "x", sessionCredentialFromConsole: undefined },
    ],
    [
      "first-region",
      "yes",
      /never was active in eu-west-1/,
      {},
      [before(90, { region: "us-east-1" })],
      { ...nothing, history: "here" },
    ],
    ["first-region", "no", /was active in eu-west-1/, {}, [before(90)], { ...nothing, history: "here" }],
    ["first-region", "unknown", /shows that alice was active in eu-west-1/, {}, [], nothing],
    ["sign-in-no-mfa", "yes", /console sign-in/, { call: "ConsoleLogin", mfa: "no" }, [], nothing],
    [
      "sign-in-no-mfa",
      "no",
      /never signing in/,
      {},
      [before(90, { mfa: "no" }), before(95, { call: "ConsoleLogin", mfa: "no", failed: true })],
      everything,
    ],
    ["sign-in-no-mfa", "unknown", /but only what alerted/, {}, [], nothing],
    // Whoever had the name before was somebody else.
    ["first-call", "unknown", /not asked unless/, { life: 2 }, [before(days(5), { life: 1 })], alerted],
    [
      "first-call",
      "no",
      /last on 2026-11-18/,
      { life: 2 },
      [before(days(5), { life: 1 }), before(days(2), { life: 2 })],
      alerted,
    ],
    ["first-network", "yes", /never came from/, { life: 2 }, [before(days(5), { life: 1 })], everything],
    [
      "no-mfa",
      "unknown",
      /not asked unless/,
      { life: 2 },
      [before(days(5), { life: 1, mfa: "no" })],
      alerted,
    ],
    ["no-mfa", "no", /never without/, { life: 2 }, [before(days(5), { life: 1, mfa: "no" })], everything],
    [
      "used-root",
      "unknown",
      /not asked unless/,
      { life: 2 },
      [before(days(5), { life: 1, call: "AssumeRoot" })],
      alerted,
    ],
    // What they do at home is in the history of their own account.
    ...[
      "no-mfa",
      "used-root",
      "first-call",
      "first-network",
      "first-channel",
      "first-region",
      "sign-in-no-mfa",
    ].map((id): Row => [id, "unknown", /of the account 210987654321/, {}, [], everything, stranger]),
    ["root-in-use", "yes", /Root was used on/, {}, [before(90, { by: "root" })], alerted],
    ["root-in-use", "yes", /says CloudTrail's history/, {}, [before(90, { by: "root" })], everything],
    [
      "root-in-use",
      "no",
      /no use of root/,
      {},
      [before(90, { by: "root", call: "ConsoleLogin", failed: true })],
      everything,
    ],
    ["root-in-use", "unknown", /No alert shows that root was used/, {}, [], nothing],
    ["usually-iac", "yes", /6 of the 6 .* made by the channel console/, {}, iac(6), everything],
    ["usually-iac", "no", /0 of the 6/, {}, iac(6, "cli"), everything],
    ["usually-iac", "unknown", /only 2 such calls/, {}, iac(2), everything],
    [
      "usually-iac",
      "unknown",
      /latest records that are read/,
      {},
      Array.from({ length: 260 }, (_, at) => before(60 + at)),
      everything,
    ],
    ["outside-organisation", "no", /this very account/, {}, [], nothing],
    [
      "outside-organisation",
      "no",
      /one of the organisation's/,
      {},
      [],
      { ...nothing, accounts: ["123456789012"] },
      { recipientAccountId: "210987654321" },
    ],
    [
      "outside-organisation",
      "yes",
      /none of those listed/,
      {},
      [],
      { ...nothing, accounts: ["210987654321"] },
      { recipientAccountId: "210987654321" },
    ],
    [
      "outside-organisation",
      "unknown",
      /does not say which/,
      {},
      [],
      nothing,
      { recipientAccountId: "210987654321" },
    ],
    ["outside-organisation", "unknown", /does not tell to which account/, {}, [], nothing, nobody],
    ["outside-organisation", "no", /AWS service/, {}, [], nothing, service],
  ])("%s is %s: %s", async (id, answer, because, change, past, known, record = {}) => {
    const answers = await ask({ ...hand, ...change }, past, known, record as Record<string, unknown>);
    const found = answers[id];
    expect(found).toMatchObject({ answer, because: expect.stringMatching(because) as string });
    expect(answerSchema.safeParse(found).success).toBe(true);
    expect((found?.evidence.length ?? 0) > 0 || answer !== "yes").toBe(true);
    expect(found?.weight === 0 || answer === "yes").toBe(true);
  });

  it("begin with the three questions in the words that others know", () => {
    expect(QUESTIONS.map(({ question }) => question).slice(0, 3)).toEqual([
      "Has a new user been involved in the event in the last 60 days?",
      "Have the users involved in the event authenticated without MFA in the last 60 days?",
      "Have any of the users involved in the event used the Root account in the last 60 days?",
    ]);
  });

  it("put first what somebody who was woken wants, and nothing that was to be expected", async () => {
    const past = [before(90, { ip: "198.51.100.7", call: "DeleteVpc" })];
    const answers = Object.values(await ask({ ...hand, mfa: "no" }, past, everything));
    expect(weightiest(answers).map(({ id }) => id)).toEqual(["no-mfa", "first-network", "first-call"]);
    const usual = Object.values(await ask(hand, [before(90)], alerted));
    expect(weightiest(usual)).toEqual([]);
  });

  it("say of the same call twice within half an hour what they said of the first", async () => {
    const first = await ask(hand, [before(90, { call: "DeleteVpc" })], { ...everything, alerted: [0] });
    const second = await ask(hand, [before(90, { call: "DeleteVpc" }), before(1)], {
      ...everything,
      alerted: [0, 1],
    });
    expect(second["first-call"]?.answer).toBe("yes");
    expect(second["first-call"]).toEqual(first["first-call"]);
  });

  it("show hostile names as text", async () => {
    const userIdentity = {
      type: "IAMUser",
      userName: "a\u202eb\nc",
      arn: "arn:aws:iam::123456789012:user/a\u202eb",
      accountId: "123456789012",
      principalId: "AIDAX",
    };
    for (const { because } of Object.values(await ask(hand, [], everything, { userIdentity })))
      expect(because).not.toMatch(/[\u202e\n]/);
  });
});
