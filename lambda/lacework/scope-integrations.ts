/**
 * The scope Integrations: where the alert was sent. Lacework's channel carries its state with it, and so does each of
 * ours: `ok` when the message arrived, with the reason in `details` when it did not.
 *
 *     { integrationType: "SLACK_CHANNEL", alertIntegrationStatus: "delivered", alertChannel: { STATE: { ok: true, … }, … }, … }
 */
import { showText } from "../alerts/show-text.ts";
import type { Integration } from "../cases/case-schema.ts";
import type { LaceworkAlert } from "../formats/lacework.ts";
import { plainMilliseconds, plainTime } from "../formats/plain-time.ts";

/** Lacework's names of kinds of channel (go-sdk `api/alert_channels.go`); kinds that it does not have keep ours. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["slack", "SLACK_CHANNEL"],
  ["teams", "MICROSOFT_TEAMS"],
  ["pagerduty", "PAGER_DUTY_API"],
  ["datadog", "DATADOG"],
  ["webhook", "WEBHOOK"],
  ["ses", "EMAIL_USER"],
  ["eventbridge", "CLOUDWATCH_EB"],
]);
const MAX_TEXT = 1_024;

/** Rows of the scope. */
export function integrationsOf(
  integrations: readonly Integration[],
  { alertId, status }: Pick<LaceworkAlert, "alertId" | "status">,
): Readonly<Record<string, unknown>>[] {
  return integrations.map(({ destination, type, part, outcome, firstAttempt, lastAttempt, reason }) => {
    const kind = TYPES.get(type ?? "") ?? (type ?? "unknown").toUpperCase().replace(/\W/g, "_");
    const name = showText(destination, MAX_TEXT);
    const lastTime = lastAttempt ?? firstAttempt;
    const last = plainMilliseconds(lastTime);
    return {
      alertIntegrationId: `${alertId}-${name}-${part}`,
      alertId,
      integrationType: kind,
      integrationContext: { id: name, link: "" },
      intgGuid: name,
      lastSyncTime: plainTime(lastTime),
      alertIntegrationStatus: outcome,
      status,
      isBidirectional: false,
      alertChannel: {
        INTG_GUID: name,
        NAME: name,
        CREATED_OR_UPDATED_TIME: plainTime(firstAttempt),
        CREATED_OR_UPDATED_BY: "",
        ENV_GUID: "",
        TYPE: kind,
        ENABLED: 1,
        IS_ORG: 0,
        STATE: {
          ok: outcome === "delivered",
          lastUpdatedTime: last,
          lastSuccessfulTime: outcome === "delivered" ? last : 0,
          lastWebhookUpdateTime: 0,
          details: reason === undefined ? {} : { message: showText(reason, MAX_TEXT) },
        },
        DATA: {},
      },
    };
  });
}
