/** Slack by script for the tests of its destination: what it answers, how it is called, and what was called. */
import type { Notice } from "../../../lambda/destinations/destination.ts";
import { makeSlack } from "../../../lambda/destinations/slack.ts";
import { NO_DEADLINE, type Reply } from "../../contracts/destinations.ts";
import type { HttpDestinationStage } from "../../contracts/http-destinations.ts";
import { httpStage, stageSecret } from "../../contracts/http-stage.ts";
import { slackBody } from "./slack-checks.ts";

export const SECRET = "prod/slack";
export const WEBHOOKS = [
  "https://hooks.slack.com/services/T00000000/B00000000/notarealwebhookaddress00",
  "https://hooks.slack.com/services/T00000000/B11111111/notarealwebhookaddress11",
] as const;
export const TOKENS = ["xoxb-not-a-real-token-0000", "xoxb-not-a-real-token-1111"] as const;
export const CHANNEL = "C0123456789";
export const RECEIPT = `${CHANNEL} 1795170000.000100`;
export const OK: Reply = { status: 200, body: "ok" };
export const POSTED: Reply = {
  status: 200,
  body: `{"ok":true,"channel":"${CHANNEL}","ts":"1795170000.000100"}`,
};
export const refused = (error: string): Reply => ({
  status: 200,
  body: JSON.stringify({ ok: false, error }),
});

export function webhookStage(
  replies: readonly Reply[],
  addresses: readonly string[] = [WEBHOOKS[0]],
): HttpDestinationStage {
  const stage = httpStage(replies);
  const secret = stageSecret(stage, addresses, "url", SECRET);
  const destination = makeSlack({ id: "slack", secret: SECRET }, secret, stage.ports);
  return { ...stage, destination, reads: secret.reads };
}

export function botStage(
  replies: readonly Reply[],
  tokens: readonly string[] = [TOKENS[0]],
): HttpDestinationStage {
  const stage = httpStage(replies);
  const secret = stageSecret(stage, tokens, "token", SECRET);
  const given = { id: "slack", secret: SECRET, api: "bot", channel: CHANNEL } as const;
  return { ...stage, destination: makeSlack(given, secret, stage.ports), reads: secret.reads };
}

export const told = async (
  notice: Notice,
  replies: readonly Reply[],
): Promise<{
  calls: (readonly [string, string | undefined, string | undefined])[];
  receipt: string | undefined;
}> => {
  const { destination, requests } = botStage(replies);
  const receipt = await destination.deliver(notice, NO_DEADLINE);
  const calls = requests.map(({ url, body }) => {
    const { ts, thread_ts } = slackBody(body);
    return [url.replace("https://slack.com/api/", ""), ts, thread_ts] as const;
  });
  return { calls, receipt };
};
export const TS = "1795170000.000100";
export const POST = ["chat.postMessage", undefined, undefined] as const;
export const UPDATE = ["chat.update", TS, undefined] as const;
export const REPLY = ["chat.postMessage", undefined, TS] as const;
