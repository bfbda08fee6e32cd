/**
 * From a folder with cdk.json's configuration and rules to the stack, or to the list of everything that is wrong with
 * them. One bad rule file stops the whole deployment: half a rule set in production looks like a whole one.
 */
import { resolve } from "node:path";
import type { App, Environment } from "aws-cdk-lib";
import { formatProblem } from "../lambda/loader/problem.ts";
import { loadRules } from "../lambda/loader/load-rules.ts";
import { checkRoutes } from "./check-routes.ts";
import { readConfig } from "./config.ts";
import { EngineStack } from "./engine-stack.ts";
import { STACK_NAME } from "./names.ts";

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

/** Adds the stack to the app, from the app's context `engine` (and `stackName`). Throws a SynthesisError with every problem at once. */
export function addEngineStack(app: App, options: EngineAppOptions): EngineStack {
  const context: unknown = app.node.tryGetContext("engine");
  const { config, problems } = readConfig(context);
  const rulesDirectory = resolve(options.directory, config.rules);
  const loaded = loadRules(rulesDirectory);
  for (const problem of loaded.problems) {
    if (problem.severity === "error") problems.push(formatProblem(problem));
    else options.warn(formatProblem(problem));
  }
  if (problems.length === 0 && loaded.ruleSet.rules.length === 0) {
    problems.push(
      `${rulesDirectory}: there is no rule in this folder. Add one, or set "rules" of "engine" in cdk.json.`,
    );
  }
  // Where destinations are wrong, or rules missing, every route would seem to be.
  const routesCanBeJudged =
    !problems.some((problem) => problem.startsWith("cdk.json engine.destinations")) &&
    loaded.problems.every(({ severity }) => severity !== "error");
  const routes = routesCanBeJudged
    ? checkRoutes(config, loaded.ruleSet.rules)
    : { problems: [], warnings: [] };
  problems.push(...routes.problems);
  for (const warning of routes.warnings) options.warn(warning);
  if (problems.length > 0) throw new SynthesisError(problems);
  const stackName: unknown = app.node.tryGetContext("stackName");
  return new EngineStack(app, typeof stackName === "string" ? stackName : STACK_NAME, {
    config,
    ruleSet: loaded.ruleSet,
    ...(options.env === undefined ? {} : { env: options.env }),
  });
}
