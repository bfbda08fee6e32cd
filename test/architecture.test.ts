import { globSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";

/** Imports run one way, bin → lib → lambda, and the engine is pure. These tests read the imports of every module. */

const root = join(import.meta.dirname, "..");
const FOLDERS = ["bin", "lib", "lambda", "test"];
const MAX_LINES = 300;

type Import = { readonly from: string; readonly to: string; readonly typeOnly: boolean };
type Module = { readonly path: string; readonly lines: number; readonly imports: readonly Import[] };

/** Static and dynamic imports and re-exports. Only `import type` and `export type` leave nothing behind at runtime. */
const IMPORT = /^\s*(import|export)(\s+type)?\b(?:[^;"']*?\bfrom)?\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;

function readModule(path: string): Module {
  const source = readFileSync(join(root, path), "utf8");
  // Examples in comments import nothing.
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const imports = [...code.matchAll(IMPORT)].map((match) => ({
    from: path,
    to: resolveImport(path, match[3] ?? match[4] ?? ""),
    typeOnly: match[2] !== undefined,
  }));
  return { path, lines: source.split("\n").length - 1, imports };
}

/** A path from the root for our own modules, the name as it stands for all others. */
function resolveImport(from: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return relative(root, join(root, from, "..", specifier))
    .split(sep)
    .join("/");
}

const modules = new Map(
  FOLDERS.flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root }))
    .map((path) => path.split(sep).join("/"))
    .map((path) => [path, readModule(path)] as const),
);
const all = [...modules.values()];
const below = (folder: string): Module[] => all.filter(({ path }) => path.startsWith(folder));
const shown = (imports: readonly Import[]): string[] =>
  imports.map(({ from, to }) => `${from} imports ${to}`);

/** The modules that running one loads, sooner or later, and what they import from packages. */
function reachable(start: string): { modules: Set<string>; packages: Import[] } {
  const seen = new Set<string>();
  const packages: Import[] = [];
  const waiting = [start];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const one of modules.get(path)?.imports ?? []) {
      if (one.typeOnly) continue;
      if (modules.has(one.to)) waiting.push(one.to);
      else packages.push(one);
    }
  }
  return { modules: seen, packages };
}

describe("the reading of imports", () => {
  it("sees every kind of import, and that types are none", () => {
    const imports = [...modules.values()].flatMap((module) => module.imports);
    expect(imports.length).toBeGreaterThan(100);
    const dispatch = modules.get("bin/dispatch.ts")?.imports ?? [];
    expect(dispatch.map(({ to }) => to)).toEqual(
      expect.arrayContaining(["lambda/words/nearest.ts", "bin/commands/replay.ts", "bin/command.ts"]),
    );
    const rule = modules.get("lambda/engine/rule.ts")?.imports ?? [];
    expect(rule.find(({ to }) => to === "zod")).toMatchObject({ typeOnly: true });
  });

  it("finds a module behind every import of our own", () => {
    const ours = all
      .flatMap(({ imports }) => imports)
      .filter(({ to }) => /^(bin|lib|lambda|test)\/.*\.ts$/.test(to));
    expect(ours.length).toBeGreaterThan(50);
    expect(shown(ours.filter(({ to }) => !modules.has(to)))).toEqual([]);
  });
});

describe("architecture", () => {
  it("imports run one way: bin → lib → lambda, and never to the tests", () => {
    const forbidden: Record<string, RegExp> = {
      "lambda/": /^(bin|lib|test)\//,
      "lib/": /^(bin|test)\//,
      "bin/": /^test\//,
    };
    for (const [folder, pattern] of Object.entries(forbidden)) {
      const wrong = below(folder).flatMap(({ imports }) => imports.filter(({ to }) => pattern.test(to)));
      expect(shown(wrong)).toEqual([]);
    }
  });

  it("the engine is pure: no file system, network, AWS or clock", () => {
    const impure =
      /^(node:|@aws-sdk\/|@smithy\/|aws-|fs|http|https|net|dns|crypto|child_process|worker_threads)/;
    const engine = below("lambda/engine/");
    expect(engine.length).toBeGreaterThan(10);
    const wrong = engine.flatMap(({ imports }) => imports.filter(({ to }) => impure.test(to)));
    expect(shown(wrong)).toEqual([]);
    const clocks = engine.filter(({ path }) =>
      /\b(Date\.now|new Date\(\)|performance\.now|process\.|fetch\(|setTimeout|Math\.random)/.test(
        readFileSync(join(root, path), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ""),
      ),
    );
    expect(clocks.map(({ path }) => path)).toEqual([]);
  });

  it("what the engine imports of ours is as pure as the engine", () => {
    const wrong = below("lambda/engine/").flatMap(({ path }) =>
      reachable(path).packages.filter(({ to }) => /^(node:|@aws-sdk\/)/.test(to)),
    );
    expect(shown(wrong)).toEqual([]);
  });

  it("the Lambda never loads zod, yaml, the CDK or the loader", () => {
    const { modules: loaded, packages } = reachable("lambda/handler.ts");
    expect(loaded.size).toBeGreaterThan(10);
    expect(shown(packages.filter(({ to }) => /^(zod|yaml|aws-cdk-lib|constructs)(\/|$)/.test(to)))).toEqual(
      [],
    );
    expect([...loaded].filter((path) => path.startsWith("lambda/loader/"))).toEqual([]);
  });

  it("only one module of each kind of Lambda reads the environment", () => {
    const readers = below("lambda/").filter(({ path }) =>
      /\bprocess\.env\b/.test(
        readFileSync(join(root, path), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ""),
      ),
    );
    expect(readers.map(({ path }) => path).toSorted()).toEqual([
      "lambda/api/api-config.ts",
      "lambda/config.ts",
      "lambda/lists/handler.ts",
    ]);
  });

  it(`no module is longer than ${MAX_LINES} lines`, () => {
    const long = all
      .filter(({ lines }) => lines > MAX_LINES)
      .map(({ path, lines }) => `${path}: ${lines} lines`);
    expect(long).toEqual([]);
  });
});
