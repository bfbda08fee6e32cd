import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { formatProblem } from "../../../lambda/loader/problem.ts";
import type { Git } from "../../../lib/replay/git.ts";
import { RevisionError, rulesAtRevision } from "../../../lib/replay/rules-at-revision.ts";
import { ruleFor } from "../../bin/run-verb.ts";
import { type FakeRepository, fakeGit, hashOf } from "./fake-git.ts";
import { temporaryFolder } from "./git-on-path.ts";

type Files = FakeRepository["revisions"][string];

const RULE = ruleFor("StopInstances");

/** A repository in which one revision, `past`, has files, and its rules folder. */
function repository(files: Files, folder = "rules"): { dir: string; git: Git } {
  const top = temporaryFolder();
  const dir = join(top, folder);
  mkdirSync(dir, { recursive: true });
  return { dir, git: fakeGit({ top, revisions: { past: files } }) };
}

async function load(files: Files, folder?: string) {
  const { dir, git } = repository(files, folder);
  const { ruleSet, problems, unread, commit } = await rulesAtRevision(dir, "past", git);
  return {
    rules: ruleSet.rules.map(({ id }) => id),
    ruleSet,
    said: problems.map(formatProblem),
    unread,
    commit,
  };
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => "no error",
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RevisionError);
  return (error as RevisionError).message;
}

describe("rules at a revision", () => {
  it("are those of the folder then, with shared conditions, whatever the folder holds now", async () => {
    const { rules, ruleSet, said, commit } = await load({
      "rules/ec2.amazonaws.com/stopped.yaml": RULE,
      "rules/_conditions/write.yaml":
        "description: A change.\nconditions:\n  all:\n    - { fact: readOnly, operator: equal, value: false }\n",
      "rules/README.md": "About these rules.",
      "other/ec2.amazonaws.com/not-ours.yaml": RULE,
    });
    expect({ rules, said }).toEqual({ rules: ["ec2.amazonaws.com/stopped"], said: [] });
    expect(Object.keys(ruleSet.conditions)).toEqual(["write"]);
    expect(commit).toBe(hashOf("past"));
  });

  it.each(["", "deep/below/rules"])(
    "are found where the folder lies in its repository: %j",
    async (folder) => {
      const start = folder === "" ? "" : `${folder}/`;
      expect((await load({ [`${start}ec2.amazonaws.com/stopped.yaml`]: RULE }, folder)).rules).toEqual([
        "ec2.amazonaws.com/stopped",
      ]);
    },
  );

  it("name what today's loader refuses as REV:path, use the rest, and tell which rules are missing", async () => {
    const { rules, said, unread } = await load({
      "rules/ec2.amazonaws.com/stopped.yaml": RULE,
      "rules/ec2.amazonaws.com/old-format.yaml": RULE.replace("severity: low", "prio: 3"),
      "rules/ec2.amazonaws.com/refers.yaml":
        "name: Refers\nseverity: low\nconditions:\n  all:\n    - { condition: broken }\n",
      "rules/_conditions/broken.yaml": "name: [",
    });
    expect(rules).toEqual(["ec2.amazonaws.com/stopped"]);
    expect(unread).toEqual(["ec2.amazonaws.com/old-format", "ec2.amazonaws.com/refers"]);
    expect(said.every((line) => line.startsWith("past:rules/"))).toBe(true);
    expect(said.join("\n")).toContain("past:rules/ec2.amazonaws.com/old-format.yaml:2:1 prio: ");
    // A message that names another file must not lead into a folder that is gone.
    expect(said.join("\n")).toContain("Mend past:rules/_conditions/broken.yaml first.");
    expect(said.join("\n")).not.toContain("rules-at-revision-");
  });

  it("are not spoilt by what is wrong with their tests, or by warnings", async () => {
    const { said } = await load({
      "rules/ec2.amazonaws.com/stopped.yaml": RULE,
      "rules/ec2.amazonaws.com/stopped.test.yaml": "cases: 3",
      "rules/cloudwatch.amazonaws.com/alarm.yaml": RULE,
    });
    expect(said).toEqual([]);
  });

  it("follow symbolic links within the repository only", async () => {
    const { rules, said, unread } = await load({
      "shared/stopped.yaml": RULE,
      "rules/ec2.amazonaws.com/linked.yaml": { link: "../../shared/stopped.yaml" },
      "rules/ec2.amazonaws.com/outside.yaml": { link: "/etc/passwd" },
      "rules/ec2.amazonaws.com/above.yaml": { link: "../../../../secret.yaml" },
      "rules/ec2.amazonaws.com/dangling.yaml": { link: "nowhere.yaml" },
      "rules/ec2.amazonaws.com/circle.yaml": { link: "circle.yaml" },
      "rules/s3.amazonaws.com": { link: "ec2.amazonaws.com" },
      "rules/kms.amazonaws.com": { submodule: true },
    });
    expect(rules).toEqual(["ec2.amazonaws.com/linked"]);
    expect(unread.map((id) => id.split("/")[1])).toEqual(["above", "circle", "dangling", "outside"]);
    const messages = said.map((line) => line.replace(/^past:rules\/(\S+):1:1 (.*?)\. .*$/, "$1 $2"));
    expect(messages.toSorted()).toEqual([
      "ec2.amazonaws.com/above.yaml This symbolic link leads to no file of the repository",
      "ec2.amazonaws.com/circle.yaml This symbolic link leads to no file of the repository",
      "ec2.amazonaws.com/dangling.yaml This symbolic link leads to no file of the repository",
      "ec2.amazonaws.com/outside.yaml This symbolic link leads to no file of the repository",
      "kms.amazonaws.com This is a submodule, whose files are not read at a revision",
      "s3.amazonaws.com This symbolic link leads to a folder, whose files are not read at a revision",
    ]);
  });

  it("never leave the folder they are laid into, and take it away, also when laying down fails", async () => {
    const temporary = temporaryFolder();
    vi.stubEnv("TMPDIR", temporary);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const { said } = await load({
      "rules/../../escaped.yaml": RULE,
      "rules/ec2.amazonaws.com/stopped.yaml": RULE,
      "rules/ec2.amazonaws.com/stopped.yaml/below.yaml": RULE,
    });
    expect(said.join("\n")).toMatch(
      /escaped\.yaml:1:1 The path of this file leads out of the rules folder\./,
    );
    expect(said.join("\n")).toMatch(/below\.yaml:1:1 The file cannot be laid down: /);
    // Only what the test itself laid there.
    expect(readdirSync(temporary).filter((name) => name.startsWith("rules-at-revision-"))).toEqual([]);
  });

  it("may be in files whose names have spaces, quotes and line breaks", async () => {
    const { said } = await load({ 'rules/ec2.amazonaws.com/a "b"\nc.yaml': RULE });
    expect(said).toEqual([expect.stringContaining('a "b"\\u000ac.yaml:1:1 ')]);
  });

  it("are refused when they are too large to be rules", async () => {
    const { dir } = repository({});
    const listing = `100644 blob ${hashOf("x")} ${100 * 1024 * 1024}\tnode_modules/x.json\0`;
    const git: Git = ([command]) =>
      Promise.resolve({ ok: true, stdout: Buffer.from(command === "ls-tree" ? listing : "rules/\n") });
    expect(await refusal(rulesAtRevision(dir, "past", git))).toBe(
      'The rules at "past" cannot be read: the folder holds 100 MB there, which is more than rules can be. Name a revision that has the rules in this place.',
    );
  });
});

const neverAsked: Git = () => Promise.reject(new Error("git was asked"));
const failing =
  (absent: boolean, reason: string): Git =>
  () =>
    Promise.resolve({ ok: false, absent, reason });

describe("no rules at a revision", () => {
  it.each(["", " ", "-x", "--output=/tmp/x", "a\nb", "a\0b"])(
    "for %j, which git never sees",
    async (revision) => {
      expect(await refusal(rulesAtRevision("rules", revision, neverAsked))).toMatch(
        /is no git revision: name one such as/,
      );
    },
  );

  it("when the revision is unknown, or there was no such folder", async () => {
    const { dir, git } = repository({ "README.md": "x", "rules-old/x.yaml": RULE });
    expect(await refusal(rulesAtRevision(dir, "nope", git))).toMatch(
      /^There is no revision "nope" in the repository/,
    );
    expect(await refusal(rulesAtRevision(dir, "past", git))).toBe(
      'There is no folder "rules" at "past". Name a revision that has the rules in this place.',
    );
  });

  it("when there is a file or link where the folder is now", async () => {
    const { dir, git } = repository({ rules: { link: "other" }, "other/x.yaml": RULE });
    expect(await refusal(rulesAtRevision(dir, "past", git))).toContain(
      'There is no folder "rules" at "past".',
    );
  });

  it("when the folder is in no repository, there is no git, or git refuses", async () => {
    const { git } = repository({});
    const elsewhere = temporaryFolder();
    expect(await refusal(rulesAtRevision(elsewhere, "past", git))).toMatch(/is in no git repository/);
    expect(await refusal(rulesAtRevision(elsewhere, "past", failing(true, "spawn git ENOENT")))).toBe(
      "A revision is read by git, and there is no git on the PATH: install it.",
    );
    const dubious = "detected dubious ownership in repository at '/x\u001b'";
    expect(await refusal(rulesAtRevision(elsewhere, "past", failing(false, dubious)))).toMatch(
      /^Git cannot read the repository of ".*": detected dubious ownership in repository at '\/x\\u001b'\.$/,
    );
  });
});
