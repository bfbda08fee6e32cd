/**
 * Builds what the detector runs: one folder with the minified code and the validated rule set beside it. The same
 * function serves the stack, `npm start` and the bench, so that what is tried locally is, byte for byte, what deploys.
 *
 *   bundleDetector(ruleSet, config, directory, eventRules)
 *   // directory: index.mjs  chunk-….mjs (the AWS clients, evaluated only when an alert goes out)
 *   //            rules.json  config.json  event-rules.json
 *
 * esbuild's API is called directly: NodejsFunction would run a child process, and fall back to Docker without esbuild.
 */
import { createRequire, isBuiltin } from "node:module";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync, type Metafile } from "esbuild";
import type { ConfigFile } from "../lambda/config.ts";
import type { EventRule } from "../lambda/engine/event-rules.ts";
import type { RuleSet } from "../lambda/engine/rule.ts";

/** The most code that a cold start may evaluate, in bytes: whoever waits for an alert waits for this first. */
export const MAX_START_BYTES = 340 * 1024;
/**
 * The most code in all, in bytes: each destination's AWS client is loaded when an alert first goes there, and what builds
 * cases, CloudTrail's client among it, in invocations of its own.
 */
export const MAX_BUNDLE_BYTES = 1500 * 1024;

/** What a bundle consists of. */
export type Bundle = {
  readonly directory: string;
  /** Size of all code in bytes; the JSON files beside it are not counted. */
  readonly codeBytes: number;
  /** Size of the code that a cold start evaluates: the entry and what it imports at once. */
  readonly startBytes: number;
  /** Bytes of each file that a cold start evaluates or an alert loads, by file name. */
  readonly files: Readonly<Record<string, number>>;
  /** esbuild's account of what went into which file. */
  readonly metafile: Metafile;
};

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * What the SDK imports lazily for browsers and for the credentials of a developer's machine: 110 KB that no Lambda
 * reaches, since its credentials are in its environment, which the SDK reads first.
 */
const NEVER_IN_LAMBDA = [
  "bowser",
  "@aws-sdk/credential-provider-ini",
  "@aws-sdk/credential-provider-login",
  "@aws-sdk/credential-provider-process",
  "@aws-sdk/credential-provider-sso",
  "@aws-sdk/credential-provider-web-identity",
];

/** Some CommonJS dependencies call `require` for Node's own modules, which ESM does not have. */
const REQUIRE_BANNER =
  'import{createRequire as engineCreateRequire}from"node:module";const require=engineCreateRequire(import.meta.url);';

/**
 * Bundles `lambda/handler.ts` for Node 24 into `directory` and writes rules, configuration and the EventBridge rules beside it: a
 * case shows which of them let its record through. jq is there if a rule has an expression, or rules are `live`: those that are published later may have some. Equal sources and contents give equal bytes. Throws when the code does not bundle or outgrows one of its limits.
 */
export function bundleDetector(
  ruleSet: RuleSet,
  config: ConfigFile,
  directory: string,
  eventRules: readonly EventRule[] = [],
  live = false,
): Bundle {
  mkdirSync(directory, { recursive: true });
  const metafile = bundleEntry("lambda/handler.ts", directory);
  if (live || ruleSet.rules.some(({ jq }) => jq !== undefined)) bundleJq(directory);
  writeFileSync(join(directory, "rules.json"), JSON.stringify(ruleSet));
  writeFileSync(join(directory, "config.json"), JSON.stringify(config));
  writeFileSync(join(directory, "event-rules.json"), JSON.stringify(eventRules));
  const files: Record<string, number> = {};
  for (const [path, { bytes }] of Object.entries(metafile.outputs))
    files[path.slice(path.lastIndexOf("/") + 1)] = bytes;
  const codeBytes = Object.values(files).reduce((sum, bytes) => sum + bytes, 0);
  const startBytes = startFiles(metafile).reduce(
    (sum, path) => sum + (metafile.outputs[path]?.bytes ?? 0),
    0,
  );
  refuseAbove(startBytes, MAX_START_BYTES, "that a cold start evaluates");
  refuseAbove(codeBytes, MAX_BUNDLE_BYTES, "in all");
  return { directory, codeBytes, startBytes, files, metafile };
}

/** Bundles one entry of `lambda/` for Node 24 into `directory`, as `index.mjs` with its chunks. Throws when it does not bundle. */
export function bundleEntry(entry: string, directory: string): Metafile {
  const { metafile } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: { index: entry },
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    chunkNames: "chunk-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    external: NEVER_IN_LAMBDA,
    minify: true,
    legalComments: "none",
    banner: { js: REQUIRE_BANNER },
    metafile: true,
    logLevel: "warning",
  });
  refuseStaticExternals(metafile);
  return metafile;
}

/** Writes the thread that runs jq, and jq, which is read from the folder `build` beside it: 1 MB that only jq rules need. */
export function bundleJq(directory: string): void {
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: { "jq-worker": "lambda/jq/jq-worker.mjs" },
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    minify: true,
    legalComments: "none",
    logLevel: "warning",
  });
  mkdirSync(join(directory, "build"), { recursive: true });
  const wasm = createRequire(import.meta.url).resolve("jq-wasm/jq.wasm");
  copyFileSync(wasm, join(directory, "build", "jq.wasm"));
}

function refuseAbove(bytes: number, limit: number, which: string): void {
  if (bytes <= limit) return;
  throw new Error(
    `The detector's code ${which} is ${bytes} bytes, more than the ${limit} that keep its cold start short. ` +
      "See what grew with `npm run bench`, and import large packages lazily or not at all.",
  );
}

/** The files of the bundle that are evaluated before the first record: all that the entry imports, not lazily. */
export function startFiles({ outputs }: Metafile): string[] {
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    for (const { path: next, kind, external } of outputs[path]?.imports ?? [])
      if (kind !== "dynamic-import" && external !== true) visit(next);
  };
  for (const path of Object.keys(outputs)) if (path.endsWith("index.mjs")) visit(path);
  return [...found];
}

/** A package left out may only be imported lazily: a static import of it would fail every cold start. */
function refuseStaticExternals(metafile: Metafile): void {
  const external = Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ path, kind, external: out }) => out === true && kind !== "dynamic-import" && !isBuiltin(path))
    .map(({ path }) => path);
  if (external.length > 0) {
    throw new Error(
      `A Lambda imports ${[...new Set(external)].join(", ")} when it starts, but lib/bundle.ts leaves it out. Take it off NEVER_IN_LAMBDA.`,
    );
  }
}
