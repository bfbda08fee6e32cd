import { describe, expect, it } from "vitest";
import type { Answer as CaseAnswer, Scope } from "../../../lambda/cases/case-schema.ts";
import { type Body, LATER, makeStage, rowsOf, type Stage } from "./stage.ts";

const QUESTIONS = [
  "Has a new user been involved in the event in the last 60 days?",
  "Have the users involved in the event authenticated without MFA in the last 60 days?",
  "Have any of the users involved in the event used the Root account in the last 60 days?",
];

async function storeAnswers(
  stage: Stage,
  id: string,
  answers: readonly CaseAnswer["answer"][],
): Promise<void> {
  const scope: Scope<"investigation"> = {
    scope: "investigation",
    state: "ready",
    computedAt: "2026-11-20T11:59:00.000Z",
    value: {
      answers: answers.map((answer, n) => ({
        id: `q${n}`,
        question: QUESTIONS[n] ?? "Other?",
        answer,
        because: "Because.",
        evidence: [],
        weight: 10,
      })),
    },
    notes: [],
  };
  await stage.cases.writeScope(id, "investigation", scope, LATER);
}

async function stageWithAlert(record: Body = {}) {
  const stage = makeStage();
  const token = await stage.token();
  const alert = await stage.publish("2026-11-20T10:15:30Z", {}, record);
  return { stage, token, alert };
}

describe("Details", () => {
  it("is the row of the list with the things it is about, as LACEWORK-API has their kinds", async () => {
    const stage = makeStage();
    const token = await stage.token();
    const resources = [
      {
        arn: "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-0a1b2c3d",
        type: "AWS::EC2::SecurityGroup",
      },
    ];
    await stage.publish("2026-11-20T10:15:30Z", { resources });
    const { status, body } = await stage.scope(token, 1, "Details");
    const { entityMap, ...row } = body["data"] as Body;
    expect(status).toBe(200);
    expect(row).toEqual(rowsOf(await stage.list(token))[0]);
    expect(entityMap).toEqual({
      CustomRule: [
        {
          KEY: { rule_guid: "ec2.amazonaws.com/security-group-opened" },
          PROPS: {
            title: "Security group opened to the internet",
            description: "Somebody allowed ingress from any address.",
          },
        },
      ],
      RulesTriggered: [
        {
          KEY: { rule_title: "Security group opened to the internet" },
          PROPS: { rule_id: "ec2.amazonaws.com/security-group-opened" },
        },
      ],
      API: [{ KEY: { api: "AuthorizeSecurityGroupIngress" }, PROPS: { service: "ec2.amazonaws.com" } }],
      CT_User: [
        {
          KEY: { username: expect.stringContaining("alice@example.com") },
          PROPS: expect.objectContaining({ type: "AssumedRole", mfa: "true" }),
        },
      ],
      CT_RawTime: [{ KEY: { raw_time: "2026-11-20T10:15:30Z" }, PROPS: {} }],
      Region: [{ KEY: { region: "eu-west-1" }, PROPS: {} }],
      Resource: [
        {
          KEY: { name: "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-0a1b2c3d" },
          PROPS: { type: "AWS::EC2::SecurityGroup" },
        },
      ],
      SourceIpAddress: [{ KEY: { ip_addr: "192.0.2.10" }, PROPS: {} }],
    });
  });

  it("is what no scope asks for, and one in the case of the API only", async () => {
    const { stage, token } = await stageWithAlert();
    const details = await stage.scope(token, 1, "Details");
    expect((await stage.get("/api/v2/Alerts/1", token)).text).toBe(details.text);
    expect((await stage.get("/api/v2/Alerts/1?scope=", token)).text).toBe(details.text);
    expect(await stage.scope(token, 1, "details")).toMatchObject({
      status: 400,
      body: {
        message:
          'scope "details" is unknown. Scopes: Details, Investigation, Events, RelatedAlerts, Integrations, Timeline, ObservationTimeline.',
      },
    });
  });

  it("follows what people did", async () => {
    const { stage, token } = await stageWithAlert();
    await stage.close(token, 1, { reason: 4, comment: "a drill" });
    expect((await stage.scope(token, 1, "Details")).body["data"]).toMatchObject({ status: "Closed" });
  });
});

describe("Investigation", () => {
  it("has the questions and Yes, No or Unknown, nothing else", async () => {
    const { stage, token, alert } = await stageWithAlert();
    await storeAnswers(stage, alert.id, ["yes", "no", "unknown", "no"]);
    expect((await stage.scope(token, 1, "Investigation")).body["data"]).toEqual([
      { question: QUESTIONS[0], answer: "Yes" },
      { question: QUESTIONS[1], answer: "No" },
      { question: QUESTIONS[2], answer: "Unknown" },
      { question: "Other?", answer: "No" },
    ]);
  });

  it("answers Unknown to the first three where it is not there", async () => {
    const { stage, token } = await stageWithAlert();
    expect((await stage.scope(token, 1, "Investigation")).body["data"]).toEqual(
      QUESTIONS.map((question) => ({ question, answer: "Unknown" })),
    );
  });
});

describe("Events", () => {
  it("are texts in all their fields, with the time to the second", async () => {
    const { stage, token } = await stageWithAlert({
      errorCode: "AccessDenied",
      recipientAccountId: "123456789012",
    });
    const events = rowsOf(await stage.scope(token, 1, "Events"));
    expect(events).toHaveLength(1);
    const { userIdentity, additionalEventInfo, ...rest } = events[0] ?? {};
    expect(rest).toEqual({
      awsRegion: "eu-west-1",
      eventName: "AuthorizeSecurityGroupIngress",
      eventSource: "ec2.amazonaws.com",
      sourceIpAddress: "192.0.2.10",
      recipientAccountId: "123456789012",
      mfa: "true",
      eventTime: "2026-11-20T10:15:30Z",
    });
    expect(JSON.parse(String(userIdentity))).toMatchObject({
      type: "AssumedRole",
      accountId: "123456789012",
    });
    expect(JSON.parse(String(additionalEventInfo))).toMatchObject({
      errorCode: "AccessDenied",
      requestParameters: { groupId: "sg-0a1b2c3d" },
    });
  });

  it.each([
    [{ userIdentity: { type: "Root" } }, "false"],
    [{ userIdentity: "root" }, "false"],
    [{ userIdentity: { type: "Root" }, additionalEventData: { MFAUsed: "Yes" } }, "true"],
    [{ userIdentity: { sessionContext: { attributes: { mfaAuthenticated: true } } } }, "false"],
  ])("of %j have mfa %j", async (record, mfa) => {
    const { stage, token } = await stageWithAlert(record);
    expect(rowsOf(await stage.scope(token, 1, "Events"))[0]).toMatchObject({ mfa });
  });

  it("stay texts for records whose fields are anything", async () => {
    const { stage, token } = await stageWithAlert({
      awsRegion: { a: 1 },
      eventName: ["x"],
      sourceIPAddress: 12,
      userIdentity: null,
      requestParameters: "\u009b31m\u202e",
      eventTime: 5,
    });
    const answer = await stage.scope(token, 1, "Events");
    for (const value of Object.values(rowsOf(answer)[0] ?? {})) expect(typeof value).toBe("string");
    expect(answer.text).not.toMatch(/[\u0080-\u009f\u202e]/);
    expect(rowsOf(await stage.scope(token, 1, "ObservationTimeline"))).toHaveLength(1);
  });
});

describe("ObservationTimeline", () => {
  it("is one observation a record", async () => {
    const { stage, token } = await stageWithAlert({ eventID: "3f2504e0-4f89-41d3-9a0c-0305e82c3399" });
    const at = Date.parse("2026-11-20T10:15:30Z");
    expect(rowsOf(await stage.scope(token, 1, "ObservationTimeline"))).toEqual([
      {
        description: expect.stringMatching(
          /^AuthorizeSecurityGroupIngress by .*alice@example\.com.* from 192\.0\.2\.10$/,
        ),
        startEpoch: at,
        endEpoch: at,
        entities: [expect.stringContaining("alice@example.com"), "192.0.2.10"],
        formalTags: ["T1686.001"],
        observationType: "AuthorizeSecurityGroupIngress",
        observationPivotEntityUuids: [],
        recordUuid: "3f2504e0-4f89-41d3-9a0c-0305e82c3399",
        relationships: [],
      },
    ]);
  });
});

describe("what is not there", () => {
  const SCOPES = [
    "Details",
    "Investigation",
    "Events",
    "RelatedAlerts",
    "Integrations",
    "Timeline",
    "ObservationTimeline",
  ];

  it.each([
    "0",
    "2",
    "-1",
    "1.0",
    "01",
    "1e3",
    "9007199254740993",
    "999999999999999",
    "abc",
    "%00",
    "__proto__",
    "search",
    "ALERT%23x",
  ])("alert %s is Not found in every scope, in the words of the original", async (id) => {
    const { stage, token } = await stageWithAlert();
    for (const scope of SCOPES) {
      const { status, text } = await stage.scope(token, id, scope);
      expect([status, text]).toEqual([404, '{"message":"Not found"}']);
    }
  });

  it("a scope with no entries is Not found", async () => {
    const { stage, token } = await stageWithAlert();
    const { status, text } = await stage.scope(token, 1, "RelatedAlerts");
    expect([status, text]).toEqual([404, '{"message":"Not found"}']);
  });

  it("a scope that is still being computed is to be asked for again", async () => {
    const { stage } = await stageWithAlert();
    const { id } = (await stage.cases.byNumber(1, LATER))?.row ?? { id: "" };
    const pending = makeStage({
      cases: stage.cases,
      keys: stage.keys,
      readScope: async (_, scope) => ({ scope, state: "pending", why: `secret inner words of ${id}` }),
    });
    const refused = await pending.scope(await stage.token(), 1, "Events");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(refused.body).toEqual({
      message: "This scope is still being computed. Ask again in a few seconds.",
    });
  });

  it("a scope that could not be computed is Not found", async () => {
    const { stage } = await stageWithAlert();
    const without = makeStage({
      cases: stage.cases,
      keys: stage.keys,
      readScope: async (_, scope) => ({ scope, state: "unavailable", why: "no" }),
    });
    const token = await stage.token();
    for (const scope of ["Events", "RelatedAlerts", "Integrations", "Timeline"])
      expect((await without.scope(token, 1, scope)).status).toBe(404);
    expect((await without.scope(token, 1, "Investigation")).status).toBe(200);
  });

  it("a table that is down is 503 with a message that tells nothing of it, and a line in the log", async () => {
    const { stage, token } = await stageWithAlert();
    stage.failing.with = new Error("ThrottlingException at arn:aws:dynamodb:secret");
    for (const path of ["", "/1?scope=Details"]) {
      const { status, body, text, headers } = await stage.list(token, path);
      expect([status, Object.keys(body), headers.get("retry-after")]).toEqual([503, ["message"], "5"]);
      expect(text).not.toContain("arn:");
    }
    expect(
      stage.logged.some((line) => line.includes('"api unavailable"') || line.includes('"level":"error"')),
    ).toBe(true);
    expect(stage.logged.join("\n")).not.toContain(token);
  });
});
