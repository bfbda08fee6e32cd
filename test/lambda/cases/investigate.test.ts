import { describe, expect, it } from "vitest";
import { QUESTIONS } from "../../../lambda/cases/investigate.ts";
import { weightiest } from "../../../lambda/cases/case-store.ts";
import {
  alerted,
  days,
  everything,
  expectAnswer,
  iac,
  nobody,
  nothing,
  type Row,
  service,
} from "./answer-rows.ts";
import { ask, before, typical as hand } from "./history.ts";

describe("the answers", () => {
  it.each<Row>([
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
  ])("%s is %s: %s", async (...row) => {
    await expect(expectAnswer(...row)).resolves.toBeUndefined();
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
