/** The other side of an HTTP destination by script, with a clock that only sleeping and timing out move. */
import { gunzipSync } from "node:zlib";
import type { HttpOptions, HttpPorts } from "../../lambda/destinations/http.ts";
import { openSecret, type Secret } from "../../lambda/destinations/secrets.ts";
import type { SecretField } from "../../lambda/destinations/secret-value.ts";
import type { Reply } from "./destinations.ts";

export const STAGE_NOW = Date.parse("2026-11-20T10:20:00Z");

type SeenRequest = {
  readonly url: string;
  readonly headers: Headers;
  readonly options: HttpOptions;
  readonly body: string;
};

export type HttpStage = {
  readonly ports: HttpPorts;
  /** Bodies of the attempts that reached the other side, unpacked where they were gzipped. */
  readonly sent: string[];
  /** Every attempt, those included that were refused. */
  readonly requests: SeenRequest[];
  /** Milliseconds that were slept between attempts. */
  readonly pauses: number[];
  readonly now: () => number;
  /** Lets time pass. */
  readonly wait: (milliseconds: number) => void;
};

/** Makes the other side; the last reply repeats. */
export function httpStage(replies: readonly Reply[]): HttpStage {
  const sent: string[] = [];
  const requests: SeenRequest[] = [];
  const pauses: number[] = [];
  let clock = STAGE_NOW;
  const ports: HttpPorts = {
    now: () => clock,
    random: () => 0.5,
    sleep: async (milliseconds) => {
      pauses.push(milliseconds);
      clock += milliseconds;
    },
    timeout: (milliseconds) => Object.assign(new AbortController().signal, { milliseconds }),
    fetch: async (url, options) => {
      const reply = replies[Math.min(requests.length, replies.length - 1)] ?? { status: 202, body: "{}" };
      const headers = new Headers(options.headers);
      const body = bodyOf(options, headers);
      requests.push({ url, headers, options, body });
      if (reply === "refuse") throw failedFetch("ECONNREFUSED");
      if (typeof reply === "object" && "error" in reply) throw failedFetch(reply.error);
      sent.push(body);
      if (reply === "hang") {
        clock += (options.signal as unknown as { milliseconds: number }).milliseconds;
        throw new DOMException("The operation timed out.", "TimeoutError");
      }
      return new Response(reply.body || null, { status: reply.status, headers: reply.headers ?? {} });
    },
  };
  return {
    ports,
    sent,
    requests,
    pauses,
    now: () => clock,
    wait: (milliseconds) => void (clock += milliseconds),
  };
}

/** A secret that holds the values in their turn, one a read; the last repeats. */
export function stageSecret(
  { now }: HttpStage,
  values: readonly string[],
  field: SecretField,
  reference = "prod/stage-secret",
): Secret & { readonly reads: () => number } {
  let reads = 0;
  const fetchSecret = async (): Promise<string | undefined> => values[Math.min(reads++, values.length - 1)];
  return { ...openSecret(reference, "stage", field, fetchSecret, now), reads: () => reads };
}

function bodyOf({ body }: HttpOptions, headers: Headers): string {
  const bytes = Buffer.from(body);
  return (headers.get("content-encoding") === "gzip" ? gunzipSync(bytes) : bytes).toString();
}

/** Fails as `fetch` does: the reason is in the cause. */
function failedFetch(code: string): Error {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
}
