import { describe, expect, it } from "vitest";
import type { Notice } from "../../../lambda/destinations/destination.ts";
import { makeSlack, slack } from "../../../lambda/destinations/slack.ts";
import {
  destinationContract,
  firstOf,
  type Limit,
  NO_DEADLINE,
  type Reply,
  summaryOf,
} from "../../contracts/destinations.ts";
import { httpDestinationContract } from "../../contracts/http-destinations.ts";
import { httpStage, stageSecret } from "../../contracts/http-stage.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { blockOf, checkSlack, fieldOf, requestOf, sizeOf, slackBody } from "./slack-checks.ts";
import {
  botStage,
  CHANNEL,
  OK,
  POST,
  POSTED,
  RECEIPT,
  refused,
  REPLY,
  SECRET,
  TOKENS,
  told,
  TS,
  UPDATE,
  WEBHOOKS,
  webhookStage,
} from "./slack-stage.ts";

const fields = (padding: number, each: number): string[] =>
  Array.from({ length: 15 }, (_, at) => "x".repeat(1 + Math.min(each, Math.max(0, padding - at * each))));

const LIMITS: readonly Limit[] = [
  {
    of: "the header's 150 characters",
    max: 150,
    measure: (body) => blockOf(slackBody(body), "header").text.text.length,
    grow: (padding) => firstOf(sampleAlert({}, { name: "x".repeat(padding + 1) })),
    saysCut: (body) => blockOf(slackBody(body), "header").text.text.endsWith("…"),
  },
  {
    of: "a button's 75 characters",
    max: 75,
    measure: (body) => blockOf(slackBody(body), "actions").elements.at(-1)?.text.text.length ?? 0,
    grow: (padding) => {
      const labels = Array.from({ length: 20 }, (_, at) =>
        "x".repeat(1 + Math.min(60, Math.max(0, padding - at * 60))),
      );
      return firstOf(sampleAlert({}, { references: [`https://${labels.join(".")}/`] }));
    },
    saysCut: (body) => blockOf(slackBody(body), "actions").elements.at(-1)?.text.text.endsWith("…") ?? false,
  },
  {
    of: "the request's 3,000 characters",
    max: 3000,
    measure: (body) => requestOf(slackBody(body)).length,
    grow: (padding) => firstOf(sampleAlert({ requestParameters: { fields: fields(padding, 300) } })),
    saysCut: (body) => / more, which the record in CloudTrail has|…\n/.test(requestOf(slackBody(body))),
  },
  {
    of: "a detail's 400 characters",
    max: 400,
    measure: (body) => fieldOf(slackBody(body), "User agent").length,
    grow: (padding) => firstOf(sampleAlert({ userAgent: "x".repeat(padding + 1) })),
    saysCut: (body) => fieldOf(slackBody(body), "User agent").endsWith("…`"),
  },
  {
    of: "the 10,000 characters of all blocks",
    max: 10_000,
    measure: (body) => sizeOf(slackBody(body)),
    grow: (padding) => {
      const text = "x".repeat(500);
      const rule = { summary: text.repeat(2), description: text, runbook: text, falsePositives: text };
      const userIdentity = { type: "IAMUser", userName: text, accessKeyId: text, invokedBy: text };
      const record = { requestParameters: { fields: fields(padding, 200) }, userIdentity, userAgent: text };
      return firstOf(sampleAlert(record, { ...rule, tags: [text], attack: [text] }));
    },
    saysCut: (body) => / more, which the record in CloudTrail has/.test(requestOf(slackBody(body))),
  },
];

describe("the Slack destination by an incoming webhook", () => {
  destinationContract({
    make: webhookStage,
    taken: OK,
    secret: WEBHOOKS[0],
    budget: 20_000,
    checkBody: checkSlack,
    limits: LIMITS,
  });
  httpDestinationContract({
    make: webhookStage,
    taken: OK,
    secrets: WEBHOOKS,
    refusal: { status: 404, body: "no_service" },
    refusalHeals: false,
    takesWebPages: false,
    recognisesCopies: false,
  });

  it("posts to the address in the secret, and asks Slack to fetch nothing that the message names", async () => {
    const { destination, requests, sent } = webhookStage([OK]);
    expect(destination.updates).toBe(false);
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).resolves.toBeUndefined();
    expect(requests[0]?.url).toBe(WEBHOOKS[0]);
    expect(slackBody(sent[0] ?? "")).toMatchObject({ unfurl_links: false, unfurl_media: false });
  });

  it.each([
    "http://hooks.slack.com/services/T0/B0/x",
    "https://hooks.slack.com.evil.example/services/T0/B0/x",
    "https://hooks.slack.com:8443/services/T0/B0/x",
    "xoxb-0000",
  ])("sends nothing when the secret holds %s, and says what it must hold", async (address) => {
    const { destination, requests } = webhookStage([OK], [address]);
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({
      retryable: true,
      message: `the secret does not hold the address of an incoming webhook of Slack; put a working incoming webhook's address (https://hooks.slack.com/…) into the secret ${SECRET}`,
    });
    expect(requests).toHaveLength(0);
  });

  it("posts to a local endpoint when it has one", async () => {
    const stage = httpStage([OK]);
    const given = { id: "slack", secret: SECRET, endpoint: "http://127.0.0.1:8080" };
    await makeSlack(given, stageSecret(stage, WEBHOOKS, "url"), stage.ports).deliver(firstOf(), NO_DEADLINE);
    expect(stage.requests[0]?.url).toBe(
      "http://127.0.0.1:8080/services/T00000000/B00000000/notarealwebhookaddress00",
    );
  });
});

describe("the Slack destination by a bot", () => {
  destinationContract({
    make: botStage,
    taken: POSTED,
    secret: TOKENS[0],
    budget: 20_000,
    checkBody: checkSlack,
    limits: LIMITS,
  });
  httpDestinationContract({
    make: botStage,
    taken: POSTED,
    secrets: TOKENS,
    refusal: refused("invalid_auth"),
    refusalHeals: true,
    takesWebPages: false,
    recognisesCopies: false,
  });

  const summary: Notice = { ...summaryOf(), receipt: RECEIPT };

  it("posts to its channel with the token in a header, and gives back where the message stands", async () => {
    const { destination, requests, sent } = botStage([POSTED]);
    expect(destination.updates).toBe(true);
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).resolves.toBe(RECEIPT);
    expect(requests[0]?.url).toBe("https://slack.com/api/chat.postMessage");
    expect(requests[0]?.headers.get("authorization")).toBe(`Bearer ${TOKENS[0]}`);
    expect(slackBody(sent[0] ?? "")).toMatchObject({
      channel: CHANNEL,
      unfurl_links: false,
      unfurl_media: false,
    });
  });

  it("raises the count of the first message on a repeat", async () => {
    const stage = botStage([POSTED]);
    await stage.destination.deliver({ ...summary, kind: "repeat" }, NO_DEADLINE);
    expect(stage.requests[0]?.url).toBe("https://slack.com/api/chat.update");
    const message = slackBody(stage.sent[0] ?? "");
    expect(message).toMatchObject({ channel: CHANNEL, ts: TS });
    expect(blockOf(message, "header").text.text).toContain("(96 times)");
  });

  it("changes the first message and replies in its thread when the window closes", async () => {
    const { calls, receipt } = await told(summary, [POSTED]);
    expect([calls, receipt]).toEqual([[UPDATE, REPLY], RECEIPT]);
  });

  it.each<[string, readonly Reply[], readonly (readonly [string, string | undefined, string | undefined])[]]>(
    [
      ["that somebody deleted", [refused("message_not_found"), POSTED], [UPDATE, POST]],
      ["that may not be changed any more", [refused("edit_window_closed"), POSTED], [UPDATE, REPLY]],
      [
        "whose thread is locked",
        [POSTED, refused("restricted_action_thread_locked"), POSTED],
        [UPDATE, REPLY, POST],
      ],
    ],
  )("tells the summary of a message %s all the same", async (_, replies, calls) => {
    expect((await told(summary, replies)).calls).toEqual(calls);
  });

  it("lets a repeat rest when its message was deleted: the summary will tell", async () => {
    expect((await told({ ...summary, kind: "repeat" }, [refused("message_not_found")])).calls).toEqual([
      UPDATE,
    ]);
  });

  it("posts anew when the receipt is none of its own", async () => {
    expect((await told({ ...summary, receipt: "C1 <!channel>" }, [POSTED])).calls).toEqual([POST]);
  });

  it("fails, to be tried again, when the summary's reply fails for now, though the update was taken", async () => {
    const { destination } = botStage([POSTED, refused("team_added_to_org")]);
    await expect(destination.deliver(summary, NO_DEADLINE)).rejects.toMatchObject({ retryable: true });
  });

  it("waits and posts again when Slack says with status 200 that it is too fast", async () => {
    const limited = {
      status: 200,
      body: '{"ok":false,"error":"ratelimited"}',
      headers: { "retry-after": "2" },
    };
    const { destination, pauses } = botStage([limited, POSTED]);
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).resolves.toBe(RECEIPT);
    expect(pauses).toEqual([2000]);
  });

  it("names the cure when it was not invited", async () => {
    const { destination, requests } = botStage([refused("not_in_channel")]);
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({
      retryable: false,
      message: "slack.com answered 200: not_in_channel; invite the app to the channel",
    });
    expect(requests).toHaveLength(1);
  });
});

describe("the settings of Slack", () => {
  it.each([
    [{ secret: SECRET }, []],
    [{ secret: "ssm:/prod/slack", api: "webhook" }, []],
    [{ secret: SECRET, api: "bot", channel: CHANNEL }, []],
    [{ secret: SECRET, api: "bot" }, ["channel is missing"]],
    [{ secret: SECRET, channel: CHANNEL }, ["channel is for api: bot only"]],
    [{ secret: SECRET, api: "bot", channel: "#alerts" }, ["channel must be the id of the channel"]],
    [{ secret: WEBHOOKS[0] }, ["never the secret itself"]],
    [{ secret: TOKENS[0], api: "rtm" }, ["never the secret itself", "api must be one of webhook, bot"]],
  ])("are checked: %j", (given, problems) => {
    const found = slack.check({ id: "slack", type: "slack", ...given });
    expect(found).toHaveLength(problems.length);
    for (const [at, problem] of problems.entries()) expect(found[at]).toContain(problem);
    for (const value of [...WEBHOOKS, ...TOKENS]) expect(found.join()).not.toContain(value);
  });
});
