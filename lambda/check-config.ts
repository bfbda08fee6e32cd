/**
 * What can be wrong with `config.json`: destinations that no kind knows, routes that lead nowhere. Synthesis has checked
 * all of it in its own words; this is for a file that was written by something else, or by another version.
 *
 *     checkRouting({ match: "first", routes: [{ when: {}, to: ["pager"] }], otherwise: ["topic"] }, new Set(["topic"]), problems)
 *     // problems: ['config.json routing.routes[0]: there is no destination "pager"; known are topic.']
 */
import { problemOfCaseUrl } from "./destinations/case-link.ts";
import type { DestinationSettings } from "./destinations/destination-type.ts";
import { DESTINATION_TYPES } from "./destinations/registry.ts";
import type { ConfigFile } from "./config.ts";
import { isObject, textAt, valueAt } from "./record/untrusted.ts";
import { CONDITION_KEYS, type Routing } from "./routing.ts";

/** The destinations that are fine; what is wrong with the others is added to `problems`. */
export function checkDestinations(listed: unknown, problems: string[]): DestinationSettings[] {
  if (!Array.isArray(listed) || listed.length === 0) {
    problems.push(
      "config.json destinations must be a list with at least one: no alert would reach anybody; configure a destination.",
    );
    return [];
  }
  const ids = new Set<string>();
  const destinations: DestinationSettings[] = [];
  for (const [index, settings] of (listed as readonly unknown[]).entries()) {
    const place = `config.json destinations[${index}]`;
    const found = checkDestination(settings, place, ids);
    if (typeof found === "string") {
      problems.push(found);
      continue;
    }
    ids.add(found.id);
    destinations.push(found);
    for (const problem of DESTINATION_TYPES.get(found.type)?.check(found) ?? [])
      problems.push(`${place} (${found.id}): ${problem}.`);
  }
  return destinations;
}

function checkDestination(
  settings: unknown,
  place: string,
  ids: ReadonlySet<string>,
): DestinationSettings | string {
  if (!isObject(settings)) return `${place} must be an object with id and type.`;
  const id = textAt(settings, "id");
  const type = textAt(settings, "type");
  if (id === undefined || type === undefined) return `${place} needs the texts id and type.`;
  if (ids.has(id))
    return `${place}: the id ${JSON.stringify(id)} is taken by another destination; give each its own.`;
  if (!DESTINATION_TYPES.has(type)) {
    return `${place} (${id}): there is no destination type ${JSON.stringify(type)}; use one of ${[...DESTINATION_TYPES.keys()].join(", ")}.`;
  }
  return { ...settings, id, type };
}

/** The routing when it is one; what is wrong with it is added to `problems`. */
export function checkRouting(
  routing: unknown,
  ids: ReadonlySet<string>,
  problems: string[],
): Routing | undefined {
  const match = valueAt(routing, "match");
  const routes = valueAt(routing, "routes");
  if ((match !== "first" && match !== "all") || !Array.isArray(routes)) {
    problems.push(
      'config.json routing must be { "match": "first" or "all", "routes": […], "otherwise": […] }.',
    );
    return undefined;
  }
  const targets = (to: unknown, place: string): void => {
    if (!isTexts(to)) problems.push(`${place} must be a list of ids of destinations.`);
    else
      for (const id of to.filter((one) => !ids.has(one)))
        problems.push(
          `${place}: there is no destination ${JSON.stringify(id)}; known are ${[...ids].join(", ")}.`,
        );
  };
  for (const [index, route] of (routes as readonly unknown[]).entries()) {
    const place = `config.json routing.routes[${index}]`;
    const when = valueAt(route, "when");
    targets(valueAt(route, "to"), `${place}.to`);
    if (!isObject(when)) problems.push(`${place}.when must be an object.`);
    else
      for (const [key, values] of Object.entries(when)) {
        if (!CONDITION_KEYS.has(key))
          problems.push(
            `${place}.when: there is no condition ${JSON.stringify(key)}; use ${[...CONDITION_KEYS].join(", ")}.`,
          );
        else if (!isTexts(values)) problems.push(`${place}.when.${key} must be a list of texts.`);
      }
  }
  targets(valueAt(routing, "otherwise"), "config.json routing.otherwise");
  return routing as Routing;
}

/** The `caseUrl` when there is one and it is fine; what is wrong with it is added to `problems`. */
export function checkCaseUrl(given: unknown, problems: string[]): { readonly caseUrl?: string } {
  if (given === undefined) return {};
  const problem = problemOfCaseUrl(given);
  if (problem === undefined && typeof given === "string") return { caseUrl: given };
  problems.push(`config.json caseUrl ${problem ?? "must be a text"}.`);
  return {};
}

/** What the investigation is told, where it is fine; what is wrong with it is added to `problems`. */
export function checkInvestigation(
  found: Readonly<Record<string, unknown>>,
  problems: string[],
): Pick<ConfigFile, "lookupEvents" | "organisation"> {
  const { lookupEvents, organisation } = found;
  const requestsPerMinute = valueAt(lookupEvents, "requestsPerMinute");
  const regions = valueAt(lookupEvents, "regions");
  const accounts = valueAt(organisation, "accounts");
  const isBudget = typeof requestsPerMinute === "number" && requestsPerMinute >= 1 && requestsPerMinute <= 60;
  if (lookupEvents !== undefined && !(isBudget && (regions === undefined || isTexts(regions))))
    problems.push(
      "config.json lookupEvents must be { requestsPerMinute: 1 to 60, regions: a list of Regions, or none }.",
    );
  if (organisation !== undefined && !isTexts(accounts))
    problems.push("config.json organisation must be { accounts: a list of account ids }.");
  return {
    ...(lookupEvents === undefined
      ? {}
      : { lookupEvents: lookupEvents as NonNullable<ConfigFile["lookupEvents"]> }),
    ...(organisation === undefined
      ? {}
      : { organisation: organisation as NonNullable<ConfigFile["organisation"]> }),
  };
}

/** What is known of accounts and their canaries, in its outline: whoever uses it looks at the values. */
export function checkLayout(
  { accounts, canaries }: Readonly<Record<string, unknown>>,
  problems: string[],
): Pick<ConfigFile, "accounts" | "canaries"> {
  for (const part of [accounts, canaries])
    if (part !== undefined && !isObject(part))
      problems.push("config.json accounts and canaries must be objects.");
  return {
    ...(isObject(accounts) ? { accounts: accounts as Record<string, string> } : {}),
    ...(isObject(canaries) ? { canaries: canaries as NonNullable<ConfigFile["canaries"]> } : {}),
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
