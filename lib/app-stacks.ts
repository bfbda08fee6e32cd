/**
 * Which stacks an app has. One Region of one account, the default, is one stack; each further Region is a small one that
 * forwards to it; a spoke has only such.
 *
 *   {}                                         CloudTrailEngine
 *   { regions: ["us-east-1"] } in eu-west-1    CloudTrailEngine, CloudTrailEngine-us-east-1
 *   { spoke: { … }, regions: ["us-east-1"] }   CloudTrailEngine-eu-west-1, CloudTrailEngine-us-east-1
 *
 * Names only, no references between stacks: each is deployed, and taken away, on its own.
 */
import { Annotations, type App, type Stack } from "aws-cdk-lib";
import {
  type EngineApp,
  type EngineAppOptions,
  makeEngineStack,
  readEngineApp,
  SynthesisError,
} from "./engine-app.ts";
import { ForwarderStack } from "./forwarder-stack.ts";
import { defaultBusArn } from "./hub-policy.ts";
import { forwarderName } from "./names.ts";
import { findRegionGaps, regionalSources } from "./regions.ts";

/** Adds all stacks of the app. Throws a SynthesisError with every problem at once. */
export function addStacks(app: App, options: EngineAppOptions): Stack[] {
  const engineApp = readEngineApp(app, options, options.env);
  const { spoke } = engineApp.config;
  return spoke === undefined
    ? addHome(app, engineApp, options)
    : addSpoke(app, engineApp, spoke.hubBusArn, options);
}

function addHome(app: App, engineApp: EngineApp, options: EngineAppOptions): Stack[] {
  const { regions = [] } = engineApp.config;
  requireRegion(regions.length > 0, '"regions" of "engine" in cdk.json', options);
  const engine = makeEngineStack(app, engineApp, options);
  return [
    engine,
    ...regions.map((region) => addForwarder(app, engineApp, region, defaultBusArn(engine), options)),
  ];
}

function addSpoke(app: App, engineApp: EngineApp, busArn: string, options: EngineAppOptions): Stack[] {
  const region = requireRegion(true, "a spoke", options);
  const regions = [...new Set([region, ...(engineApp.config.regions ?? [])])];
  const stacks = regions.map((one) => addForwarder(app, engineApp, one, busArn, options));
  const [first] = stacks;
  if (first !== undefined) {
    for (const { eventSource, severity, message } of findRegionGaps(
      regionalSources(engineApp.ruleSet),
      region,
      regions,
    )) {
      if (severity === "note") Annotations.of(first).addInfo(message);
      else Annotations.of(first).addWarningV2(`cloudtrail-engine:region:${eventSource}`, message);
    }
  }
  return stacks;
}

function addForwarder(
  app: App,
  { config, ruleSet, stackName }: EngineApp,
  region: string,
  busArn: string,
  { env }: EngineAppOptions,
): ForwarderStack {
  return new ForwarderStack(app, forwarderName(stackName, region), {
    config,
    ruleSet,
    engineName: stackName,
    busArn,
    env: { ...(env?.account === undefined ? {} : { account: env.account }), region },
  });
}

function requireRegion(needed: boolean, what: string, { env }: EngineAppOptions): string {
  if (env?.region !== undefined) return env.region;
  if (!needed) return "";
  throw new SynthesisError([
    `The Region is not known, and ${what} needs it: say where to deploy to, with AWS_REGION=eu-west-1 or the Region of AWS_PROFILE.`,
  ]);
}
