import { describe, expect, it } from "vitest";
import type { Answer } from "../../../lambda/destinations/http-answer.ts";
import {
  judgeApi,
  judgeEarlier,
  judgeWebhook,
  readReceipt,
  receiptIn,
} from "../../../lambda/destinations/slack-answers.ts";

const answer = (status: number, body: string): Answer => ({ status, body, headers: new Headers() });
const api = (error: string): Answer => answer(200, JSON.stringify({ ok: false, error }));

describe("what a webhook answers", () => {
  it.each([
    [200, "ok"],
    [200, "ok\n"],
    [200, ""],
  ])("%i %j is a yes", (status, body) => {
    expect(judgeWebhook(answer(status, body))).toBe("taken");
  });

  it.each(["no", '{"ok":false}', "ok ok", "<html>"])(
    "200 with %j is none, and is tried again later",
    (body) => {
      expect(judgeWebhook(answer(200, body))).toMatchObject({ again: "later" });
    },
  );

  it.each([
    [403, "action_prohibited"],
    [403, "invalid_token"],
    [404, "channel_not_found"],
    [404, "no_service"],
    [410, "channel_is_archived"],
  ])("%i %s will not heal, unless with a new webhook in the secret", (status, body) => {
    expect(judgeWebhook(answer(status, body))).toEqual({
      says: `answered ${status}: ${body}`,
      again: "never",
      secretRefused: true,
    });
  });

  it.each([
    [400, "invalid_payload"],
    [403, "<html>proxy"],
    [429, "rate_limited"],
    [500, "rollup_error"],
  ])("%i %s is what its status says", (status, body) => {
    expect(judgeWebhook(answer(status, body))).toBeUndefined();
  });
});

describe("what a method of the Web API answers", () => {
  it.each([
    ["ratelimited", "soon"],
    ["internal_error", "soon"],
    ["fatal_error", "soon"],
    ["message_limit_exceeded", "later"],
    ["a_word_that_slack_adds_tomorrow", "later"],
    ["channel_not_found", "never"],
    ["not_in_channel", "never"],
    ["is_archived", "never"],
    ["invalid_blocks", "never"],
    ["msg_blocks_too_long", "never"],
  ] as const)("ok: false with %s is tried again: %s", (error, again) => {
    const judged = judgeApi(api(error));
    expect(judged).toMatchObject({ again });
    expect(judged).not.toHaveProperty("secretRefused");
  });

  it.each(["invalid_auth", "token_revoked", "token_expired", "account_inactive", "missing_scope"])(
    "ok: false with %s has the token read again, and can heal",
    (error) => {
      expect(judgeApi(api(error))).toMatchObject({ again: "later", secretRefused: true });
    },
  );

  it.each([
    [200, ""],
    [200, "ok"],
    [200, "[]"],
    [200, '{"ok":"true"}'],
    [200, '{"ok":tr'],
    [200, "<html>Sign in</html>"],
  ])("%i %j is no yes", (status, body) => {
    expect(judgeApi(answer(status, body))).toMatchObject({ again: "later" });
  });

  it("takes a yes that breaks off for a yes: the message is there", () => {
    expect(judgeApi(answer(200, '{"ok":true,"channel":"C01'))).toBe("taken");
    expect(receiptIn(answer(200, '{"ok":true,"channel":"C01'))).toBeUndefined();
  });

  it("shows no error that is no word of Slack's", () => {
    expect(judgeApi(api("x\n<!channel>"))).toMatchObject({
      says: "answered 200: unknown error",
      again: "later",
    });
  });

  it("leaves to the status what is no 2xx and says nothing", () => {
    expect([judgeApi(answer(503, "down")), judgeApi(answer(302, '{"ok":true}'))]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("takes it for an answer that an earlier message is gone, and for nothing else", () => {
    expect(judgeEarlier(api("message_not_found"))).toBe("taken");
    expect(judgeEarlier(api("invalid_auth"))).toMatchObject({ again: "later" });
    expect(judgeEarlier(answer(200, '{"ok":true}'))).toBe("taken");
  });
});

describe("a receipt", () => {
  it("names the channel and the message's time stamp", () => {
    const receipt = receiptIn(answer(200, '{"ok":true,"channel":"C0123456789","ts":"1795170000.000100"}'));
    expect(receipt).toBe("C0123456789 1795170000.000100");
    expect(readReceipt(receipt)).toEqual({ channel: "C0123456789", ts: "1795170000.000100" });
  });

  it.each([
    "",
    "{}",
    '{"channel":"C0123456789"}',
    '{"channel":"<!channel>","ts":"1.1"}',
    '{"channel":"C1","ts":"x"}',
  ])("is none when Slack says %j", (body) => {
    expect(receiptIn(answer(200, body))).toBeUndefined();
  });

  it.each([undefined, "", "C1", "C1 1.1 x", "c1 1.1", `C1 ${"1".repeat(30)}.1`])(
    "cannot be read of %j",
    (text) => {
      expect(readReceipt(text)).toBeUndefined();
    },
  );
});
