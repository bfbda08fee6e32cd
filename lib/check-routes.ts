/**
 * Judges the routes with the rules and destinations at hand: an id that nothing has, a glob that fits no rule, a route
 * that nothing gets to, a rule that reaches nobody. Each would be found out by an alert that did not come.
 *
 *   cdk.json engine.routes[1].to[0]: there is no destination "slak". Did you mean "slack"?
 *   cdk.json engine.routes[2]: nothing gets here: routes[0] takes all of it. Move this route up, or take it out.
 */
import { compileLike } from "../lambda/engine/like.ts";
import { didYouMean } from "../lambda/words/nearest.ts";
import { printable, quote } from "../lambda/loader/problem.ts";
import type { RouteCondition } from "../lambda/routing.ts";
import { CHANNEL_NAMES } from "../lambda/record/channel-names.ts";
import type { EngineConfig } from "./config-schema.ts";
import { TOPIC_DESTINATION } from "./destination-schema.ts";
import { type Reach, reachOf, type RoutedRule } from "./route-reach.ts";
import { destinationIds, routingOf } from "./routing.ts";
import { counted } from "./words.ts";

/** What is wrong, and what is only odd. */
export type RouteFindings = { readonly problems: string[]; readonly warnings: string[] };

const PLACE = "cdk.json engine";
/** How many rules a sentence names. */
const NAMED = 5;

/** Checks everything that has to do with where alerts go. */
export function checkRoutes(config: EngineConfig, rules: readonly RoutedRule[]): RouteFindings {
  const reach = reachOf(routingOf(config), rules, CHANNEL_NAMES);
  return {
    problems: [
      ...unknownIds(config, rules),
      ...config.routes.flatMap((_, index) => routeProblems(config, rules, reach, index)),
      ...reachNobody(config, rules, reach),
    ],
    warnings: oddities(config, rules, reach),
  };
}

/** Destinations that routes and rules name and that do not exist: what can be told even where a route is wrong. */
export function unknownIds(config: EngineConfig, rules: readonly RoutedRule[]): string[] {
  const known = destinationIds(config);
  const check = (place: string, ids: readonly string[]): string[] =>
    ids.flatMap((id, index) =>
      known.includes(id)
        ? []
        : [`${place}[${index}]: there is no destination ${quote(id)}. ${didYouMean(id, known)}`],
    );
  return [
    ...config.routes.flatMap(({ to }, index) => check(`${PLACE}.routes[${index}].to`, to)),
    ...check(`${PLACE}.defaultRoute`, config.defaultRoute ?? []),
    ...rules.flatMap(({ id, destinations }) =>
      check(`rule ${printable(id)}: destinations`, destinations ?? []),
    ),
  ];
}

function routeProblems(
  config: EngineConfig,
  rules: readonly RoutedRule[],
  { fitting, reached }: Reach,
  index: number,
): string[] {
  const place = `${PLACE}.routes[${index}]`;
  const when: RouteCondition = routingOf(config).routes[index]?.when ?? {};
  const ids = rules.map(({ id }) => id);
  const tags = [...new Set(rules.flatMap((rule) => rule.tags ?? []))];
  const found = [
    ...(when.rules ?? []).flatMap((glob, at) =>
      ids.some(compileLike(glob))
        ? []
        : [`${place}.when.rules[${at}]: no rule has an id like ${quote(glob)}. ${adviceForGlob(glob, ids)}`],
    ),
    ...(when.tags ?? []).flatMap((tag, at) =>
      tags.includes(tag)
        ? []
        : [
            `${place}.when.tags[${at}]: no rule has the tag ${quote(tag)}. ${didYouMean(tag, tags, "Rules name theirs under tags.")}`,
          ],
    ),
  ];
  if (found.length > 0 || reached[index] === true) return found;
  if (fitting[index]?.length === 0) return [`${place}: nothing gets here: ${noneFits(config, rules, index)}`];
  const earlier = config.routes.flatMap((_, other) =>
    other < index && fitting[other]?.some((rule) => fitting[index]?.includes(rule)) === true
      ? [`routes[${other}]`]
      : [],
  );
  return [
    `${place}: nothing gets here: ${earlier.join(" and ")} ${earlier.length === 1 ? "takes" : "take"} all of it. Move ` +
      'this route up, take it out, or set "routeMatch" to "all".',
  ];
}

function noneFits(config: EngineConfig, rules: readonly RoutedRule[], index: number): string {
  const free = rules.map(({ id, severity, tags }) => ({ id, severity, tags }));
  const own = reachOf(routingOf(config), free, CHANNEL_NAMES).fitting[index] ?? [];
  return own.length === 0
    ? "no rule is all that it asks for (severity, rules, tags). Ask for less, or take the route out."
    : `the rules that fit name destinations of their own: ${list(own)}. Take the route out, or theirs.`;
}

function adviceForGlob(glob: string, ids: readonly string[]): string {
  const folders = [...new Set(ids.map((id) => `${id.split("/")[0]}/*`))];
  return didYouMean(
    glob,
    glob.includes("*") ? folders : ids,
    "An id is the rule's path, e.g. iam.amazonaws.com/user-created; * stands for anything.",
  );
}

function reachNobody(config: EngineConfig, rules: readonly RoutedRule[], { unrouted }: Reach): string[] {
  const none = rules.filter(({ destinations }) => destinations?.length === 0);
  return [
    ...none.map(
      ({ id }) =>
        `rule ${printable(id)}: destinations is empty, so its alerts reach nobody. Name one, take the line out, or write mode: staged.`,
    ),
    ...(config.defaultRoute?.length === 0 && unrouted.length > 0
      ? [
          `${PLACE}.defaultRoute: this is empty, and no route takes every alert of ${counted(unrouted.length, "rule")}: ` +
            `${list(unrouted)}. Name a destination here, e.g. "${TOPIC_DESTINATION}", or add a route that fits them.`,
        ]
      : []),
  ];
}

function oddities(config: EngineConfig, rules: readonly RoutedRule[], reach: Reach): string[] {
  const used = new Set<string>();
  for (const ids of reach.destinations.values()) for (const id of ids) used.add(id);
  const idle = Object.keys(config.destinations).filter((id) => !used.has(id));
  const warnings = idle.map(
    (id) =>
      `${PLACE}.destinations.${id}: no alert goes there. Name it in a route, in "defaultRoute" or in a rule.`,
  );
  if (config.subscribe.length > 0 && rules.length > 0 && !used.has(TOPIC_DESTINATION)) {
    warnings.push(
      `${PLACE}.subscribe: these addresses get no alert, since none goes to "${TOPIC_DESTINATION}". Name it in a route, in "defaultRoute" or in a rule.`,
    );
  }
  const unheard = rules.filter(({ id }) => {
    const ids = reach.destinations.get(id);
    return ids?.size === 1 && ids.has(TOPIC_DESTINATION);
  });
  if (config.subscribe.length === 0 && Object.keys(config.destinations).length > 0 && unheard.length > 0) {
    warnings.push(
      `${PLACE}.subscribe: alerts of ${counted(unheard.length, "rule")} go to the alerts topic only, which has no subscriber: ` +
        `${list(unheard)}. Add an address, unless something else is subscribed to the topic.`,
    );
  }
  return warnings;
}

function list(rules: readonly RoutedRule[]): string {
  const named = rules.slice(0, NAMED).map(({ id }) => printable(id));
  const more = rules.length - named.length;
  return `${named.join(", ")}${more > 0 ? ` and ${counted(more, "more", "more")}` : ""}`;
}
