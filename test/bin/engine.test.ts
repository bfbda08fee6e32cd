import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { UsageError } from "../../bin/command.ts";
import { command } from "../../bin/commands/patterns.ts";
import { VERBS } from "../../bin/dispatch.ts";
import { oneOf, positiveInteger, readOptions, someOf } from "../../bin/options.ts";
import { runVerb } from "./run-verb.ts";

const root = join(import.meta.dirname, "../..");

describe("finding the verb", () => {
  it("lists every verb that there is a file for, each with its summary", async () => {
    const files = readdirSync(join(root, "bin/commands")).map((name) => name.replace(/\.ts$/, ""));
    expect(Object.keys(VERBS).toSorted()).toEqual(files.toSorted());
    const { code, stdout } = await runVerb(["--help"]);
    expect(code).toBe(0);
    for (const [verb, { summary }] of Object.entries(VERBS)) {
      expect(stdout).toMatch(new RegExp(`^  ${verb} +`, "m"));
      expect(stdout).toContain(summary);
    }
  });

  it.each(Object.keys(VERBS))("%s has a summary and --help with its usage", async (verb) => {
    const { code, stdout, stderr } = await runVerb([verb, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(verb);
    expect(stdout).toMatch(/usage/i);
    const examples = stdout.split(/^Examples?:\n/m)[1] ?? "";
    expect(examples).toMatch(/^ .*(?:npm run (?:--silent )?engine --|npm start)/m);
    expect((await VERBS[verb]?.load())?.command.summary).toBeTruthy();
  });

  it("shows the list and exits 2 without a verb", async () => {
    const { code, stdout, stderr } = await runVerb([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("replay");
  });

  it("names the nearest verb for an unknown one and exits 2", async () => {
    const { code, stderr } = await runVerb(["repaly", "x"]);
    expect(code).toBe(2);
    expect(stderr).toContain('No verb "repaly". Did you mean "replay"?');
  });

  it("takes no verb from a prototype and shows hostile ones harmlessly", async () => {
    expect((await runVerb(["constructor"])).code).toBe(2);
    expect((await runVerb(["\u001b[2J"])).stderr).not.toContain("\u001b");
  });
});

describe("every verb", () => {
  it.each(Object.keys(VERBS))("%s takes --rules and --format", async (verb) => {
    const { stderr } = await runVerb([verb, "--rules", "test/fixtures/rules-bad", "--format", "nonsense"]);
    expect(stderr).toMatch(/--format takes text, \w+/);
  });

  it("shows data in examples without npm's own lines", async () => {
    const helps = await Promise.all(
      Object.values(VERBS).map(async (verb) => (await verb.load()).command.help),
    );
    const docs = [
      "README.md",
      "docs/command-line.md",
      "docs/local-run.md",
      "rules/README.md",
      "docs/doctor.md",
    ];
    const texts = [...helps, ...docs.map((file) => readFileSync(join(root, file), "utf8"))];
    const piped = texts.flatMap(
      (page) => page.match(/^.*(?:npm start --|npm run).*[^-]( \| | > ).*$/gm) ?? [],
    );
    expect(piped.length).toBeGreaterThanOrEqual(6);
    expect(
      piped.filter(
        (line) => /npm run engine|npm start/.test(line) && !/^(?:\||Usage:| {7}npm run)/.test(line),
      ),
    ).toEqual([]);
  });

  it("tells its version", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(await runVerb(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe("errors", () => {
  it("of use are advice and exit 2", async () => {
    const { code, stderr } = await runVerb(["patterns", "--formt", "json"]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'patterns: No option "--formt". Did you mean "format"?\nSee: npm run engine -- patterns --help\n',
    );
  });

  it("nobody expected are one line and exit 1, with the stack only for --debug", async () => {
    vi.spyOn(command, "run").mockRejectedValue(new TypeError("it \u001b broke"));
    const quiet = await runVerb(["patterns"]);
    expect(quiet.code).toBe(1);
    expect(quiet.stderr).toBe(
      "patterns: it \\u001b broke\nFor the stack: npm run engine -- --debug patterns …\n",
    );
    const loud = await runVerb(["--debug", "patterns"]);
    expect(loud.stderr).toContain("engine.test.ts");
    vi.restoreAllMocks();
  });
});

describe("options", () => {
  it("that Node complains of in several lines are one", () => {
    expect(() => readOptions(["--compare", "-x"], { compare: { type: "string" } })).toThrow(
      /^Option '--compare' argument is ambiguous\. Did you forget [^\n]*'--compare=-XYZ'\.$/,
    );
  });

  it("are parsed with their types", () => {
    const { values, positionals } = readOptions(["a", "--all", "--n=3", "--", "-b"], {
      all: { type: "boolean" },
      n: { type: "string" },
    });
    expect(values).toEqual({ all: true, n: "3" });
    expect(positionals).toEqual(["a", "-b"]);
    expect(positiveInteger("n", values.n)).toBe(3);
    expect(someOf("include", "staged, suppressed", ["suppressed", "staged"])).toEqual([
      "staged",
      "suppressed",
    ]);
  });

  it("that are wrong say what would be right", () => {
    expect(() => readOptions(["--n"], { n: { type: "string" } })).toThrow(UsageError);
    expect(() => oneOf("format", "jsn", ["text", "json"])).toThrow(
      '--format takes text, json, not "jsn". Did you mean "json"?',
    );
    for (const value of ["0", "-1", "1.5", "x", "", "9".repeat(30)]) {
      expect(() => positiveInteger("budget", value)).toThrow(/^--budget takes a whole number of at least 1/);
    }
  });
});

describe("the process", () => {
  it("ends quietly when the reader of stdout goes away", async () => {
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "bin/engine.ts", "patterns", "--format", "json"],
      {
        cwd: root,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += String(chunk);
    });
    const code = await new Promise((resolve) => {
      child.on("close", resolve);
    });
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/EPIPE|\bat /);
  });

  it("is what npm run engine starts", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    expect(scripts.engine).toContain("bin/engine.ts");
  });
});
