/**
 * From a folder with cdk.json's configuration and rules to the stack, or to the list of everything that is wrong with
 * them. One bad rule file stops the whole deployment: half a rule set in production looks like a whole one.
 */
import { resolve } from "node:path";
import { Annotations, type App, type Environment } from "aws-cdk-lib";
import { formatProblem } from "../lambda/loader/problem.ts";
import type { RuleSet } from "../lambda/engine/rule.ts";
import { describeTestErrors, errorsOfRules, loadRules } from "../lambda/loader/load-rules.ts";
import { checkRoutes, unknownIds } from "./check-routes.ts";
import { checkLayout, type Home } from "./check-layout.ts";
import { type EngineConfig, readConfig } from "./config.ts";
import { listSecrets } from "./destinations.ts";
import { EngineStack } from "./engine-stack.ts";
import { spokeSchema } from "./layout-schema.ts";
import { STACK_NAME } from "./names.ts";
import { checkOwnRules } from "./own-rules.ts";

/** Configuration or rules that must not be deployed. Its message lists every problem, one a line. */
export class SynthesisError extends Error {
  override readonly name = "SynthesisError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `${problems.join("\n")}\nNothing was synthesised. Mend ${problems.length === 1 ? "this" : `these ${problems.length}`} first.`,
    );
    this.problems = problems;
  }
}

/** Where an app comes from. */
export type EngineAppOptions = {
  /** The folder that `rules` of the configuration is relative to: that of cdk.json. */
  readonly directory: string;
  /** Account and Region to deploy to; without them some checks are left to `engine doctor`. */
  readonly env?: Environment;
  /** Warnings about rules, one a line. */
  readonly warn: (line: string) => void;
};

/** What an app's context and folder say. */
export type EngineApp = {
  readonly config: EngineConfig;
  readonly ruleSet: RuleSet;
  readonly stackName: string;
};

/** Adds the stack to the app, from the app's context `engine` (and `stackName`). Throws a SynthesisError with every problem at once. */
export function addEngineStack(app: App, options: EngineAppOptions): EngineStack {
  return makeEngineStack(app, readEngineApp(app, options), options);
}

/**
 * Reads configuration and rules. Throws a SynthesisError with every problem at once.
 * @param home where the app is deployed to, where the layout is to be checked against it: local runs are nowhere.
 */
export function readEngineApp(app: App, options: EngineAppOptions, home: Home = {}): EngineApp {
  const context: unknown = app.node.tryGetContext("engine");
  const { config: written, problems } = readConfig(context);
  const config = asSpoke(app, written, problems);
  // What is wrong wherever the home is was found by reading the configuration.
  const misplaced = checkLayout(config, home).filter((problem) => !problems.includes(problem));
  problems.push(...misplaced);
  const rulesDirectory = resolve(options.directory, config.rules);
  const loaded = loadRules(rulesDirectory);
  problems.push(...errorsOfRules(loaded.problems).map(formatProblem));
  for (const problem of loaded.problems) {
    if (problem.severity === "warning") options.warn(formatProblem(problem));
  }
  const ofTests = describeTestErrors(loaded.problems);
  if (ofTests !== undefined) options.warn(ofTests);
  if (problems.length === 0 && loaded.ruleSet.rules.length === 0) {
    problems.push(
      `${rulesDirectory}: there is no rule in this folder. Add one, or set "rules" of "engine" in cdk.json.`,
    );
  }
  // Where destinations are wrong, or rules missing, every route would seem to be.
  const routesCanBeJudged =
    !problems.some((problem) => problem.startsWith("cdk.json engine.destinations")) &&
    errorsOfRules(loaded.problems).length === 0;
  const routesAreSound = !problems.some((problem) => problem.startsWith("cdk.json engine.routes"));
  const { rules } = loaded.ruleSet;
  const routes = !routesCanBeJudged
    ? { problems: [], warnings: [] }
    : routesAreSound
      ? checkRoutes(config, rules)
      : { problems: unknownIds(config, rules), warnings: [] };
  problems.push(...routes.problems);
  for (const warning of routes.warnings) options.warn(warning);
  if (problems.length > 0) throw new SynthesisError(problems);
  const chosen: unknown = app.node.tryGetContext("stackName");
  const stackName = typeof chosen === "string" ? chosen : STACK_NAME;
  return { config, ruleSet: loaded.ruleSet, stackName };
}

/** Adds the stack of what was read. */
export function makeEngineStack(
  app: App,
  { config, ruleSet, stackName }: EngineApp,
  options: Pick<EngineAppOptions, "env">,
): EngineStack {
  const stack = new EngineStack(app, stackName, {
    config,
    ruleSet,
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  // The rule that guards them is about Secrets Manager; parameters have none.
  const secrets = Object.keys(listSecrets(config)).filter((reference) => !reference.startsWith("ssm:"));
  for (const [index, warning] of checkOwnRules(ruleSet, stackName, secrets).entries()) {
    Annotations.of(stack).addWarningV2(`cloudtrail-engine:own-rules:${index}`, warning);
  }
  return stack;
}

/**
 * The configuration of a spoke, where the command line says so: `-c hubBusArn=arn:…` has the hub's own cdk.json serve its
 * spokes, with their rules, Regions and canary, and without what only a hub has.
 */
function asSpoke(app: App, config: EngineConfig, problems: string[]): EngineConfig {
  const hubBusArn: unknown = app.node.tryGetContext("hubBusArn");
  if (hubBusArn === undefined) return config;
  const { hub: _, ...rest } = config;
  const spoke = spokeSchema.safeParse({ hubBusArn });
  if (spoke.success) return { ...rest, spoke: spoke.data };
  problems.push(...spoke.error.issues.map(({ message }) => `-c hubBusArn: ${message}`));
  return rest;
}
