/**
 * Alerts to Microsoft Teams through the webhook of a workflow; the connectors that came before workflows are gone. The
 * workflow says that it took a message, not that it posted it: what it does with it stands in its own run history.
 */
import { safeJson } from "../alerts/safe-json.ts";
import { DeliveryError, type Destination } from "./destination.ts";
import { declareDestination } from "./destination-type.ts";
import { type Judge, refuseWebPage } from "./http-answer.ts";
import { HTTP_PORTS, type HttpPorts, post } from "./http.ts";
import { openSecret, type Secret } from "./secrets.ts";
import type { Checked, Settings } from "./settings.ts";
import { sendWithSecret } from "./with-secret.ts";

/** How long a delivery may take with all its attempts, in milliseconds. */
const BUDGET_MS = 15_000;

const settings = {
  secret: {
    kind: "secret",
    description: "the secret with the address of the workflow's webhook",
    holds: "the address of a workflow's webhook",
  },
} as const satisfies Settings;

/** The registry's entry. */
export const teams = declareDestination({
  description: "An adaptive card in a channel or chat of Microsoft Teams.",
  settings,
  make: (checked) => makeTeams(checked),
});

/** Makes the destination of one workflow. */
export function makeTeams(
  { id, secret: reference, endpoint }: Checked<typeof settings>,
  secret: Secret = openSecret(reference, id, "url"),
  ports: HttpPorts = HTTP_PORTS,
): Destination {
  const holds = "a working workflow's webhook address (https://…)";
  return {
    id,
    type: "teams",
    // A workflow does not say where its card stands: a repeat would be one more card.
    updates: false,
    async deliver(notice, deadline) {
      const { toTeamsMessage } = await import("./teams-card.ts");
      const body = safeJson(toTeamsMessage(notice));
      await sendWithSecret(
        { secret, budget: BUDGET_MS, deadline, now: ports.now, holds },
        async (address, by) => {
          const url = webhookUrl(address, id, endpoint);
          const secrets = [address];
          await post({ destination: id, url, body, secrets, deadline: by, judge: judgeWorkflow }, ports);
        },
      );
      return undefined;
    },
  };
}

function webhookUrl(address: string, destination: string, endpoint: string | undefined): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== "https:") {
    throw new DeliveryError("the secret does not hold an address that begins with https://", {
      destination,
      retryable: true,
      secretRefused: true,
    });
  }
  return endpoint === undefined ? url.href : new URL(url.pathname + url.search, endpoint).href;
}

/** The workflow is switched off: its owner can switch it on again. */
const SWITCHED_OFF = /"WorkflowTriggerIsNotEnabled"|"WorkflowDisabled"/;
/** The workflow is gone, or its address has changed: another one in the secret is the cure. */
const GONE: ReadonlySet<number> = new Set([404, 410]);

const judgeWorkflow: Judge = (answer) => {
  const { status, body } = answer;
  if (SWITCHED_OFF.test(body)) {
    return { says: `answered ${status}: the workflow is switched off; turn it on`, again: "later" };
  }
  if (GONE.has(status)) {
    return { says: `answered ${status}: there is no such workflow`, again: "never", secretRefused: true };
  }
  return refuseWebPage(answer);
};
