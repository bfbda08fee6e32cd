/**
 * Alerts to Datadog's Events API v1, by `fetch`: Datadog's own client would be 10 MB of bundle and half a second of
 * cold start (FACTS § 5). The API key stays in Secrets Manager; when Datadog refuses it, it may have been rotated, so
 * it is read again, though not at every delivery, before the delivery fails.
 */
import { safeJson } from "../alerts/safe-json.ts";
import type { Destination } from "./destination.ts";
import { DeliveryError } from "./destination.ts";
import { DATADOG_SITES } from "./datadog-sites.ts";
import { toEvent } from "./datadog-event.ts";
import { checkEndpoint, type DestinationSettings, type DestinationType } from "./destination-type.ts";
import { HTTP_PORTS, type HttpPorts, postJson } from "./http.ts";
import { type SecretKey, secretKey } from "./secrets.ts";

/** How long a delivery may take with all its attempts, in milliseconds. */
const BUDGET_MS = 15_000;
/** What a delivery with a renewed key has at least, in milliseconds. */
const SECOND_BUDGET_MS = 5_000;
const SECRET_ARN = /^arn:aws[\w-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]{1,519}$/;
const SECRET_NAME = /^[\w/+=.@-]{1,512}$/;
/** What API keys look like and names of secrets do not. */
const API_KEY = /^[0-9a-f]{32,}$/i;

type DatadogSettings = {
  readonly id: string;
  readonly site: string;
  /** Name or ARN of the secret. */
  readonly apiKeySecret: string;
  /** Tags of the owner's, added to every event. */
  readonly tags?: readonly string[];
  readonly endpoint?: string;
};

/** The registry's entry. */
export const datadog: DestinationType = {
  check: ({ site, apiKeySecret, tags, endpoint }) => {
    const problems = [...checkEndpoint(endpoint)];
    if (typeof site !== "string" || !DATADOG_SITES.includes(site)) {
      problems.push(`site must be one of ${DATADOG_SITES.join(", ")}, got ${JSON.stringify(site)}`);
    }
    if (!isSecretName(apiKeySecret)) {
      // Not quoted: somebody may have put the key itself here.
      problems.push(
        "apiKeySecret must be the name or ARN of a Secrets Manager secret with the API key, never the key",
      );
    }
    if (tags !== undefined && !(Array.isArray(tags) && tags.every((tag) => typeof tag === "string"))) {
      problems.push('tags must be a list of texts such as ["team:security"]');
    }
    return problems;
  },
  make: (settings: DestinationSettings) => makeDatadog(settings as DestinationSettings & DatadogSettings),
};

function isSecretName(value: unknown): boolean {
  if (typeof value !== "string" || API_KEY.test(value)) return false;
  return value.startsWith("arn:") ? SECRET_ARN.test(value) : SECRET_NAME.test(value);
}

/** Makes the destination of one Datadog site. */
export function makeDatadog(
  { id, site, apiKeySecret, tags = [], endpoint }: DatadogSettings,
  key: SecretKey = secretKey(apiKeySecret, id),
  ports: HttpPorts = HTTP_PORTS,
): Destination {
  const url = new URL("/api/v1/events", endpoint ?? `https://api.${site}`).href;
  const send = (body: string, apiKey: string, deadline: number): Promise<void> =>
    postJson(
      { destination: id, url, headers: { "DD-API-KEY": apiKey }, body, secrets: [apiKey], deadline },
      ports,
    );
  return {
    id,
    type: "datadog",
    async deliver(alert, invocationDeadline) {
      const deadline = Math.min(invocationDeadline, ports.now() + BUDGET_MS);
      const body = safeJson(toEvent(alert, ports.now(), tags));
      const apiKey = await key.read();
      try {
        await send(body, apiKey, deadline);
      } catch (error) {
        if (!isRefusedKey(error)) throw error;
        const fresh = await key.renew(apiKey);
        if (fresh === apiKey) throw refusedKey(error, id, site, apiKeySecret);
        const secondDeadline = Math.max(deadline, ports.now() + SECOND_BUDGET_MS);
        await send(body, fresh, Math.min(invocationDeadline, secondDeadline)).catch((again: unknown) => {
          throw isRefusedKey(again) ? refusedKey(again, id, site, apiKeySecret) : again;
        });
      }
    },
  };
}

function isRefusedKey(error: unknown): error is DeliveryError {
  return error instanceof DeliveryError && (error.status === 401 || error.status === 403);
}

/** Retryable: once somebody has put the right key into the secret, the alert can still be delivered. */
function refusedKey(cause: DeliveryError, destination: string, site: string, secret: string): DeliveryError {
  return new DeliveryError(`${cause.message}; put a valid API key for ${site} into the secret ${secret}`, {
    destination,
    retryable: true,
    status: cause.status,
    cause,
  });
}
