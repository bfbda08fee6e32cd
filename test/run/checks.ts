/**
 * All checks of this repository, the quick ones first. None needs the network, an account, git or anything outside of
 * the working tree.
 */
import { type Counts, countExit, countRuleTests, countTests } from "./counts.ts";
import type { Finished } from "./execute-script.ts";

/** One check: a command of an installed package, and how what it leaves behind is counted. */
export type Check = {
  readonly name: string;
  /** The package that brings the command, the command, and its arguments. */
  readonly package: string;
  readonly bin: string;
  readonly args: readonly string[];
  /** Whether its text goes straight to the screen: for a check that takes long. */
  readonly live?: true;
  readonly count: (finished: Finished, report: unknown) => Counts;
  /** The file that holds its report; without one the report is what it prints, when that is JSON. */
  readonly report?: string;
};

const plain = ({ exitCode }: Finished): Counts => countExit(exitCode);
const engine = (...args: string[]): Pick<Check, "package" | "bin" | "args"> => ({
  package: "tsx",
  bin: "tsx",
  args: ["bin/engine.ts", ...args],
});

/**
 * The checks, in the order in which they begin.
 * @param reports the folder for reports, which must be there
 */
export function allChecks(reports: string): readonly Check[] {
  const tests = `${reports}/vitest.json`;
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${tests}`];
  return [
    { name: "types", package: "typescript", bin: "tsc", args: ["--noEmit"], count: plain },
    {
      name: "page types",
      package: "typescript",
      bin: "tsc",
      args: ["--noEmit", "-p", "lib/page/app"],
      count: plain,
    },
    {
      name: "lint",
      package: "oxlint",
      bin: "oxlint",
      args: ["--type-aware", "--deny-warnings"],
      count: plain,
    },
    { name: "format", package: "@biomejs/biome", bin: "biome", args: ["format", "."], count: plain },
    { name: "unused", package: "knip", bin: "knip", args: [], count: plain },
    { name: "schemas", ...engine("schemas", "--check"), count: plain },
    { name: "validate", ...engine("validate"), count: plain },
    { name: "catalogue", ...engine("docs", "--check"), count: plain },
    {
      name: "rules",
      ...engine("test", "--format", "json"),
      count: ({ exitCode }, report) => countRuleTests(report, exitCode),
    },
    {
      name: "vitest",
      package: "vitest",
      bin: "vitest",
      args: ["run", ...reporters],
      live: true,
      report: tests,
      count: ({ exitCode }, report) => countTests(report, exitCode),
    },
  ];
}
