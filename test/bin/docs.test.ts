import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeFolder, ruleFor, runVerb } from "./run-verb.ts";

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = makeFolder(files);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const RULES = { "ec2.amazonaws.com/stopped.yaml": ruleFor("StopInstances", "attack: [T1529]") };

describe("docs", () => {
  it("finds that the catalogue in the repository is what the rules say", async () => {
    const { code, stdout, stderr } = await runVerb(["docs", "--check"]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "",
      stderr: "rules/CATALOGUE.md is what the rules say.\n",
    });
  });

  it("writes the catalogue into the rules folder, which stays a good one", async () => {
    const rules = folderOf(RULES);
    const { code, stderr } = await runVerb(["docs", "--rules", rules]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `${rules}/CATALOGUE.md is written: 1 rule.\n` });
    expect(readFileSync(join(rules, "CATALOGUE.md"), "utf8")).toMatch(/^# Catalogue of the rules\n[^]*\n$/);
    expect((await runVerb(["docs", "--rules", rules, "--check"])).code).toBe(0);
    const { stderr: validated } = await runVerb(["validate", "--rules", rules]);
    expect(validated).toContain("0 errors, 0 warnings");
  });

  it("finds one that has drifted, where, and how to mend it, and leaves it alone", async () => {
    const rules = folderOf(RULES);
    await runVerb(["docs", "--rules", rules]);
    const before = readFileSync(join(rules, "CATALOGUE.md"), "utf8");
    writeFileSync(join(rules, "ec2.amazonaws.com/stopped.yaml"), ruleFor("RebootInstances"));
    const { code, stderr } = await runVerb(["docs", "--rules", rules, "--check"]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `${rules}/CATALOGUE.md:5: From here the catalogue differs from the rules. Run npm run engine -- docs --rules ${rules} and commit what it writes.\n`,
    );
    expect(readFileSync(join(rules, "CATALOGUE.md"), "utf8")).toBe(before);
  });

  it.each([
    ["shorter", (text: string) => text.slice(0, -20)],
    ["longer", (text: string) => `${text}\nmore\n`],
    ["without its last line break", (text: string) => text.trimEnd()],
  ])("finds one that is %s", async (_, change) => {
    const rules = folderOf(RULES);
    await runVerb(["docs", "--rules", rules]);
    const file = join(rules, "CATALOGUE.md");
    writeFileSync(file, change(readFileSync(file, "utf8")));
    const { code, stderr } = await runVerb(["docs", "--rules", rules, "--check"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/CATALOGUE\.md:\d+: From here the catalogue differs from the rules\./);
  });

  it("finds that there is none", async () => {
    const { code, stderr } = await runVerb(["docs", "--rules", folderOf(RULES), "--check"]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "The catalogue cannot be read: there is no such file or folder. Run npm run engine",
    );
  });

  it("says when a folder stands in its place", async () => {
    const rules = folderOf(RULES);
    mkdirSync(join(rules, "CATALOGUE.md"));
    const { code, stderr } = await runVerb(["docs", "--rules", rules]);
    expect(code).toBe(1);
    expect(stderr).toContain('"CATALOGUE.md" is no eventSource.');
  });

  it("writes nothing while a rule file is bad", async () => {
    const rules = folderOf({ ...RULES, "ec2.amazonaws.com/bad.yaml": "severity: huge\n" });
    expect((await runVerb(["docs", "--rules", rules])).code).toBe(1);
    expect(() => readFileSync(join(rules, "CATALOGUE.md"))).toThrow(/ENOENT/);
  });

  it("refuses arguments that it has no use for", async () => {
    expect((await runVerb(["docs", "ec2"])).code).toBe(2);
    expect((await runVerb(["docs", "--rules", "nowhere"])).code).toBe(2);
  });
});
