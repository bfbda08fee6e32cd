import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fits } from "../../lambda/routing.ts";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { CHANNEL_NAMES } from "../../lambda/record/channel-names.ts";
import { checkRoutes } from "../../lib/check-routes.ts";
import { readConfig } from "../../lib/config.ts";
import { reachOf, type RoutedRule } from "../../lib/route-reach.ts";

const USER: RoutedRule = { id: "iam.amazonaws.com/user-created", severity: "high", tags: ["cis-4.4"] };
const GROUP: RoutedRule = { id: "ec2.amazonaws.com/group-opened", severity: "low", tags: ["network"] };
const OWN: RoutedRule = { id: "s3.amazonaws.com/public", severity: "critical", destinations: ["pager"] };
const PAGER = { type: "pagerduty", secret: "prod/pagerduty" };

function check(engine: object, rules: readonly RoutedRule[] = [USER, GROUP]) {
  const { config, problems } = readConfig({ destinations: { pager: PAGER }, ...engine });
  expect(problems).toEqual([]);
  return checkRoutes(config, rules);
}

const to = ["topic"];

describe("routes", () => {
  it("that are absent send everything everywhere, and nothing is odd", () => {
    expect(check({ subscribe: ["me@example.com"] }, [USER, GROUP, OWN])).toEqual({
      problems: [],
      warnings: [],
    });
  });

  it.each<[string, object, string]>([
    [
      "to a destination that is not there",
      { routes: [{ when: { severity: ["high"] }, to: ["topic", "pagr"] }] },
      'engine.routes[0].to[1]: there is no destination "pagr". Did you mean "pager"?',
    ],
    [
      "by default to a destination that is not there",
      { defaultRoute: ["slack"] },
      'engine.defaultRoute[0]: there is no destination "slack". Known are: topic, pager.',
    ],
    [
      "with an id that no rule has",
      { routes: [{ when: { rules: ["iam.amazonaws.com/user-craeted", USER.id] }, to }] },
      'engine.routes[0].when.rules[0]: no rule has an id like "iam.amazonaws.com/user-craeted". Did you mean "iam.amazonaws.com/user-created"?',
    ],
    [
      "with a folder that no rule is in",
      { routes: [{ when: { rules: ["iam.amazonws.com/*"] }, to }] },
      'no rule has an id like "iam.amazonws.com/*". Did you mean "iam.amazonaws.com/*"?',
    ],
    [
      "with a tag that no rule has",
      { routes: [{ when: { tags: ["cis-4.5"] }, to }] },
      'engine.routes[0].when.tags[0]: no rule has the tag "cis-4.5". Did you mean "cis-4.4"?',
    ],
    [
      "for a severity that no rule has",
      { routes: [{ when: { severity: ["info"] }, to }] },
      "engine.routes[0]: nothing gets here: no rule is all that it asks for",
    ],
    [
      "after one that takes everything",
      {
        routes: [
          { when: {}, to },
          { when: { severity: ["high"] }, to },
        ],
      },
      "engine.routes[1]: nothing gets here: routes[0] takes all of it. Move this route up",
    ],
    [
      "after one for the same channel that asks less",
      {
        routes: [
          { when: { channels: ["console", "cli"] }, to },
          { when: { channels: ["cli"], accounts: ["123456789012"] }, to },
        ],
      },
      "engine.routes[1]: nothing gets here: routes[0] takes all of it.",
    ],
    [
      "after two that take everything between them",
      {
        routes: [
          { when: { severity: ["high"] }, to },
          { when: { tags: ["network"] }, to },
          { when: { channels: ["console"] }, to },
        ],
      },
      "engine.routes[2]: nothing gets here: routes[0] and routes[1] take all of it.",
    ],
    [
      "that leave some alerts of a rule without any",
      { defaultRoute: [], routes: [{ when: { channels: ["console"] }, to }] },
      "engine.defaultRoute: this is empty, and no route takes every alert of 2 rules: iam.amazonaws.com/user-created, ec2.amazonaws.com/group-opened.",
    ],
  ])("%s are found", (_, engine, expected) => {
    expect(check(engine).problems).toEqual([expect.stringContaining(expected)]);
  });

  it("for rules that name their own destinations are found", () => {
    const found = check({ routes: [{ when: { severity: ["critical"] }, to }] }, [USER, OWN]);
    expect(found.problems).toEqual([
      expect.stringContaining("the rules that fit name destinations of their own: s3.amazonaws.com/public."),
    ]);
  });

  it("may overlap when all that fit are taken, or when an earlier one leaves something", () => {
    const overlapping = [
      { when: {}, to },
      { when: { severity: ["high"] }, to: ["pager"] },
    ];
    expect(check({ routeMatch: "all", routes: overlapping }).problems).toEqual([]);
    expect(check({ routes: overlapping.toReversed() }).problems).toEqual([]);
    const regions = [
      { when: { regions: ["eu-west-1"] }, to },
      { when: { severity: ["high"] }, to },
    ];
    expect(check({ routes: regions }).problems).toEqual([]);
  });

  it("without a default are fine when they take everything", () => {
    const routes = [
      { when: { severity: ["high"] }, to },
      { when: { severity: ["low"] }, to: ["pager"] },
    ];
    expect(check({ routes, defaultRoute: [] }).problems).toEqual([]);
  });
});

describe("a rule", () => {
  it("with a destination that is not there is found by its id", () => {
    expect(check({}, [{ ...OWN, destinations: ["pagr"] }]).problems).toEqual([
      'rule s3.amazonaws.com/public: destinations[0]: there is no destination "pagr". Did you mean "pager"?',
    ]);
  });

  it("that reaches nobody is found", () => {
    expect(check({}, [{ ...OWN, destinations: [] }]).problems).toEqual([
      expect.stringContaining(
        "rule s3.amazonaws.com/public: destinations is empty, so its alerts reach nobody.",
      ),
    ]);
  });
});

describe("a destination", () => {
  it("that no alert goes to is only odd", () => {
    expect(check({ defaultRoute: ["topic"], subscribe: ["me@example.com"] })).toEqual({
      problems: [],
      warnings: [expect.stringContaining("engine.destinations.pager: no alert goes there.")],
    });
    expect(check({ defaultRoute: ["topic"], subscribe: ["me@example.com"] }, [USER, OWN]).warnings).toEqual(
      [],
    );
  });

  it("of mail subscribers that gets nothing is odd, as is one that has none", () => {
    expect(check({ defaultRoute: ["pager"], subscribe: ["me@example.com"] }).warnings).toEqual([
      expect.stringContaining('engine.subscribe: these addresses get no alert, since none goes to "topic".'),
    ]);
    expect(check({ routes: [{ when: { severity: ["low"] }, to }] }).warnings).toEqual([
      expect.stringContaining(
        "alerts of 1 rule go to the alerts topic only, which has no subscriber: ec2.amazonaws.com/group-opened.",
      ),
    ]);
  });
});

function some(values: readonly string[]): fc.Arbitrary<string[] | undefined> {
  return fc.option(fc.subarray([...values], { minLength: 1 }), { nil: undefined });
}

describe("the reach of routes", () => {
  const severities = ["low", "high"] as const;
  const accounts = ["111111111111", "222222222222"];
  const regions = ["eu-west-1", "us-east-1"];
  const channels = ["console", "cli"];
  const when = fc
    .record({
      severity: some(severities),
      rules: some(["a/*", "b/x"]),
      tags: some(["t", "u"]),
      accounts: some(accounts),
      regions: some(regions),
      channels: some(channels),
    })
    .map((condition) =>
      Object.fromEntries(Object.entries(condition).filter(([, values]) => values !== undefined)),
    );
  const rules: RoutedRule[] = [
    { id: "a/x", severity: "low", tags: ["t"] },
    { id: "b/x", severity: "high", tags: ["u", "t"] },
    { id: "b/y", severity: "high" },
  ];
  // One account and Region more than any route names.
  const alerts = rules.flatMap(({ id, severity, tags = [] }) =>
    CHANNEL_NAMES.flatMap((name) =>
      [...accounts, "333333333333"].flatMap((accountId) =>
        [...regions, "ap-south-1"].map(
          (region) =>
            ({
              rule: { id, tags },
              severity,
              channel: { name },
              cloud: { accountId, region },
            }) as unknown as Alert,
        ),
      ),
    ),
  );

  it("is what every alert, tried one by one, comes to", () => {
    fc.assert(
      fc.property(fc.array(when, { maxLength: 5 }), fc.constantFrom("first", "all"), (conditions, match) => {
        const routes = conditions.map((condition, index) => ({ when: condition, to: [`d${index}`] }));
        const reach = reachOf({ match, routes, otherwise: ["rest"] }, rules, CHANNEL_NAMES);
        const reached = routes.map(() => false);
        const goes = new Map<string, Set<string>>(rules.map(({ id }) => [id, new Set()]));
        for (const alert of alerts) {
          const taking = routes.flatMap((route, index) => (fits(alert, route.when) ? [index] : []));
          const taken = match === "first" ? taking.slice(0, 1) : taking;
          for (const index of taken) {
            reached[index] = true;
            goes.get(alert.rule.id)?.add(`d${index}`);
          }
          if (taken.length === 0) goes.get(alert.rule.id)?.add("rest");
        }
        expect(reach.reached).toEqual(reached);
        expect(reach.destinations).toEqual(goes);
        expect(reach.unrouted.map(({ id }) => id)).toEqual(
          rules.map(({ id }) => id).filter((id) => goes.get(id)?.has("rest")),
        );
      }),
    );
  });
});
