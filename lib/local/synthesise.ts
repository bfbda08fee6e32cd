/**
 * Synthesises the app in process, as `cdk synth` does: same configuration, same rules, same bundle. Nothing of AWS is
 * asked. The one thing added is a Datadog destination when none is configured, so that the local run shows both ways
 * that an alert can take.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { App } from "aws-cdk-lib";
import { addEngineStack } from "../engine-app.ts";
import { readTemplate } from "./template.ts";
import type { Template } from "./template.ts";

/** The destination that is added: its key comes from the stand-in for Secrets Manager. */
const DATADOG = { type: "datadog", site: "datadoghq.com", secret: "local/datadog-api-key" };

/** What synthesis made. */
export type Synthesised = {
  readonly stackName: string;
  readonly template: Template;
  /** Folders of the assets, by the name that the template gives the file. */
  readonly assets: ReadonlyMap<string, string>;
  /** How many of the rules are staged. */
  readonly stagedRules: number;
};

/** How to synthesise. */
export type SynthesisOptions = {
  /** The folder with cdk.json. */
  readonly directory: string;
  /** Where the cloud assembly goes. */
  readonly outdir: string;
  readonly account: string;
  readonly region: string;
  /** Folder of rules, instead of the configured one. */
  readonly rules?: string | undefined;
  warn(line: string): void;
};

type JsonObject = Record<string, unknown>;

/** Synthesises. Throws SynthesisError with everything that is wrong with the configuration or the rules. */
export function synthesise(options: SynthesisOptions): Synthesised {
  const { directory, outdir, account, region } = options;
  const app = new App({ outdir, context: readContext(options), analyticsReporting: false });
  const stack = addEngineStack(app, {
    directory,
    env: { account, region },
    warn: (line) => options.warn(line),
  });
  const artifact = app.synth().getStackByName(stack.stackName);
  return {
    stackName: stack.stackName,
    template: readTemplate(artifact.template),
    assets: readAssets(outdir, artifact.id),
    stagedRules: stack.stagedRules,
  };
}

/** The context of cdk.json, with what the local run adds to it. */
function readContext({ directory, rules }: SynthesisOptions): JsonObject {
  const file = join(directory, "cdk.json");
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const context = asObject(asObject(parsed)["context"]);
  const engine = context["engine"] ?? {};
  // What is no object is left as it is: reading the configuration says what is wrong with it.
  if (!isObject(engine)) return context;
  const destinations = engine["destinations"] ?? {};
  const withDatadog =
    isObject(destinations) && !Object.values(destinations).some((one) => asObject(one)["type"] === "datadog");
  return {
    ...context,
    engine: {
      ...engine,
      ...(withDatadog ? { destinations: { ...destinations, datadog: DATADOG } } : {}),
      ...(rules === undefined ? {} : { rules: resolve(rules) }),
    },
  };
}

/** The manifest of a stack's assets tells the folder of each file that is uploaded. */
function readAssets(outdir: string, artifactId: string): Map<string, string> {
  const manifest: unknown = JSON.parse(readFileSync(join(outdir, `${artifactId}.assets.json`), "utf8"));
  const folders = new Map<string, string>();
  for (const file of Object.values(asObject(asObject(manifest)["files"]))) {
    const { source, destinations } = asObject(file);
    const path = asObject(source)["path"];
    for (const destination of Object.values(asObject(destinations))) {
      const key = asObject(destination)["objectKey"];
      if (typeof key === "string" && typeof path === "string") folders.set(key, join(outdir, path));
    }
  }
  return folders;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
