/**
 * Which alerts get to which route: worked out, not tried. Severity, id and tags are the rule's; channel, account and
 * Region are the record's, and of these only the values that some route names can be told apart, plus "any other". So
 * all alerts fall into a few cells, and each cell takes one way through the routes.
 *
 *   routes  [0] { channels: ["console"] }  [1] { severity: ["high"], channels: ["console"] }
 *   every cell of [1] is one of [0]: in mode "first", nothing ever reaches [1]
 */
import { compileLikes } from "../lambda/engine/like.ts";
import type { Rule } from "../lambda/engine/rule.ts";
import type { RouteCondition, Routing } from "../lambda/routing.ts";

/** What routing looks at of a rule. */
export type RoutedRule = Pick<Rule, "id" | "severity" | "tags"> & {
  readonly destinations?: readonly string[] | undefined;
};

/** Where alerts get to. */
export type Reach = {
  /** By route: the rules that it fits, whether or not an alert of theirs gets to it. */
  readonly fitting: readonly (readonly RoutedRule[])[];
  /** By route: whether some alert gets to it. */
  readonly reached: readonly boolean[];
  /** The rules some of whose alerts no route takes. */
  readonly unrouted: readonly RoutedRule[];
  /** By rule id: every destination that an alert of the rule may go to. */
  readonly destinations: ReadonlyMap<string, ReadonlySet<string>>;
};

type Cell = { readonly channel: string; readonly account: string; readonly region: string };

/** Any value that no route names; no channel, account or Region is called so. */
const OTHER = "*";

/** Works out the reach of all routes for the given rules and channels. */
export function reachOf(routing: Routing, rules: readonly RoutedRule[], channels: readonly string[]): Reach {
  const { routes, match, otherwise } = routing;
  const tests = routes.map(({ when }) => ruleTest(when));
  const cells = cellsOf(
    routes.map(({ when }) => when),
    channels,
  );
  const reached = routes.map(() => false);
  const fitting: RoutedRule[][] = routes.map(() => []);
  const unrouted: RoutedRule[] = [];
  const destinations = new Map<string, Set<string>>();
  const ways = new Map<string, { readonly taken: readonly number[]; readonly misses: boolean }>();
  for (const rule of rules) {
    if (rule.destinations !== undefined) {
      destinations.set(rule.id, new Set(rule.destinations));
      continue;
    }
    const fits = routes.flatMap((_, index) => (tests[index]?.(rule) === true ? [index] : []));
    for (const index of fits) fitting[index]?.push(rule);
    const way = ways.get(fits.join()) ?? wayThrough(fits, routing, cells);
    ways.set(fits.join(), way);
    for (const index of way.taken) reached[index] = true;
    if (way.misses) unrouted.push(rule);
    destinations.set(
      rule.id,
      new Set([...way.taken.flatMap((index) => routes[index]?.to ?? []), ...(way.misses ? otherwise : [])]),
    );
  }
  return { fitting, reached, unrouted, destinations };

  function wayThrough(fits: readonly number[], { routes: all }: Routing, every: readonly Cell[]) {
    const taken = new Set<number>();
    let misses = false;
    for (const cell of every) {
      const accepting = fits.filter((index) => acceptsCell(all[index]?.when ?? {}, cell));
      if (accepting.length === 0) misses = true;
      for (const index of match === "first" ? accepting.slice(0, 1) : accepting) taken.add(index);
    }
    return { taken: [...taken], misses };
  }
}

function ruleTest({ severity, rules, tags }: RouteCondition): (rule: RoutedRule) => boolean {
  const matchesId = rules === undefined ? undefined : compileLikes(rules);
  return (rule) =>
    (severity === undefined || severity.includes(rule.severity)) &&
    (matchesId === undefined || matchesId(rule.id)) &&
    (tags === undefined || tags.some((tag) => rule.tags?.includes(tag) === true));
}

function cellsOf(conditions: readonly RouteCondition[], channels: readonly string[]): Cell[] {
  const named = (key: "accounts" | "regions"): string[] => [
    ...new Set([...conditions.flatMap((when) => when[key] ?? []), OTHER]),
  ];
  const accounts = named("accounts");
  const regions = named("regions");
  return channels.flatMap((channel) =>
    accounts.flatMap((account) => regions.map((region) => ({ channel, account, region }))),
  );
}

function acceptsCell({ channels, accounts, regions }: RouteCondition, cell: Cell): boolean {
  return (
    (channels === undefined || channels.includes(cell.channel)) &&
    (accounts === undefined || accounts.includes(cell.account)) &&
    (regions === undefined || regions.includes(cell.region))
  );
}
