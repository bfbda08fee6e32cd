/**
 * Alerts to an address of the owner's own: the alert document as JSON, signed, so that the receiver can tell ours from
 * anybody's who found the address, and an old one from a new one. The address is a secret as well: whoever knows it can
 * at least be a nuisance.
 *
 *     X-CloudTrail-Engine-Signature: t=1795170000,v1=5257a869…      HMAC-SHA256 of `1795170000.{"id":…}`, in hex
 */
import { createHmac } from "node:crypto";
import { FORMAT_SETTING, openFormat } from "../formats/formats.ts";
import { DeliveryError, type Destination, type Notice } from "./destination.ts";
import { declareDestination } from "./destination-type.ts";
import { HTTP_PORTS, type HttpPorts, post } from "./http.ts";
import type { Judge } from "./http-answer.ts";
import { noticeId } from "./notice-news.ts";
import { openSecret, type Secret } from "./secrets.ts";
import type { Checked, Settings } from "./settings.ts";
import { problemOfAddress, webhookBodies } from "./webhook-request.ts";
import { sendWithSecret } from "./with-secret.ts";

/** How long a delivery may take with all its attempts, in milliseconds. */
const BUDGET_MS = 15_000;

const settings = {
  secret: {
    kind: "secret",
    description: "the secret with the address to post to, https://…",
    holds: "the address",
  },
  signingSecret: {
    kind: "secret",
    description: "the secret with the key that every message is signed with; it may be the one above",
    holds: "the signing key",
    optional: true,
  },
  ...FORMAT_SETTING,
} as const satisfies Settings;

/** The registry's entry. */
export const webhook = declareDestination({
  description: "The alert document as JSON, in the format of your choice, to an address of yours, signed.",
  settings,
  make: (checked) => makeWebhook(checked),
});

/** The webhook's secrets; the signing key is optional. */
export type WebhookSecrets = { readonly address: Secret; readonly signingKey: Secret | undefined };

/** Makes the destination of one address. */
export function makeWebhook(
  given: Checked<typeof settings>,
  { address, signingKey }: WebhookSecrets = openSecrets(given),
  ports: HttpPorts = HTTP_PORTS,
): Destination {
  const { id, format = "alert", endpoint } = given;
  const secret = together(address, signingKey);
  const holds = `an address${signingKey === undefined ? "" : " and a signing key"} that the receiver takes`;
  const send = async (notice: Notice, values: string, body: string, deadline: number): Promise<void> => {
    const [url, key] = JSON.parse(values) as [string, string | null];
    const problem = endpoint === undefined ? problemOfAddress(url) : undefined;
    if (problem !== undefined)
      throw new DeliveryError(problem, { destination: id, retryable: true, secretRefused: true });
    await post(
      {
        destination: id,
        url,
        name: "the webhook",
        headers: headersOf(notice, body, key, ports.now()),
        body,
        secrets: key === null ? [url] : [url, key],
        deadline,
        judge,
        // By the header with the notice's id.
        recognisesCopies: true,
      },
      ports,
    );
  };
  return {
    id,
    type: "webhook",
    // What a receiver makes of a second message is not known; it gets the summary when the window closes.
    updates: false,
    async deliver(notice, deadline) {
      const [whole, short] = webhookBodies(notice, await openFormat(format));
      await sendWithSecret({ secret, budget: BUDGET_MS, deadline, now: ports.now, holds }, (values, by) =>
        send(notice, values, whole, by).catch((error: unknown) => {
          if (!(error instanceof DeliveryError) || error.status !== 413 || short === whole) throw error;
          return send(notice, values, short, by);
        }),
      );
      return undefined;
    },
  };
}

/** Both as one secret, a JSON list: which of the two was refused, the receiver does not say. */
function together(address: Secret, signingKey: Secret | undefined): Secret {
  const key =
    signingKey === undefined || signingKey.reference === address.reference ? [] : [signingKey.reference];
  return {
    reference: [address.reference, ...key].join(" or "),
    read: async () => JSON.stringify([await address.read(), (await signingKey?.read()) ?? null]),
    async renew(refused) {
      const [url, signing] = JSON.parse(refused) as [string, string | null];
      return JSON.stringify([await address.renew(url), (await signingKey?.renew(signing ?? "")) ?? null]);
    },
  };
}

/** Local runs have no address to keep secret. */
function openSecrets({ id, secret, signingSecret, endpoint }: Checked<typeof settings>): WebhookSecrets {
  const local = async (): Promise<string> => endpoint ?? "";
  return {
    address:
      endpoint === undefined
        ? openSecret(secret, id, "url")
        : { reference: secret, read: local, renew: local },
    signingKey: signingSecret === undefined ? undefined : openSecret(signingSecret, id, "signingKey"),
  };
}

/** An address that is gone has been replaced, in the secret too, or was never right: not to be waited for. */
const judge: Judge = ({ status }) =>
  status === 404 || status === 410
    ? { says: `answered ${status}: nobody is at the address`, again: "never", secretRefused: true }
    : undefined;

function headersOf(notice: Notice, body: string, key: string | null, now: number): Record<string, string> {
  const seconds = Math.floor(now / 1000);
  return {
    "user-agent": "CloudTrail-Engine",
    "x-cloudtrail-engine-id": noticeId(notice),
    "x-cloudtrail-engine-notice": notice.kind,
    ...(key === null
      ? {}
      : {
          "x-cloudtrail-engine-signature": `t=${seconds},v1=${createHmac("sha256", key).update(`${seconds}.${body}`).digest("hex")}`,
        }),
  };
}
