/**
 * Synthesises the app in process, as `cdk synth` does: same configuration, same rules, same bundle. Nothing of AWS is
 * asked. The one thing added are the destinations that the local run is to show, where none of their kind is configured.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { App } from "aws-cdk-lib";
import { addEngineStack } from "../engine-app.ts";
import { LOCAL_DESTINATIONS } from "./media.ts";
import { readTemplate, resolveText } from "./template.ts";
import type { LocalValues, Template } from "./template.ts";

/** What synthesis made. */
export type Synthesised = {
  readonly stackName: string;
  readonly template: Template;
  /** Folders of the assets, by the name that the template gives the file. */
  readonly assets: ReadonlyMap<string, string>;
  /** The folder with the rules. */
  readonly rules: string;
  /** How many of the rules are staged. */
  readonly stagedRules: number;
  /** The stack's outputs by name. */
  outputs(values: LocalValues): Readonly<Record<string, string>>;
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
  /** Names of LOCAL_DESTINATIONS. */
  readonly destinations: readonly string[];
  warn(line: string): void;
};

type JsonObject = Record<string, unknown>;

/** Where rules are unless the configuration says otherwise. */
const DEFAULT_RULES = "rules";

/** Synthesises. Throws SynthesisError with everything that is wrong with the configuration or the rules. */
export function synthesise(options: SynthesisOptions): Synthesised {
  const { directory, outdir, account, region } = options;
  const context = readContext(options);
  const app = new App({ outdir, context, analyticsReporting: false });
  const stack = addEngineStack(app, {
    directory,
    env: { account, region },
    warn: (line) => options.warn(line),
  });
  const { rules } = asObject(context["engine"]);
  const artifact = app.synth().getStackByName(stack.stackName);
  return {
    stackName: stack.stackName,
    template: readTemplate(artifact.template),
    assets: readAssets(outdir, artifact.id),
    rules: resolve(directory, typeof rules === "string" ? rules : DEFAULT_RULES),
    stagedRules: stack.stagedRules,
    outputs: (values) => readOutputs(artifact.template, values),
  };
}

/** The context of cdk.json, with what the local run adds to it. */
function readContext({ directory, rules, destinations }: SynthesisOptions): JsonObject {
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
  // There is no bucket with versions on this machine: the local run shows the rules of the folder.
  const { liveRules: _, ...local } = engine;
  const configured = engine["destinations"] ?? {};
  return {
    ...context,
    engine: {
      ...local,
      ...(isObject(configured) ? { destinations: withLocal(configured, destinations) } : {}),
      ...(rules === undefined ? {} : { rules: resolve(rules) }),
    },
  };
}

/** The configured destinations, and those asked for that are not like one of them. */
function withLocal(configured: JsonObject, wanted: readonly string[]): JsonObject {
  const known = new Set(Object.values(configured).map((one) => kind(one)));
  const added = wanted.flatMap((name): [string, unknown][] => {
    const settings = LOCAL_DESTINATIONS[name];
    return settings === undefined || known.has(kind(settings)) ? [] : [[name, settings]];
  });
  return { ...configured, ...Object.fromEntries(added) };
}

/** What two destinations have in common that one stand-in shows as well as the other. */
function kind(settings: unknown): string {
  const { type, api } = asObject(settings);
  return `${String(type)} ${String(api)}`;
}

/** The outputs that the local run can resolve; the others name what exists only on AWS. */
function readOutputs(template: unknown, values: LocalValues): Record<string, string> {
  const outputs = Object.entries(asObject(asObject(template)["Outputs"]));
  return Object.fromEntries(
    outputs.flatMap(([name, output]): [string, string][] => {
      try {
        return [[name, resolveText(asObject(output)["Value"], values, `Outputs.${name}`)]];
      } catch {
        return [];
      }
    }),
  );
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
