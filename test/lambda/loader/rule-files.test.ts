import { once } from "node:events";
import { mkdirSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { formatProblem, loadRules } from "../../../lambda/loader/load-rules.ts";
import { load, rulesDir } from "./rules-dir.ts";

const GOOD =
  "name: Good\nseverity: low\nconditions: { all: [{ fact: eventName, operator: equal, value: A }] }\n";

describe("a rules folder", () => {
  it("holds rules by eventSource, global rules, shared conditions, tests, schemas, a README and the catalogue", () => {
    const { lines, ruleSet, tests } = load({
      "README.md": "",
      "CATALOGUE.md": "",
      "rule.schema.json": "{}",
      "_global/everywhere.yaml": GOOD,
      "ec2.amazonaws.com/.DS_Store": "",
      "ec2.amazonaws.com/README.md": "",
      "ec2.amazonaws.com/b.yml": GOOD,
      "ec2.amazonaws.com/a.yaml": GOOD,
      "ec2.amazonaws.com/a.test.yaml": "cases:\n  - { name: quiet, fires: [] }\n",
      "runtime.lex.amazonaws.com/c.yaml": GOOD,
    });
    expect(lines).toEqual([]);
    expect(ruleSet.rules.map(({ id, eventSource }) => [id, eventSource])).toEqual([
      ["_global/everywhere", null],
      ["ec2.amazonaws.com/a", "ec2.amazonaws.com"],
      ["ec2.amazonaws.com/b", "ec2.amazonaws.com"],
      ["runtime.lex.amazonaws.com/c", "runtime.lex.amazonaws.com"],
    ]);
    expect(tests.map(({ ruleId }) => ruleId)).toEqual(["ec2.amazonaws.com/a"]);
  });

  it("that is not there, or is a file, is one problem", () => {
    const dir = rulesDir({ file: "" });
    expect(loadRules(join(dir, "nowhere")).problems.map(formatProblem)).toEqual([
      `${dir}/nowhere:1:1 The folder cannot be read: there is no such file or folder. Check the path and its permissions.`,
    ]);
    expect(loadRules(join(dir, "file")).problems.map(formatProblem)).toEqual([
      `${dir}/file:1:1 The folder cannot be read: it is a file, not a folder. Check the path and its permissions.`,
    ]);
  });
});

describe("a folder that is no eventSource", () => {
  it.each([
    ["ec2", "Rename the folder to ec2.amazonaws.com."],
    ["EC2.amazonaws.com", "Rename the folder to ec2.amazonaws.com."],
    ["iam.aws.com", "Rename the folder to iam.amazonaws.com."],
    ["cloudwatch", "Rename the folder to monitoring.amazonaws.com."],
    ["secrets-manager", "Rename the folder to secretsmanager.amazonaws.com."],
    ["dynamo-db", "Rename the folder to dynamodb.amazonaws.com."],
    ["mine", "Rename the folder to mine.amazonaws.com."],
    ["constructor", "Name the folder as CloudTrail writes the eventSource, e.g. ec2.amazonaws.com."],
    ["frobnicate", "Name the folder as CloudTrail writes the eventSource, e.g. ec2.amazonaws.com."],
    ["_globals", 'Did you mean "_global"?'],
    ["_secrets", "Folders with an underscore are _global, _conditions, _lists and _suppressions."],
  ])("%s is refused with the name that was meant", (folder, cure) => {
    const { lines, ruleSet } = load({ [`${folder}/x.yaml`]: GOOD, "mine.amazonaws.com/y.yaml": GOOD });
    expect(lines).toEqual([`${folder}:1:1 "${folder}" is no eventSource. ${cure}`]);
    expect(ruleSet.rules.map(({ id }) => id)).toEqual(["mine.amazonaws.com/y"]);
  });

  it("hides no problem of the files in it", () => {
    expect(load({ "ec2/x.yaml": GOOD.replace("low", "lwo") }).lines).toEqual([
      expect.stringContaining('"ec2" is no eventSource.'),
      'ec2/x.yaml:2:11 severity: "lwo" is none of info, low, medium, high, critical. Did you mean "low"?',
    ]);
  });

  it("is doubted when it is the name that people, but not CloudTrail, use", () => {
    const { lines, ruleSet } = load({ "cloudwatch.amazonaws.com/x.yaml": GOOD });
    expect(lines).toEqual([
      "cloudwatch.amazonaws.com:1:1 warning: CloudTrail writes monitoring.amazonaws.com, not cloudwatch.amazonaws.com: rules here would never be tried. Rename the folder to monitoring.amazonaws.com.",
    ]);
    expect(ruleSet.rules).toHaveLength(1);
  });
});

describe("a file with no business where it is", () => {
  it.each([
    [
      "notes.yaml",
      "notes.yaml:1:1 This file lies beside the folders of rules. Move it into the folder of its eventSource, e.g. ec2.amazonaws.com/.",
    ],
    [
      "ec2.amazonaws.com/notes.txt",
      'ec2.amazonaws.com/notes.txt:1:1 "notes.txt" is no rule: rules end in .yaml, .yml or .json. Rename it, or move it out of the rules folder.',
    ],
    [
      "ec2.amazonaws.com/sub/x.yaml",
      "ec2.amazonaws.com/sub:1:1 Rules lie directly in the folder of their eventSource, not in folders below it. Move its files up.",
    ],
    [
      "ec2.amazonaws.com/PortOpened 2.yaml",
      'ec2.amazonaws.com/PortOpened 2.yaml:1:1 "PortOpened 2" makes no valid id: only a-z, 0-9 and single hyphens between them. Rename it to port-opened-2.yaml.',
    ],
    [
      "ec2.amazonaws.com/ü.yaml",
      'ec2.amazonaws.com/ü.yaml:1:1 "ü" makes no valid id: only a-z, 0-9 and single hyphens between them. Name it in lower-case words with hyphens.',
    ],
    [
      "_conditions/x.test.yaml",
      "_conditions/x.test.yaml:1:1 Shared conditions have no tests of their own. Test them through a rule that uses them.",
    ],
  ])("%s is reported and takes no rule with it", (path, line) => {
    const { lines, ruleSet } = load({ [path]: GOOD, "ec2.amazonaws.com/good.yaml": GOOD });
    expect(lines).toEqual([line]);
    expect(ruleSet.rules.map(({ id }) => id)).toEqual(["ec2.amazonaws.com/good"]);
  });

  it("is reported when it makes an id a second time; the first one stays", () => {
    const { lines, ruleSet } = load({
      "ec2.amazonaws.com/x.json": JSON.stringify({
        name: "J",
        severity: "low",
        conditions: { not: { fact: "eventName", operator: "equal", value: "A" } },
      }),
      "ec2.amazonaws.com/x.yaml": GOOD,
      "ec2.amazonaws.com/x.yml": GOOD,
    });
    expect(lines.map((line) => line.replaceAll(/\S*\/(?=x\.)/g, ""))).toEqual([
      'x.yaml:1:1 x.json already makes the id "ec2.amazonaws.com/x". Rename or delete one of the two.',
      'x.yml:1:1 x.json already makes the id "ec2.amazonaws.com/x". Rename or delete one of the two.',
    ]);
    expect(ruleSet.rules.map(({ name }) => name)).toEqual(["J"]);
  });

  it("is reported when it only differs in case from another", () => {
    const { lines, ruleSet } = load({ "ec2.amazonaws.com/x.yaml": GOOD, "ec2.amazonaws.com/X.yaml": GOOD });
    expect(lines).toEqual([
      expect.stringMatching(
        /^ec2\.amazonaws\.com\/X\.yaml:1:1 "X" makes no valid id: .* Rename it to x\.yaml\.$/,
      ),
    ]);
    expect(ruleSet.rules).toHaveLength(1);
  });

  it("is reported when it cannot be read, whatever it is", async () => {
    const dir = rulesDir({ "ec2.amazonaws.com/good.yaml": GOOD });
    const folder = join(dir, "ec2.amazonaws.com");
    symlinkSync("loop.yaml", join(folder, "loop.yaml"));
    symlinkSync("nowhere", join(folder, "dangling.yaml"));
    symlinkSync("good.yaml", join(folder, "linked.yaml"));
    symlinkSync(".", join(dir, "self.amazonaws.com"));
    mkdirSync(join(folder, "folder.yaml"));
    const socket = createServer().listen(join(folder, "socket.yaml"));
    await once(socket, "listening");
    onTestFinished(() => void socket.close());
    const { problems, ruleSet } = loadRules(dir);
    expect(problems.map((problem) => formatProblem(problem).replaceAll(`${dir}/`, ""))).toEqual([
      'ec2.amazonaws.com/dangling.yaml:1:1 "dangling.yaml" cannot be read: there is no such file or folder. Mend or delete the symbolic link.',
      "ec2.amazonaws.com/folder.yaml:1:1 Rules lie directly in the folder of their eventSource, not in folders below it. Move its files up.",
      'ec2.amazonaws.com/loop.yaml:1:1 "loop.yaml" cannot be read: its symbolic links go in a circle. Mend or delete the symbolic link.',
      "ec2.amazonaws.com/socket.yaml:1:1 This is no regular file. Replace it by one, or delete it.",
      "self.amazonaws.com:1:1 This symbolic link leads back to the rules folder. Delete the link.",
    ]);
    expect(ruleSet.rules.map(({ id }) => id)).toEqual(["ec2.amazonaws.com/good", "ec2.amazonaws.com/linked"]);
  });
});
