/**
 * Layouts that cannot work. An event that came over from another bus is not forwarded again (FACTS § 2): every Region of
 * every account must reach the hub's home Region in one hop, and no bus may forward to itself.
 *
 *   checkLayout({ regions: ["eu-west-1"], hub: undefined, spoke: undefined, accounts: {} }, { region: "eu-west-1" })
 *   // ['cdk.json engine.regions[0]: "eu-west-1" is where the stack itself is …']
 */
import { quote } from "../lambda/loader/problem.ts";
import type { EngineConfig } from "./config-schema.ts";
import { partitionOf, readBusArn } from "./layout-schema.ts";

/** The part of the configuration that is about Regions and accounts. */
type Layout = Pick<EngineConfig, "regions" | "hub" | "spoke">;

/** Where the app is deployed to, as far as the CDK knows. */
export type Home = { readonly account?: string | undefined; readonly region?: string | undefined };

/** What is wrong with the layout, each with its place and cure. Without a home, only what no home could mend. */
export function checkLayout({ regions = [], hub, spoke }: Layout, home: Home = {}): string[] {
  return [
    ...repeated("regions", regions),
    ...(hub?.accounts === undefined ? [] : repeated("hub.accounts", hub.accounts)),
    ...(hub === undefined ? [] : checkHub(hub, home)),
    ...(spoke === undefined ? [] : checkSpoke(spoke.hubBusArn, regions, hub !== undefined, home)),
    ...checkRegions(regions, spoke !== undefined, home),
  ];
}

function repeated(place: string, values: readonly string[]): string[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) < index
      ? [`cdk.json engine.${place}[${index}]: ${quote(value)} is there twice. Take one out.`]
      : [],
  );
}

function checkHub(hub: NonNullable<Layout["hub"]>, { account }: Home): string[] {
  const { accounts, organizationId } = hub;
  if (accounts === undefined && organizationId === undefined)
    return [
      'cdk.json engine.hub: nobody is named. Write "accounts" or "organizationId", or leave hub out: it would take nothing.',
    ];
  if (accounts !== undefined && organizationId !== undefined)
    return [
      'cdk.json engine.hub: "accounts" and "organizationId" both say who may forward. Write one: the accounts alone, or the whole organisation.',
    ];
  const own = account === undefined ? -1 : (accounts?.indexOf(account) ?? -1);
  return own === -1
    ? []
    : [
        `cdk.json engine.hub.accounts[${own}]: ${quote(account)} is the hub's own account. Take it out, and name its further Regions in "regions".`,
      ];
}

function checkSpoke(
  hubBusArn: string,
  regions: readonly string[],
  isHub: boolean,
  { account, region }: Home,
): string[] {
  const problems: string[] = [];
  const bus = readBusArn(hubBusArn);
  if (isHub)
    problems.push(
      "cdk.json engine.hub: a spoke cannot be a hub: what others forward to it would need a second hop, and EventBridge " +
        'makes one. Take "hub" out, and have those accounts forward to the hub themselves.',
    );
  if (bus === undefined) return problems;
  if (account === bus.account)
    problems.push(
      `cdk.json engine.spoke.hubBusArn: this is account ${account} itself, the hub. Take "spoke" out here, and name further Regions in "regions".`,
    );
  for (const [place, name] of [
    ["spoke.hubBusArn", region],
    ...regions.map((one, index) => [`regions[${index}]`, one] as const),
  ] as const) {
    if (name === undefined || partitionOf(name) === bus.partition) continue;
    problems.push(
      `cdk.json engine.${place}: ${name} is in partition ${partitionOf(name)} and the hub in ${bus.partition}, and no event crosses between them. Deploy an engine of its own in ${partitionOf(name)}.`,
    );
  }
  return problems;
}

function checkRegions(regions: readonly string[], isSpoke: boolean, { region }: Home): string[] {
  if (region === undefined || isSpoke) return [];
  return regions.flatMap((name, index) => {
    const place = `cdk.json engine.regions[${index}]`;
    if (name === region)
      return [
        `${place}: ${quote(name)} is where the stack itself is. Take it out: name further Regions only.`,
      ];
    if (partitionOf(name) === partitionOf(region)) return [];
    return [
      `${place}: ${quote(name)} is in another partition than ${region}, and no event crosses between them. Deploy an engine of its own there.`,
    ];
  });
}
