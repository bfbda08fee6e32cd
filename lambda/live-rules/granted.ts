/**
 * Whether the function may do what published destinations ask for. Its role, its alarms and its secrets were made by a
 * deployment and for the destinations that it had: a published rule set may send alerts elsewhere among them and change
 * their settings, and nothing that needs more than was granted. A secret stays with the destination that it was given
 * to: else a changed setting could send it to another service.
 *
 *     problemsOfGrants([{ id: "slack", type: "slack", secret: "prod/other" }], deployed)
 *     // ['the destination "slack" names a secret that it was not given: "prod/other"']
 */
import type { DestinationSettings } from "../destinations/destination-type.ts";
import { DESTINATION_TYPES } from "../destinations/registry.ts";
import { valueAt } from "../record/untrusted.ts";

/** Everything that published destinations ask for and do not have; each says its cure. */
export function problemsOfGrants(
  published: readonly DestinationSettings[],
  deployed: readonly DestinationSettings[],
): string[] {
  const missing = deployed
    .filter(({ id }) => !published.some((one) => one.id === id))
    .map(
      ({ id }) => `the destination ${JSON.stringify(id)} is deployed and left out: deploy to take it away`,
    );
  return [...missing, ...published.flatMap((one) => problemsOfOne(one, deployed))];
}

function problemsOfOne(settings: DestinationSettings, deployed: readonly DestinationSettings[]): string[] {
  const which = `the destination ${JSON.stringify(settings.id)}`;
  const before = deployed.find(({ id }) => id === settings.id);
  if (before === undefined)
    return [`${which} is not deployed: its permissions and its alarm are made by deploying it`];
  if (before.type !== settings.type)
    return [
      `${which} is deployed as ${before.type}, not ${settings.type}: a change of kind is made by deploying it`,
    ];
  const type = DESTINATION_TYPES.get(settings.type);
  if (type === undefined) return [`${which} is of no kind that there is`];
  if (JSON.stringify(settings) === JSON.stringify(before)) return [];
  const problems = type.check(settings).map((problem) => `${which}: ${problem}`);
  if (problems.length > 0) return problems;
  const secrets = Object.entries(type.settings).flatMap(([name, { kind }]) => {
    const reference = settings[name];
    if (kind !== "secret" || reference === undefined || reference === before[name]) return [];
    return [
      `${which} names a secret that it was not given: ${JSON.stringify(reference)}; deploy to grant it`,
    ];
  });
  const granted = new Set(type.permissions(before).map((one) => JSON.stringify(one)));
  const asked = type.permissions(settings).filter((one) => !granted.has(JSON.stringify(one)));
  const permissions = asked.map(
    ({ actions, resources }) =>
      `${which} needs a permission that was not granted: ${actions.join(", ")} on ${resources.join(", ")}; deploy to grant it`,
  );
  return [...secrets, ...permissions];
}

/** Dynamic lists are filled by permissions of their own: what they ask is changed by deploying. */
export function problemsOfLists(
  published: Readonly<Record<string, object>>,
  deployed: Readonly<Record<string, object>>,
): string[] {
  return Object.entries(published).flatMap(([name, list]) =>
    queryOf(list) === "null" || queryOf(list) === queryOf(deployed[name])
      ? []
      : [`the list ${JSON.stringify(name)} has a query that is not deployed: deploy to have it refreshed`],
  );
}

function queryOf(list: object | undefined): string {
  return JSON.stringify(valueAt(list, "dynamic") ?? null);
}
