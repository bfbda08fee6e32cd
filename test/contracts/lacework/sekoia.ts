/**
 * Sekoia.io's connector 1.2.3 as it asks and reads: a token before every request, the list from its checkpoint on, then
 * `nextPage` as it stands; forwards what is above the checkpoint that it began with; stops for good on what it cannot read.
 */
import type { Credentials, Received, Wire } from "./wire.ts";

const DAY_MS = 86_400_000;

export type SekoiaAlert = { readonly alertId: number; readonly startTime: string };

/** The connector's run has ended: nobody pulls any more. */
export class ConnectorStoppedError extends Error {
  override readonly name = "ConnectorStoppedError";
}

/** A connector with its own memory; `account` is the host alone. */
export function makeSekoia(wire: Wire, account: string, { id, secret }: Credentials, now: () => number) {
  const context: { latestDate?: number; latestId?: number } = {};
  const forwarded: SekoiaAlert[] = [];
  let credentials: { readonly token: string; readonly expiresAt: number } | undefined;

  async function authorize(): Promise<string> {
    // One hour is what a token is good for, so this is always so.
    if (credentials === undefined || now() + 3_600_000 >= credentials.expiresAt) {
      const headers = { "X-LW-UAKS": secret, "Content-Type": "application/json" };
      const url = `https://${account}/api/v2/access/tokens`;
      const answer = await wire.fetch("POST", url, headers, { keyId: id, expiryTime: 3600 });
      if (answer.status >= 400) throw new Error("the token's 4xx is only logged");
      const body = JSON.parse(answer.text) as { token: string; expiresAt: string };
      credentials = { token: body.token, expiresAt: strptime(body.expiresAt) };
    }
    return `Bearer ${credentials.token}`;
  }

  async function get(url: string): Promise<{ readonly alerts: SekoiaAlert[]; readonly next: string | null }> {
    const authorization = await authorize();
    return read(await wire.fetch("GET", url, { authorization, "content-type": "application/json" }));
  }

  return {
    forwarded,
    context,
    /** One round, as it is made every minute. */
    async poll(): Promise<void> {
      const startDate = Math.max(context.latestDate ?? now() - DAY_MS, now() - 7 * DAY_MS);
      const startId = context.latestId ?? 0;
      const startTime = `${new Date(startDate).toISOString().slice(0, 19)}Z`;
      let page = await get(`https://${account}/api/v2/Alerts?startTime=${startTime}`);
      if (page.alerts.length === 0) return;
      let latestId = Math.max(startId, ...page.alerts.map(({ alertId }) => alertId));
      let latestDate = Math.max(...page.alerts.map((alert) => strptime(alert.startTime)));
      const push = page.alerts.filter(({ alertId }) => alertId > startId);
      while (page.next !== null) {
        page = await get(page.next);
        latestId = Math.max(latestId, ...page.alerts.map(({ alertId }) => alertId));
        latestDate = Math.max(latestDate, ...page.alerts.map((alert) => strptime(alert.startTime)));
        push.push(...page.alerts.filter(({ alertId }) => alertId > startId));
      }
      forwarded.push(...push);
      Object.assign(context, { latestDate, latestId });
    },
  };
}

function read({ status, text }: Received): { readonly alerts: SekoiaAlert[]; readonly next: string | null } {
  if (status < 200 || status > 299) throw new ConnectorStoppedError(`ValueError: status ${status}`);
  let body: { data: SekoiaAlert[]; paging: { urls: { nextPage: string | null } } };
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    throw new ConnectorStoppedError("JSONDecodeError");
  }
  // Null in either place raises there too.
  if (body.paging?.urls === undefined || body.paging.urls === null)
    throw new ConnectorStoppedError("AttributeError");
  return { alerts: body.data, next: body.paging.urls.nextPage };
}

/** `%Y-%m-%dT%H:%M:%S.%fZ`: without a fraction it raises. */
function strptime(text: string): number {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z$/.test(text))
    throw new ConnectorStoppedError(`ValueError: ${text}`);
  return Date.parse(text);
}
