/**
 * The scope `integrations`: where an alert was sent, when, and with what outcome. That nobody was told is an answer too,
 * and the one that somebody looks for who wonders why it was quiet.
 *
 *     computeIntegrations(found, { topic: "sns" }).value.integrations
 *     // [{ destination: "topic", type: "sns", part: "first", outcome: "delivered", attempts: 1, … }]
 */
import { showText } from "../alerts/show-text.ts";
import type { Alert } from "../alerts/alert-schema.ts";
import type { Case, CaseRow, Integration, ScopeValue } from "./case-schema.ts";
import type { Computed } from "./details.ts";

const MAX_REASON = 500;

/** Why nobody was told of an alert that was kept. */
const KEPT: Readonly<Record<string, string>> = {
  suppressed: "Nobody was told: a suppression held.",
  staged: "Nobody was told: the rule is staged.",
  deduplicated: "Nobody was told of it on its own: it repeats an alert that had been told of.",
};

/**
 * The deliveries of a case, the first notice's before the summary's, each by destination.
 * @param types the kinds of the destinations that the configuration knows
 */
export function computeIntegrations(
  { row, alert, integrations }: Pick<Case, "row" | "alert" | "integrations">,
  types: Readonly<Record<string, string>> = {},
): Computed<ScopeValue<"integrations">> {
  const sorted = integrations
    .map((one) => withType(one, types))
    .toSorted((a, b) => byText(a.part, b.part) || byText(a.destination, b.destination));
  return {
    value: { integrations: sorted },
    notes: sorted.length > 0 ? [] : [whyNone(row, alert)],
  };
}

function whyNone({ disposition, repeatOf }: CaseRow, { suppression }: Pick<Alert, "suppression">): string {
  const kept = Object.hasOwn(KEPT, disposition) ? KEPT[disposition] : undefined;
  if (kept === undefined) return "It was sent nowhere: no route leads this alert to a destination.";
  if (disposition === "deduplicated" && repeatOf !== undefined) return `${kept} That one is ${repeatOf}.`;
  if (disposition !== "suppressed" || suppression === undefined) return kept;
  const { id, owner, expires, reason } = suppression;
  return `${kept} It is ${id} of ${owner}, until ${expires}: ${showText(reason, MAX_REASON)}`;
}

function withType(one: Integration, types: Readonly<Record<string, string>>): Integration {
  const type = one.type ?? (Object.hasOwn(types, one.destination) ? types[one.destination] : undefined);
  const { reason, ...rest } = one;
  return {
    ...rest,
    ...(type === undefined ? {} : { type }),
    ...(reason === undefined ? {} : { reason: showText(reason, MAX_REASON) }),
  };
}

/** "first" is before "summary" in the alphabet as well. */
function byText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
