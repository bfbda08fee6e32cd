/**
 * Lacework's Python SDK 4.1.0 as it asks and reads: a token at construction, four statuses tried again on every verb, the
 * host put before whatever follows the base domain in `nextPage`, and crashes where Python's would.
 */
import type { Credentials, Received, Wire } from "./wire.ts";

type Json = Record<string, unknown>;
type Page = {
  readonly data: readonly Json[];
  readonly paging: { readonly urls: { readonly nextPage: string | null } };
};

/** What the SDK raises for a status that it does not take. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** `%Y-%m-%dT%H:%M:%S.%f%z`. */
const STRPTIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}(?:Z|[+-]\d\d:?\d\d)$/;
const RETRIED = new Set([500, 502, 503, 504]);

/** A client of `https://{account}.{baseDomain}`. */
export async function makePythonSdk(
  wire: Wire,
  {
    account,
    baseDomain,
    id,
    secret,
  }: Credentials & { readonly account: string; readonly baseDomain: string },
) {
  const base = `https://${account}.${baseDomain}`;

  async function request(
    method: string,
    url: string,
    headers: Record<string, string>,
    body?: unknown,
  ): Promise<Received> {
    let answer: Received = { status: 0, headers: new Headers(), text: "" };
    for (let tries = 0; tries <= 3; tries++) {
      answer = await wire.fetch(method, url, { "content-type": "application/json", ...headers }, body);
      if (!RETRIED.has(answer.status)) break;
    }
    if (![200, 201, 204].includes(answer.status)) throw apiError(answer);
    return answer;
  }

  const minted = await request(
    "POST",
    `${base}/api/v2/access/tokens`,
    { "X-LW-UAKS": secret },
    { keyId: id, expiryTime: 3600 },
  );
  const { token, expiresAt } = JSON.parse(minted.text) as { token: string; expiresAt: string };
  if (!STRPTIME.test(expiresAt)) throw new TypeError(`ValueError: time data '${expiresAt}' does not match`);
  const authorization = { authorization: `Bearer ${token}`, "Org-Access": "false", "Account-Name": account };

  const call = (method: string, path: string, body?: unknown): Promise<Received> =>
    request(method, `${base}${path}`, authorization, body);

  /** Everything up to and with the base domain is replaced; a URL without it stays whole and breaks. */
  function rebase(next: string, params: string): string {
    const rest = next.split(baseDomain).at(-1) ?? "";
    return `${rest}${params === "" ? "" : `${rest.includes("?") ? "&" : "?"}${params}`}`;
  }

  return {
    async get(params: Readonly<Record<string, string>> = {}): Promise<Json[]> {
      const query = new URLSearchParams(params).toString();
      const rows: Json[] = [];
      let path = `/api/v2/Alerts${query === "" ? "" : `?${query}`}`;
      for (;;) {
        const page = JSON.parse((await call("GET", path)).text) as Page;
        rows.push(...page.data);
        // KeyError without.
        const { nextPage } = page.paging.urls;
        if (nextPage === null) return rows;
        path = rebase(nextPage, query);
      }
    },
    /** Each page of a search. */
    async search(json: unknown): Promise<Page[]> {
      const pages = [JSON.parse((await call("POST", "/api/v2/Alerts/search", json)).text) as Page];
      for (let next = pages[0]?.paging.urls.nextPage; typeof next === "string"; ) {
        const page = JSON.parse((await call("GET", rebase(next, ""))).text) as Page;
        pages.push(page);
        next = page.paging.urls.nextPage;
      }
      return pages;
    },
    async getDetails(alertId: number, scope: string): Promise<Json> {
      return JSON.parse((await call("GET", `/api/v2/Alerts/${alertId}?scope=${scope}`)).text) as Json;
    },
    async comment(alertId: number, comment: string): Promise<Json> {
      return JSON.parse((await call("POST", `/api/v2/Alerts/${alertId}/comment`, { comment })).text) as Json;
    },
    async close(alertId: number, reason: number, comment?: string): Promise<number> {
      return (await call("POST", `/api/v2/Alerts/${alertId}/close`, { reason, comment })).status;
    },
  };
}

/** As `laceworksdk/exceptions.py` reads an error. */
function apiError({ status, headers, text }: Received): Error {
  if (!(headers.get("content-type") ?? "").includes("application/json"))
    return new ApiError(status, "no JSON");
  const body = JSON.parse(text) as Json;
  const { message, data } = body;
  if (message === undefined && (typeof data !== "object" || data === null))
    return new TypeError("AttributeError");
  return new ApiError(status, String(message));
}
