/**
 * Alerts to PagerDuty by its Events API v2. The alert's id is the deduplication key: however often an alert is sent, it
 * is one incident, and its repeats and its summary are told in the incident's log. An alert that was acknowledged or
 * closed does the same to the incident.
 */
import { safeJson } from "../alerts/safe-json.ts";
import { DeliveryError, type Destination } from "./destination.ts";
import { declareDestination } from "./destination-type.ts";
import { HTTP_PORTS, type HttpPorts, post } from "./http.ts";
import { type Judge, refuseWebPage } from "./http-answer.ts";
import { openSecret, type Secret } from "./secrets.ts";
import type { Checked, Settings } from "./settings.ts";
import { sendWithSecret } from "./with-secret.ts";

/** How long a delivery may take with all its attempts, in milliseconds. */
const BUDGET_MS = 15_000;
const HOSTS = { us: "https://events.pagerduty.com", eu: "https://events.eu.pagerduty.com" } as const;
const ROUTING_KEY = /^[0-9A-Za-z]{32}$/;

const settings = {
  secret: {
    kind: "secret",
    description: "the secret with the integration key (routing key) of an Events API v2 integration",
    holds: "the routing key",
  },
  region: {
    kind: "choice",
    description: "where your PagerDuty account is: us, unless set",
    values: ["us", "eu"],
    optional: true,
  },
} as const satisfies Settings;

/** The registry's entry. */
export const pagerduty = declareDestination({
  description: "An incident in PagerDuty, by its Events API v2.",
  settings,
  make: (checked) => makePagerDuty(checked),
});

/** Makes the destination of one PagerDuty integration. */
export function makePagerDuty(
  { id, secret: reference, region = "us", endpoint = HOSTS[region] }: Checked<typeof settings>,
  secret: Secret = openSecret(reference, id, "routingKey"),
  ports: HttpPorts = HTTP_PORTS,
): Destination {
  const url = new URL("/v2/enqueue", endpoint).href;
  return {
    id,
    type: "pagerduty",
    updates: true,
    async deliver(notice, deadline) {
      const { toPagerDutyEvent } = await import("./pagerduty-event.ts");
      const event = toPagerDutyEvent(notice);
      await sendWithSecret(
        { secret, budget: BUDGET_MS, deadline, now: ports.now, holds: "a valid routing key" },
        (key, by) => {
          if (!ROUTING_KEY.test(key)) throw noRoutingKey(id);
          const body = safeJson({ routing_key: key, ...event });
          return post(
            { destination: id, url, body, secrets: [key], deadline: by, judge, recognisesCopies: true },
            ports,
          );
        },
      );
      return undefined;
    },
  };
}

/** PagerDuty refuses a key as it refuses any other mistake: by 400, and names the key in the body. */
const judge: Judge = (answer) =>
  answer.status === 400 && /routing[ _]key|integration key/i.test(answer.body)
    ? { says: "answered 400: it does not know the routing key", again: "later", secretRefused: true }
    : refuseWebPage(answer);

/** What is no routing key may be another secret: it must not be sent to PagerDuty. */
function noRoutingKey(destination: string): DeliveryError {
  return new DeliveryError("what is in the secret is no routing key, which has 32 letters and digits", {
    destination,
    retryable: true,
    secretRefused: true,
  });
}
