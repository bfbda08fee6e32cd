import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { targetOf } from "../../../lib/scaffold/target.ts";

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "engine-target-"));
  for (const folder of ["ec2.amazonaws.com", "mine.amazonaws.com"]) mkdirSync(join(dir, folder));
  writeFileSync(join(dir, "ec2.amazonaws.com/taken.yml"), "");
  writeFileSync(join(dir, "ec2.amazonaws.com/half.test.yaml"), "");
  writeFileSync(join(dir, "mine.amazonaws.com/one.yaml"), "");
});
afterAll(() => rmSync(dir, { recursive: true }));

describe("targetOf", () => {
  it("makes the paths of rule and test from the id", () => {
    expect(targetOf("ec2.amazonaws.com/key-made", dir)).toEqual({
      id: "ec2.amazonaws.com/key-made",
      eventSource: "ec2.amazonaws.com",
      name: "key-made",
      ruleFile: join(dir, "ec2.amazonaws.com/key-made.yaml"),
      testFile: join(dir, "ec2.amazonaws.com/key-made.test.yaml"),
    });
  });

  it("takes the path of a file for its rule", () => {
    const paths = ["ec2.amazonaws.com/key-made.yaml", "ec2.amazonaws.com/key-made.test.yaml"];
    for (const path of paths)
      expect(targetOf(join(dir, path), dir)).toMatchObject({ id: "ec2.amazonaws.com/key-made" });
  });

  it("knows that rules of _global see every eventSource", () => {
    expect(targetOf("_global/anything", dir)).toMatchObject({ eventSource: null });
  });

  it.each([
    ["no folder", "key-made", "Write <eventSource>/<name>"],
    ["a service for its eventSource", "ec2/key-made", "Did you mean ec2.amazonaws.com/key-made?"],
    ["a misspelt eventSource", "ec2.amazonaws.co/key-made", "Did you mean ec2.amazonaws.com/key-made?"],
    [
      "a service by its other name",
      "cloudwatch.amazonaws.com/x",
      "CloudTrail writes monitoring.amazonaws.com",
    ],
    ["a misspelt folder that is there", "mime/x", "Did you mean mine.amazonaws.com/x?"],
    ["nothing near", "zzzzzz/x", "Write it as CloudTrail does"],
    ["a folder of lists", "_lists/x", '"_lists" holds no rules.'],
    ["capitals", "ec2.amazonaws.com/KeyMade", "Did you mean ec2.amazonaws.com/key-made?"],
    ["a deeper folder", "ec2.amazonaws.com/keys/made", "Did you mean ec2.amazonaws.com/keys-made?"],
    ["a way out", "ec2.amazonaws.com/../../x", "Did you mean ec2.amazonaws.com/x?"],
    ["a name of nothing", "ec2.amazonaws.com/", "Name it in lower-case words with hyphens."],
    ["a rule that is there, by another extension", "ec2.amazonaws.com/taken", "taken.yml is there already"],
    ["a test that is there", "ec2.amazonaws.com/half", "half.test.yaml is there already"],
  ])("refuses %s with the cure", (_, argument, cure) => {
    expect(targetOf(argument, dir)).toEqual({ problem: expect.stringContaining(cure) });
  });
});
