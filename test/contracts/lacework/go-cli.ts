/**
 * Lacework's command line (go-sdk) as it asks and reads: a bare token that it keeps until the clock says so or a 403 comes,
 * POST for its list, the path and query of `nextPage` alone, and types to the letter: null and missing are fine, others not.
 */
import { z } from "zod";
import type { Credentials, Wire } from "./wire.ts";

const text = z.string().nullish();
const number = z.int().nullish();
const flag = z.boolean().nullish();
const anything = z.record(z.string(), z.unknown()).nullish();

const alert = z.object({
  alertId: number,
  alertName: text,
  alertType: text,
  severity: text,
  alertInfo: z.object({ subject: text, description: text }).nullish(),
  alertSpec: z.object({ alertProfile: text, name: text }).nullish(),
  status: text,
  startTime: text,
  endTime: text,
  lastUserUpdateTime: text,
  policyId: text,
  derivedFields: z.object({ category: text, sub_category: text, source: text }).nullish(),
  reachability: text,
});
const paging = z.object({ rows: z.int(), totalRows: z.int(), urls: z.object({ nextPage: text }) });
const channel = z
  .object({
    INTG_GUID: text,
    NAME: text,
    CREATED_OR_UPDATED_TIME: text,
    CREATED_OR_UPDATED_BY: text,
    TYPE: text,
    ENABLED: number,
    IS_ORG: number,
    ENV_GUID: text,
    STATE: z
      .object({
        ok: flag,
        lastUpdatedTime: number,
        lastSuccessfulTime: number,
        lastWebhookUpdateTime: number,
        details: anything,
      })
      .nullish(),
    DATA: anything,
  })
  .nullish();
const entry = z.object({
  id: number,
  alertId: number,
  entryType: text,
  entryAuthorType: text,
  intgGuid: text,
  message: z.object({ format: text, value: text }).nullish(),
  externalTime: text,
  user: z.object({ userGuid: text, username: text }).nullish(),
  updateContext: z.object({ newIntegration: anything }).nullish(),
  alertChannel: channel,
});

/** What each scope is decoded into. */
export const GO_SCOPES = {
  Details: alert.extend({
    entityMap: z.record(z.string(), z.array(z.object({ KEY: anything, PROPS: anything }))).nullish(),
  }),
  Investigation: z.array(z.object({ question: text, answer: text })),
  Events: z.array(z.record(z.string(), z.string())),
  RelatedAlerts: z.array(
    z.object({
      eventType: text,
      eventId: text,
      severity: text,
      startTime: text,
      endTime: text,
      rank: number,
      eventInfo: z.object({ description: text, subject: text }).nullish(),
      eventName: text,
    }),
  ),
  Integrations: z.array(
    z.object({
      alertIntegrationId: text,
      alertId: number,
      integrationType: text,
      integrationContext: z.object({ id: text, link: text }).nullish(),
      intgGuid: text,
      lastSyncTime: text,
      status: text,
      isBidirectional: flag,
      alertChannel: channel,
    }),
  ),
  Timeline: z.array(entry),
  ObservationTimeline: z.array(
    z.object({
      description: text,
      startEpoch: number,
      endEpoch: number,
      entities: z.array(z.unknown()).nullish(),
      formalTags: z.array(z.unknown()).nullish(),
      observationType: text,
      observationPivotEntityUuids: z.array(z.unknown()).nullish(),
      recordUuid: text,
      relationships: z.array(z.unknown()).nullish(),
    }),
  ),
} as const;
export type GoScope = keyof typeof GO_SCOPES;
export type GoAlert = z.infer<typeof alert>;

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** What the command line prints and exits with. */
export class CliError extends Error {
  override readonly name = "CliError";
}

/** A command line with its cached token; `server` is LW_API_SERVER_URL. */
export function makeGoCli(wire: Wire, server: string, { id, secret }: Credentials, now: () => number) {
  const cache: { token?: { readonly token: string; readonly expiresAt: number } } = {};

  async function authorize(): Promise<string> {
    if (cache.token === undefined || cache.token.expiresAt < now()) {
      const headers = { "X-LW-UAKS": secret, "content-type": "application/json", Method: "POST" };
      const answer = await wire.fetch("POST", `${server}/api/v2/access/tokens`, headers, {
        keyId: id,
        expiryTime: 3600,
      });
      if (answer.status > 299)
        throw new CliError(`unable to generate access token: [${answer.status}] ${messageOf(answer.text)}`);
      const made = z
        .object({ token: z.string(), expiresAt: z.string().regex(RFC3339) })
        .parse(JSON.parse(answer.text));
      cache.token = { token: made.token, expiresAt: Date.parse(made.expiresAt) };
    }
    return cache.token.token;
  }

  async function request(method: string, path: string, body?: unknown): Promise<string> {
    const headers = {
      authorization: await authorize(),
      "content-type": "application/json",
      Method: method,
      "Account-Name": "",
      "Org-Access": "false",
    };
    const answer = await wire.fetch(method, `${server}${path}`, headers, body);
    if (answer.status === 403) delete cache.token;
    if (answer.status === 404) throw new CliError("does not exist");
    if (answer.status > 299) throw new CliError(`[${method}] ${answer.status} ${messageOf(answer.text)}`);
    return answer.text;
  }

  const show = async <S extends GoScope>(
    alertId: number,
    scope: S,
  ): Promise<z.infer<(typeof GO_SCOPES)[S]>> => {
    const answer = JSON.parse(await request("GET", `/api/v2/Alerts/${alertId}?scope=${scope}`)) as {
      data: unknown;
    };
    return GO_SCOPES[scope].parse(answer.data) as z.infer<(typeof GO_SCOPES)[S]>;
  };

  return {
    cache,
    /** `alert list`: the last day, statuses and types filtered there, severities here. */
    async list(
      flags: { readonly status?: string; readonly type?: string; readonly severity?: string } = {},
    ): Promise<GoAlert[]> {
      const filters = [
        ...(flags.status === undefined ? [] : [{ field: "status", expression: "eq", value: flags.status }]),
        ...(flags.type === undefined ? [] : [{ field: "alertType", expression: "eq", value: flags.type }]),
      ];
      const body = {
        timeFilter: { startTime: goTime(now() - 86_400_000), endTime: goTime(now()) },
        filters,
        returns: [],
      };
      const schema = z.object({ data: z.array(alert), paging });
      let page = schema.parse(JSON.parse(await request("POST", "/api/v2/Alerts/search", body)));
      const all = [...page.data];
      while (typeof page.paging.urls.nextPage === "string" && page.paging.urls.nextPage !== "") {
        const { rows } = page.paging;
        if (rows === 0) throw new CliError("panic: runtime error: integer divide by zero");
        const { pathname, search } = new URL(page.paging.urls.nextPage);
        page = schema.parse(JSON.parse(await request("GET", `${pathname}${search}`)));
        all.push(...page.data);
      }
      return all.filter(
        ({ severity }) => flags.severity === undefined || severity?.toLowerCase() === flags.severity,
      );
    },
    show,
    async comment(alertId: number, comment: string): Promise<z.infer<typeof entry>> {
      await show(alertId, "Details");
      const answer = JSON.parse(await request("POST", `/api/v2/Alerts/${alertId}/comment`, { comment })) as {
        data: unknown;
      };
      return entry.parse(answer.data);
    },
    async close(alertId: number, reason: number, comment?: string): Promise<void> {
      await show(alertId, "Details");
      const answer = await request("POST", `/api/v2/Alerts/${alertId}/close`, { alertId, reason, comment });
      if (answer !== "") z.object({ message: text }).parse(JSON.parse(answer));
    },
  };
}

/** RFC3339Nano. */
function goTime(at: number): string {
  return new Date(at).toISOString().replace("Z", "123456Z");
}

function messageOf(body: string): string {
  const { message } = JSON.parse(body) as { readonly message?: unknown };
  return typeof message === "string" ? message : "no message";
}
