/** Red Canary as its scope sample shows it: the record, then six scopes, merged as `scopeX`; what is not there is null. */
import type { Credentials, Wire } from "./wire.ts";

const SCOPES = ["Details", "Investigation", "Events", "RelatedAlerts", "Integrations", "Timeline"] as const;

/** Pulls the alerts of the last day, each with its scopes; `organization` is a full https URL. */
export async function pullLikeRedCanary(wire: Wire, organization: string, { id, secret }: Credentials) {
  const minted = await wire.fetch(
    "POST",
    `${organization}/api/v2/access/tokens`,
    { "X-LW-UAKS": secret },
    { keyId: id },
  );
  const { token } = JSON.parse(minted.text) as { token: string };
  const get = async (path: string): Promise<unknown> => {
    const answer = await wire.fetch("GET", `${organization}${path}`, { authorization: `Bearer ${token}` });
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
    return (JSON.parse(answer.text) as { data: unknown }).data;
  };
  const alerts = (await get("/api/v2/Alerts")) as readonly Record<string, unknown>[];
  const pulled: Record<string, unknown>[] = [];
  for (const alert of alerts) {
    const scopes: Record<string, unknown> = {};
    for (const scope of SCOPES)
      scopes[`scope${scope}`] = await get(`/api/v2/Alerts/${String(alert["alertId"])}?scope=${scope}`);
    pulled.push({ ...alert, ...scopes });
  }
  return pulled;
}
