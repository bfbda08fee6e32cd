/**
 * The guide, `rules/README.md`, followed as a new user would: its commands exist and print what it says, its files are
 * good and their tests pass beside the shipped rules, its tables are complete.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VERBS } from "../bin/dispatch.ts";
import { FACT_DESCRIPTIONS } from "../lambda/engine/fact-descriptions.ts";
import { DECORATORS } from "../lambda/engine/operator-name.ts";
import { OPERATORS } from "../lambda/engine/operators.ts";
import { formatProblem, loadRules } from "../lambda/loader/load-rules.ts";
import { formatFailure } from "../lib/rule-tests/format.ts";
import { runRuleTests } from "../lib/rule-tests/run-tests.ts";
import { runVerb } from "./bin/run-verb.ts";

const guide = readFileSync("rules/README.md", "utf8");
const ID = "ec2.amazonaws.com/termination-protection-off";

/** Files that the guide shows, by their path below `rules/`. */
const files = new Map(
  [...guide.matchAll(/^```yaml\n# rules\/(\S+)\n(.*?)^```$/gms)].map(
    ([, path = "", text = ""]) => [path, text] as const,
  ),
);
const commands = guide.match(/(?<=npm run engine -- )[^`\n]+/g) ?? [];

/** The rows of the tables between two headings: the words in back quotes in the first column. */
function rows(heading: string): string[][] {
  const section = guide.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const first = [...section.matchAll(/^\| (`[^|]+`) \|/gm)].map(([, cell = ""]) => cell);
  return first.map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word));
}

/** What a command of the guide prints there, without the lines left out. */
function shown(command: string): string[] {
  const block = guide.split(`$ npm run engine -- ${command}`)[1]?.split("```")[0] ?? "";
  return block
    .split("\n")
    .slice(1)
    .filter((line) => line !== "" && line !== "…");
}

const folders: string[] = [];
/** The shipped rules, and nothing of the guide's. */
function shippedRules(): string {
  const dir = mkdtempSync(join(tmpdir(), "engine-guide-"));
  folders.push(dir);
  cpSync("rules", dir, { recursive: true });
  return dir;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describe("the first rule", () => {
  let dir = "";
  const run = async (command: string): Promise<string> => {
    const { stdout, stderr } = await runVerb([...command.split(" "), "--rules", dir]);
    return (stdout + stderr).replaceAll(`${dir}/`, "rules/");
  };
  const scaffold = commands.find((command) => command.startsWith("new ")) ?? "";
  beforeAll(() => {
    dir = shippedRules();
  });

  it("is scaffolded as the guide shows", async () => {
    const printed = await run(scaffold);
    expect(shown(scaffold).length).toBeGreaterThan(3);
    for (const line of shown(scaffold)) expect(printed).toContain(`${line}\n`);
  });

  it("fails its test as the guide shows, after the edit that the guide tells", async () => {
    const line = /^ {4}- \{ fact: requestParameters.disableApiTermination.value.*$/m.exec(guide)?.[0] ?? "";
    const path = join(dir, `${ID}.yaml`);
    const offered = line.replace("- {", "# - {").replace("false", "true");
    const scaffolded = readFileSync(path, "utf8");
    expect(scaffolded).toContain(offered);
    writeFileSync(path, scaffolded.replace(offered, line));
    expect((await run(`test ${ID}`)).trimEnd().split("\n")).toEqual(shown(`test ${ID}`));
  });

  it("is told by explain why the shipped record does not fire it", async () => {
    const command = commands.find((one) => one.startsWith("explain ")) ?? "";
    expect(await run(command)).toContain("would hold if it is false");
  });
});

it("the README does not promise more rules than there are, nor far fewer", () => {
  const promised = Number(/More than (\d+) rules are there/.exec(readFileSync("README.md", "utf8"))?.[1]);
  const { length } = loadRules("rules").ruleSet.rules;
  expect(length).toBeGreaterThan(promised);
  expect(length).toBeLessThan(promised * 1.5);
});

describe("switching a shipped rule off as the guide says", () => {
  const dir = shippedRules();
  const id = "_global/root-used";
  const path = join(dir, `${id}.yaml`);

  it("by the line that it names, breaks no test", async () => {
    expect(guide).toContain("**Switching a shipped rule off** is the same line: `mode: staged`.");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, `${text}mode: staged\n`);
    const loaded = loadRules(dir);
    const only = new Set([id, "iam.amazonaws.com/user-created"]);
    expect(await runRuleTests(loaded, { dir, only })).toMatchObject({ failed: 0, problems: [] });
  });

  it("by deleting it, breaks tests that name it, and no rule", () => {
    rmSync(path);
    rmSync(join(dir, `${id}.test.yaml`));
    const { problems } = loadRules(dir);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.filter(({ scope }) => scope !== "test")).toEqual([]);
  });
});

describe("the files that the guide shows", () => {
  const dir = shippedRules();
  for (const [path, text] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  const loaded = loadRules(dir);

  it("are of every kind there is", () => {
    const kinds = [...files.keys()].map((path) => (path.includes(".test.") ? "test" : path.split("/")[0]));
    expect(kinds).toEqual(
      expect.arrayContaining([
        "test",
        "ec2.amazonaws.com",
        "_global",
        "_conditions",
        "_lists",
        "_suppressions",
      ]),
    );
  });

  it("have no problem beside the shipped rules", () => {
    expect(loaded.problems.map(formatProblem)).toEqual([]);
  });

  it("have tests that pass beside the shipped rules", async () => {
    const only = new Set(
      [...files.keys()]
        .filter((path) => path.includes(".test."))
        .map((path) => path.split(".test.")[0] ?? ""),
    );
    const report = await runRuleTests(loaded, { dir, only });
    expect(report.cases.filter(({ ok }) => !ok).map(formatFailure)).toEqual([]);
    expect(report.passed).toBeGreaterThanOrEqual(5);
  });
});

describe("the guide", () => {
  it("has every operator and decorator in its tables, and no other", () => {
    const words = rows("Operators").flat();
    const decorators = words.filter((word) => word.endsWith(":")).map((word) => word.slice(0, -1));
    const operators = words.filter((word) => !word.endsWith(":"));
    expect(operators.toSorted()).toEqual(Object.keys(OPERATORS).toSorted());
    expect(decorators.toSorted()).toEqual(Object.keys(DECORATORS).toSorted());
  });

  it("names derived facts that there are", () => {
    const facts = rows("Facts").flat();
    expect(facts.length).toBeGreaterThan(8);
    expect(facts.filter((fact) => !Object.hasOwn(FACT_DESCRIPTIONS, fact))).toEqual([]);
  });

  it("has only commands that there are, with options that their help names", async () => {
    expect(commands.length).toBeGreaterThan(6);
    for (const command of commands) {
      const [verb = "", ...rest] = command.split(" ");
      expect(Object.keys(VERBS)).toContain(verb);
      const { stdout } = await runVerb([verb, "--help"]);
      for (const option of rest.filter((word) => word.startsWith("--"))) expect(stdout).toContain(option);
    }
  });

  it("has a heading or a file behind every link", () => {
    const anchors = new Set(
      [...guide.matchAll(/^## (.+)$/gm)].map(
        ([, heading = ""]) =>
          `#${heading
            .toLowerCase()
            .replace(/[^a-z0-9 -]/g, "")
            .replaceAll(" ", "-")}`,
      ),
    );
    const links = [...guide.matchAll(/\]\(([^)]+)\)/g)].map(([, link = ""]) => link);
    expect(links.filter((link) => !anchors.has(link) && !existsSync(join("rules", link)))).toEqual([]);
  });
});
