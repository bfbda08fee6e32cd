/** Bundles what is measured with the detector's settings, so that the bench runs the code that deploys. */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import type * as Subjects from "./subjects.ts";

const ENTRY = fileURLToPath(new URL("subjects.ts", import.meta.url));
const REQUIRE =
  'import{createRequire as benchRequire}from"node:module";const require=benchRequire(import.meta.url);';

/** Bundles into `directory` and gives what the bundle exports. */
export async function loadSubjects(directory: string): Promise<typeof Subjects> {
  const outfile = join(directory, "subjects.mjs");
  buildSync({
    entryPoints: [ENTRY],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    minify: true,
    banner: { js: REQUIRE },
    logLevel: "warning",
  });
  return (await import(pathToFileURL(outfile).href)) as typeof Subjects;
}
