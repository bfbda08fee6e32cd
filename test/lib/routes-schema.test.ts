import { expect, it } from "vitest";
import { readConfig } from "../../lib/config.ts";

it.each<[string, object, string]>([
  [
    "a setting of a route that is none",
    { routes: [{ wen: {}, to: ["topic"] }] },
    'engine.routes[0].wen: there is no such setting. Did you mean "when"?',
  ],
  [
    "a condition of a route that is none",
    { routes: [{ when: { severty: ["high"] }, to: ["topic"] }] },
    'engine.routes[0].when.severty: there is no such setting. Did you mean "severity"?',
  ],
  [
    "a severity that is none",
    { routes: [{ when: { severity: ["hihg"] }, to: ["topic"] }] },
    'engine.routes[0].when.severity[0]: "hihg" is no severity. Did you mean "high"?',
  ],
  [
    "a channel that is none",
    { routes: [{ when: { channels: ["consle"] }, to: ["topic"] }] },
    'engine.routes[0].when.channels[0]: "consle" is no channel. Did you mean "console"?',
  ],
  [
    "an account that is none",
    { routes: [{ when: { accounts: ["12345678901"] }, to: ["topic"] }] },
    'engine.routes[0].when.accounts[0]: "12345678901" is no account id. Write it as "123456789012".',
  ],
  [
    "an account that is a number, which would lose its zeros",
    { routes: [{ when: { accounts: [123456789012] }, to: ["topic"] }] },
    'engine.routes[0].when.accounts[0]: 123456789012 is no text. Write account id in quotes: "123456789012".',
  ],
  [
    "a Region that is none",
    { routes: [{ when: { regions: ["Ireland"] }, to: ["topic"] }] },
    'engine.routes[0].when.regions[0]: "Ireland" is no Region.',
  ],
  [
    "a condition that no alert could meet",
    { routes: [{ when: { tags: [] }, to: ["topic"] }] },
    "engine.routes[0].when.tags: This list is empty, so no alert would fit.",
  ],
  [
    "a route to nobody",
    { routes: [{ when: {}, to: [] }] },
    "engine.routes[0].to: This list is empty: such alerts would reach nobody.",
  ],
  ["a route without an end", { routes: [{ when: {} }] }, "engine.routes[0].to: this is missing."],
])("a route with %s is refused", (_, context, expected) => {
  expect(readConfig(context).problems).toEqual([expect.stringContaining(`cdk.json ${expected}`)]);
});

it("a route may ask for everything that an alert has, and for nothing", () => {
  const when = {
    severity: ["critical"],
    rules: ["iam.amazonaws.com/*"],
    tags: ["cis-4.4"],
    accounts: ["012345678901"],
    regions: ["us-gov-west-1"],
    channels: ["console"],
  };
  const routes = [{ when, to: ["topic"] }, { to: ["topic"] }];
  const { config, problems } = readConfig({ routes });
  expect(problems).toEqual([]);
  expect(config.routes).toEqual([
    { when, to: ["topic"] },
    { when: {}, to: ["topic"] },
  ]);
});
