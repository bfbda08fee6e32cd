/**
 * Alerts to Datadog by `fetch`: Datadog's own client would be 10 MB of bundle and half a second of cold start (FACTS
 * § 5). As events, which people read and monitors count; or as logs for Cloud SIEM, beside all other security logs.
 */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { safeJson } from "../alerts/safe-json.ts";
import { FORMAT_NAMES, type FormatName, openFormat } from "../formats/formats.ts";
import type { LogDocument } from "./datadog-log.ts";
import { DATADOG_SITES } from "./datadog-sites.ts";
import type { Destination, Notice } from "./destination.ts";
import { declareDestination } from "./destination-type.ts";
import { HTTP_PORTS, type HttpPorts, post, type Post } from "./http.ts";
import { refuseWebPage } from "./http-answer.ts";
import { openSecret, type Secret } from "./secrets.ts";
import type { Checked, Settings } from "./settings.ts";
import { sendWithSecret } from "./with-secret.ts";

/** How long a delivery may take with all its attempts, in milliseconds. */
const BUDGET_MS = 15_000;

const settings = {
  site: {
    kind: "choice",
    description: "the Datadog site of your account",
    values: DATADOG_SITES,
  },
  secret: {
    kind: "secret",
    description: "the secret with the API key",
    holds: "the API key",
  },
  api: {
    kind: "choice",
    description: "what an alert becomes: an event (unless set), or a log for Cloud SIEM",
    values: ["events", "logs"],
    optional: true,
  },
  tags: {
    kind: "texts",
    description: "tags of yours, added to every alert's own",
    pattern: /^[^,\s]{1,200}$/,
    example: "team:security",
    max: 20,
    optional: true,
  },
  format: {
    kind: "choice",
    description:
      "of logs: what stands beside the record, under its own name: the alert (alert, unless set), or a format that others read",
    values: FORMAT_NAMES,
    optional: true,
  },
} as const satisfies Settings;

/** The registry's entry. */
export const datadog = declareDestination({
  description: "An event in Datadog, or a log for its Cloud SIEM.",
  settings,
  check: ({ api, format }) =>
    format !== undefined && api !== "logs"
      ? ["format is one of logs: an event has a shape of its own, so set api to logs, or take format out"]
      : [],
  make: (checked) => makeDatadog(checked),
});

/** Makes the destination of one Datadog site. */
export function makeDatadog(
  {
    id,
    site,
    secret: reference,
    api = "events",
    tags = [],
    format = "alert",
    endpoint,
  }: Checked<typeof settings>,
  secret: Secret = openSecret(reference, id, "apiKey"),
  ports: HttpPorts = HTTP_PORTS,
): Destination {
  const request =
    api === "logs" ? logRequest({ site, tags, format }, endpoint) : eventRequest(site, tags, endpoint);
  return {
    id,
    type: "datadog",
    // A repeat joins the event's thread; as a log it would be one more log, and one more signal.
    updates: api === "events",
    async deliver(notice, deadline) {
      const { url, headers, body } = await request(notice, ports.now());
      await sendWithSecret(
        { secret, budget: BUDGET_MS, deadline, now: ports.now, holds: `a valid API key for ${site}` },
        (key, by) =>
          post(
            {
              destination: id,
              url,
              headers: { ...headers, "DD-API-KEY": key },
              body,
              secrets: [key],
              deadline: by,
              judge: refuseWebPage,
              // A second event joins the first by its aggregation key; a second log is a second signal.
              recognisesCopies: api === "events",
            },
            ports,
          ),
      );
      return undefined;
    },
  };
}

type Request = Pick<Post, "url" | "headers" | "body">;
type MakeRequest = (notice: Notice, now: number) => Request | Promise<Request>;

function eventRequest(site: string, tags: readonly string[], endpoint = `https://api.${site}`): MakeRequest {
  const url = new URL("/api/v1/events", endpoint).href;
  return async (notice, now) => {
    const { toEvent } = await import("./datadog-event.ts");
    return { url, body: safeJson(toEvent(notice, now, tags)) };
  };
}

const compress = promisify(gzip);

async function documentFor(name: FormatName): Promise<LogDocument | undefined> {
  return name === "alert" ? undefined : { name, format: await openFormat(name) };
}

function logRequest(
  {
    site,
    tags,
    format,
  }: { readonly site: string; readonly tags: readonly string[]; readonly format: FormatName },
  endpoint = `https://http-intake.logs.${site}`,
): MakeRequest {
  const url = new URL("/api/v2/logs", endpoint).href;
  return async (notice, now) => {
    const { logBody } = await import("./datadog-log.ts");
    const body = await compress(logBody(notice, now, tags, await documentFor(format)));
    return { url, headers: { "content-encoding": "gzip" }, body };
  };
}
