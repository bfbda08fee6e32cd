/**
 * Which alerts go where. A rule may name its destinations itself; else the routes of the configuration are asked in
 * their order, the first that fits or all that fit; what fits none goes to the default. Nothing here looks at what a
 * caller chose, except the channel, which says so itself by its confidence.
 *
 *     routeOf(alert, rule, { match: "first", routes: [{ when: { severity: ["critical"] }, to: ["pager"] }], otherwise: ["slack"] })
 */
import type { Alert } from "./alerts/alert-schema.ts";
import { compileLike } from "./engine/like.ts";

/** What an alert must be like; every key that is there must fit, of a list one value. */
export type RouteCondition = {
  readonly severity?: readonly string[];
  /** Ids of rules, `*` for any characters. */
  readonly rules?: readonly string[];
  readonly tags?: readonly string[];
  readonly accounts?: readonly string[];
  readonly regions?: readonly string[];
  readonly channels?: readonly string[];
};

/** The keys of a condition. */
export const CONDITION_KEYS: ReadonlySet<string> = new Set([
  "severity",
  "rules",
  "tags",
  "accounts",
  "regions",
  "channels",
] satisfies (keyof RouteCondition)[]);

type Route = { readonly when: RouteCondition; readonly to: readonly string[] };

/** All routes. */
export type Routing = {
  /** Whether the first route that fits is taken, or all. */
  readonly match: "first" | "all";
  readonly routes: readonly Route[];
  /** Where alerts go that no route fits. */
  readonly otherwise: readonly string[];
};

/** The ids of the destinations that an alert goes to, each once. Empty when it goes nowhere. */
export function routeOf(
  alert: Alert,
  ruleDestinations: readonly string[] | undefined,
  routing: Routing,
): readonly string[] {
  if (ruleDestinations !== undefined) return [...new Set(ruleDestinations)];
  const fitting = routing.routes.filter(({ when }) => fits(alert, when));
  const taken = routing.match === "first" ? fitting.slice(0, 1) : fitting;
  return [...new Set(taken.length === 0 ? routing.otherwise : taken.flatMap(({ to }) => to))];
}

/** Whether an alert is what a route asks for. */
export function fits(alert: Alert, when: RouteCondition): boolean {
  const { severity, rules, tags, accounts, regions, channels } = when;
  return (
    has(severity, alert.severity) &&
    (rules === undefined || rules.some((glob) => compileLike(glob)(alert.rule.id))) &&
    (tags === undefined || tags.some((tag) => alert.rule.tags.includes(tag))) &&
    has(accounts, alert.cloud.accountId) &&
    has(regions, alert.cloud.region) &&
    has(channels, alert.channel.name)
  );
}

function has(wanted: readonly string[] | undefined, value: string | undefined): boolean {
  return wanted === undefined || (value !== undefined && wanted.includes(value));
}
