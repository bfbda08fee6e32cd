import { describe, expect, it } from "vitest";
import { fits, type RouteCondition, routeOf, type Routing } from "../../lambda/routing.ts";
import { sampleAlert } from "./alerts/sample.ts";

const alert = sampleAlert({}, { tags: ["cis-4.10", "network"] });
const routing = (match: "first" | "all"): Routing => ({
  match,
  routes: [
    { when: { severity: ["critical"] }, to: ["pager"] },
    { when: { severity: ["high", "medium"] }, to: ["slack", "mail"] },
    { when: { rules: ["ec2.amazonaws.com/*"] }, to: ["mail", "siem"] },
  ],
  otherwise: ["topic"],
});

describe("routeOf", () => {
  it("takes the first route that fits, or all, each destination once", () => {
    expect(routeOf(alert, undefined, routing("first"))).toEqual(["slack", "mail"]);
    expect(routeOf(alert, undefined, routing("all"))).toEqual(["slack", "mail", "siem"]);
  });

  it("takes the default when none fits, and what the rule names before all else", () => {
    const low = sampleAlert({}, { severity: "low", id: "_global/x" });
    expect(routeOf(low, undefined, routing("all"))).toEqual(["topic"]);
    expect(routeOf(alert, ["pager", "pager"], routing("first"))).toEqual(["pager"]);
  });

  it("is empty when a route leads nowhere", () => {
    expect(
      routeOf(alert, undefined, { match: "first", routes: [{ when: {}, to: [] }], otherwise: ["x"] }),
    ).toEqual([]);
  });
});

describe("fits", () => {
  it.each<[RouteCondition, boolean]>([
    [{}, true],
    [{ severity: ["low", "high"] }, true],
    [{ severity: ["low"] }, false],
    [{ rules: ["*/security-group-*"] }, true],
    [{ rules: ["iam.amazonaws.com/*", "ec2.amazonaws.com/other"] }, false],
    [{ tags: ["x", "network"] }, true],
    [{ tags: ["x"] }, false],
    [{ accounts: ["123456789012"] }, true],
    [{ accounts: ["210987654321"] }, false],
    [{ regions: ["eu-west-1"], channels: ["console"] }, true],
    [{ regions: ["eu-west-1"], channels: ["terraform"] }, false],
    [{ severity: [] }, false],
  ])("holds when every key fits: %j", (when, expected) => {
    expect(fits(alert, when)).toBe(expected);
  });

  it("does not take an alert without an account for one of an account", () => {
    expect(fits({ ...alert, cloud: { service: "ec2" } }, { accounts: ["123456789012"] })).toBe(false);
  });
});
