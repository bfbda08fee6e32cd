import { describe, expect, it } from "vitest";
import type { Notice } from "../../../lambda/destinations/destination.ts";
import { NO_DEADLINE } from "../../contracts/destinations.ts";
import { ANSWERS, answersOf, answersSaying, CLOSED, closedOf, summaryOf } from "../../contracts/notices.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { blockOf, blocksOf, checkSlack, readerSees, sentenceOf, slackBody } from "./slack-checks.ts";
import { botStage, CHANNEL, POSTED, RECEIPT, refused, REPLY, told, TS, UPDATE } from "./slack-stage.ts";

describe("what comes after the first message of a Slack bot", () => {
  it("adds answers to the message itself, and says no more", async () => {
    const stage = botStage([POSTED]);
    await expect(stage.destination.deliver({ ...answersOf(), receipt: RECEIPT }, NO_DEADLINE)).resolves.toBe(
      RECEIPT,
    );
    expect(stage.requests.map(({ url }) => url)).toEqual(["https://slack.com/api/chat.update"]);
    const message = slackBody(stage.sent[0] ?? "");
    expect(message).toMatchObject({ channel: CHANNEL, ts: TS });
    expect(readerSees(message)).toContain(
      "Has a new user been involved in the event in the last 60 days? Yes: first seen today\n",
    );
    expect(blockOf(message, "header").text.text).toMatch(/^🟠 HIGH · /);
  });

  it("changes the header of a case that was closed, and says in the thread who did it and why", async () => {
    const stage = botStage([POSTED]);
    await stage.destination.deliver({ ...closedOf(), receipt: RECEIPT }, NO_DEADLINE);
    const [message, reply] = stage.sent.map((body) => slackBody(body));
    if (message === undefined || reply === undefined) throw new Error("two calls were expected");
    expect(blockOf(message, "header").text.text).toMatch(/^✅ Closed · HIGH · /);
    const said = "Closed by mallory-o-hara as false positive: our own scanner";
    expect(sentenceOf(message)).toBe(said);
    expect(readerSees(message)).toContain("first seen today");
    expect(reply).toMatchObject({ channel: CHANNEL, thread_ts: TS });
    expect(readerSees(reply)).toBe(said);
  });

  it.each([
    ["acknowledged", "👀 Acknowledged · HIGH"],
    ["open", "🔁 Reopened · HIGH"],
  ] as const)("shows in the header that a case is %s", async (to, header) => {
    const stage = botStage([POSTED]);
    const notice = closedOf(sampleAlert(), { ...CLOSED, to });
    await stage.destination.deliver({ ...notice, receipt: RECEIPT }, NO_DEADLINE);
    expect(blockOf(slackBody(stage.sent[0] ?? ""), "header").text.text).toContain(header);
  });

  it("says a comment in the thread, and leaves the message as it is", async () => {
    const { to: _, from: __, reason: ___, ...comment } = CLOSED;
    const notice = { ...closedOf(sampleAlert(), comment), receipt: RECEIPT };
    expect((await told(notice, [POSTED])).calls).toEqual([REPLY]);
  });

  it.each([answersOf(), closedOf()])(
    "posts no second message for what is known later: $kind",
    async (notice) => {
      for (const receipt of [undefined, "C1 <!channel>"]) {
        const { destination, requests } = botStage([POSTED]);
        const placed = receipt === undefined ? notice : { ...notice, receipt };
        await expect(destination.deliver(placed, NO_DEADLINE)).rejects.toMatchObject({ retryable: false });
        expect(requests).toEqual([]);
      }
      const gone = { ...notice, receipt: RECEIPT };
      expect((await told(gone, [refused("message_not_found")])).calls).toEqual([UPDATE]);
    },
  );

  it("makes no link of an address in an answer or a comment, and stays a message of Slack however long they are", async () => {
    const text = `https://evil.example ${"&".repeat(300)}`;
    const answers = answersSaying(text);
    const stage = botStage([POSTED]);
    const change = { ...CLOSED, by: text, comment: text };
    await stage.destination.deliver(
      { ...closedOf(sampleAlert(), change), answers, receipt: RECEIPT },
      NO_DEADLINE,
    );
    for (const body of stage.sent) {
      checkSlack(body);
      expect(body).not.toContain("https://evil");
    }
    const elements = blocksOf(slackBody(stage.sent[0] ?? "")).flatMap((block) =>
      block.type === "rich_text" ? block.elements[0].elements : [],
    );
    for (const element of elements) expect(element.text.length).toBeLessThanOrEqual(500);
  });

  it("keeps the answers and what was done when a repeat changes the message", async () => {
    const stage = botStage([POSTED]);
    const repeat: Notice = {
      ...summaryOf(),
      receipt: RECEIPT,
      kind: "repeat",
      answers: ANSWERS,
      change: CLOSED,
    };
    await stage.destination.deliver(repeat, NO_DEADLINE);
    const seen = readerSees(slackBody(stage.sent[0] ?? ""));
    for (const one of ["✅ Closed", "(96 times)", "first seen today"]) expect(seen).toContain(one);
  });
});
