/**
 * Alerts to Slack, in one of two ways. An incoming webhook is an address that posts into one channel: the least to set
 * up. A bot token posts through the Web API and learns where its message stands, so a repeat raises the count in place,
 * and the close of a window is told in the message's own thread.
 */
import { safeJson } from "../alerts/safe-json.ts";
import { DeliveryError, type Destination, type Notice } from "./destination.ts";
import { declareDestination } from "./destination-type.ts";
import type { Answer, Judge } from "./http-answer.ts";
import { HTTP_PORTS, type HttpPorts, post } from "./http.ts";
import { openSecret, type Secret } from "./secrets.ts";
import type { Checked, Settings } from "./settings.ts";
import { apiError, judgeApi, judgeEarlier, judgeWebhook, readReceipt, receiptIn } from "./slack-answers.ts";
import { sendWithSecret } from "./with-secret.ts";

/** How long a delivery may take with all its attempts, in milliseconds. */
const BUDGET_MS = 15_000;
const WEBHOOK_HOST = /^hooks\.slack(?:-gov)?\.com$/;
/** Slack fetches what a message links to, to show it: what an attacker wrote must cause no request. */
const NO_PREVIEWS = { unfurl_links: false, unfurl_media: false } as const;

const settings = {
  secret: {
    kind: "secret",
    description: "the secret with the webhook's address, or the bot token where `api` is bot",
    holds: "the address of an incoming webhook, or a bot token (xoxb-…) where api is bot",
  },
  api: {
    kind: "choice",
    description:
      "an incoming webhook (unless set), or a bot, which updates its messages and replies in threads",
    values: ["webhook", "bot"],
    optional: true,
  },
  channel: {
    kind: "text",
    description: "the id of the channel that the bot posts to",
    pattern: /^[CGD][A-Z0-9]{6,30}$/,
    example: "C0123456789",
    optional: true,
  },
} as const satisfies Settings;

type SlackSettings = Checked<typeof settings>;

/** The registry's entry. */
export const slack = declareDestination({
  description: "A message in a Slack channel.",
  settings,
  check: ({ api, channel }) =>
    api === "bot" && channel === undefined
      ? ["channel is missing: a bot needs the id of the channel that it posts to, e.g. C0123456789"]
      : api !== "bot" && channel !== undefined
        ? ["channel is for api: bot only: an incoming webhook has its channel already; leave it out"]
        : [],
  make: (checked) => makeSlack(checked),
});

/** Makes the destination of one channel. */
export function makeSlack(
  given: SlackSettings,
  secret: Secret = openSecret(given.secret, given.id, given.api === "bot" ? "token" : "url"),
  ports: HttpPorts = HTTP_PORTS,
): Destination {
  return given.api === "bot" ? slackBot(given, secret, ports) : slackWebhook(given, secret, ports);
}

function slackWebhook({ id, endpoint }: SlackSettings, secret: Secret, ports: HttpPorts): Destination {
  const holds = "a working incoming webhook's address (https://hooks.slack.com/…)";
  return {
    id,
    type: "slack",
    // A webhook does not say where its message stands: a repeat would be one more message.
    updates: false,
    async deliver(notice, deadline) {
      const { toSlackMessage } = await import("./slack-blocks.ts");
      const body = safeJson({ ...toSlackMessage(notice), ...NO_PREVIEWS });
      await sendWithSecret(
        { secret, budget: BUDGET_MS, deadline, now: ports.now, holds },
        async (address, by) => {
          const url = webhookUrl(address, id, endpoint);
          const secrets = [address];
          await post({ destination: id, url, body, secrets, deadline: by, judge: judgeWebhook }, ports);
        },
      );
      return undefined;
    },
  };
}

/** Only Slack's own hosts: a mistake in the secret must not send alerts to a stranger. */
function webhookUrl(address: string, destination: string, endpoint: string | undefined): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.protocol !== "https:" || !WEBHOOK_HOST.test(url.host)) {
    throw new DeliveryError("the secret does not hold the address of an incoming webhook of Slack", {
      destination,
      retryable: true,
      secretRefused: true,
    });
  }
  return endpoint === undefined ? url.href : new URL(url.pathname, endpoint).href;
}

function slackBot(
  { id, channel = "", endpoint = "https://slack.com" }: SlackSettings,
  secret: Secret,
  ports: HttpPorts,
): Destination {
  const holds = "a bot token (xoxb-…) with the permission chat:write";
  return {
    id,
    type: "slack",
    updates: true,
    deliver: (notice, deadline) =>
      sendWithSecret({ secret, budget: BUDGET_MS, deadline, now: ports.now, holds }, (token, by) => {
        const call: Call = (method, body, judge = judgeApi) =>
          post(
            {
              destination: id,
              url: new URL(`/api/${method}`, endpoint).href,
              headers: {
                authorization: `Bearer ${token}`,
                "content-type": "application/json; charset=utf-8",
              },
              body: safeJson(body),
              secrets: [token],
              deadline: by,
              judge,
              recognisesCopies: method === "chat.update",
            },
            ports,
          );
        if (isNews(notice) && readReceipt(notice.receipt) === undefined) throw nowhere(id);
        return tell(notice, channel, call);
      }),
  };
}

function isNews({ kind }: Notice): boolean {
  return kind === "answers" || kind === "status";
}

/** What is only known better is no reason to post the whole alert a second time. */
function nowhere(destination: string): DeliveryError {
  return new DeliveryError("Slack did not say where the alert's message stands: it cannot be changed", {
    destination,
    retryable: false,
  });
}

/** Calls a method of the Web API; rejects unless Slack says ok, or the judge does. */
type Call = (method: string, body: object, judge?: Judge) => Promise<Answer>;

/**
 * Posts a first notice; changes its message for a repeat and for answers; for a summary and a change of status does so,
 * and replies in its thread. A comment is a reply only.
 */
async function tell(notice: Notice, channel: string, call: Call): Promise<string | undefined> {
  const { toSlackMessage, toStatusReply, toThreadReply } = await import("./slack-blocks.ts");
  const message = { ...toSlackMessage(notice), ...NO_PREVIEWS };
  const place = readReceipt(notice.receipt);
  if (notice.kind === "first" || place === undefined) {
    return receiptIn(await call("chat.postMessage", { channel, ...message }));
  }
  if (notice.kind === "status" && notice.change?.to === undefined) {
    await call(
      "chat.postMessage",
      { ...threadOf(place), ...toStatusReply(notice), ...NO_PREVIEWS },
      judgeEarlier,
    );
    return notice.receipt;
  }
  const updated = await call("chat.update", { ...place, ...message }, judgeEarlier);
  if (notice.kind === "repeat" || notice.kind === "answers") return notice.receipt;
  const said = notice.kind === "status" ? toStatusReply(notice) : toThreadReply(notice);
  const reply = { ...threadOf(place), ...said, ...NO_PREVIEWS };
  // A message that somebody deleted has no thread; one that may not be changed any more has.
  const isDeleted = apiError(updated.body) === "message_not_found";
  const replied = isDeleted ? updated : await call("chat.postMessage", reply, judgeEarlier);
  // What it comes to must not be missed; what somebody did to the case stands in the case.
  if (notice.kind === "summary" && apiError(replied.body) !== undefined)
    await call("chat.postMessage", { channel, ...message });
  return notice.receipt;
}

function threadOf({ channel, ts }: { readonly channel: string; readonly ts: string }) {
  return { channel, thread_ts: ts };
}
