import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RuleSetError, wire } from "../../lambda/wire.ts";
import { sampleMatch, sampleRecord, sampleRule } from "./alerts/sample.ts";

const topic = { id: "topic", type: "sns", topicArn: "arn:aws:sns:eu-west-1:123456789012:alerts" };
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "engine-wire-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function wireWith(rules: string | undefined) {
  const file = join(folder, "rules.json");
  if (rules !== undefined) writeFileSync(file, rules);
  return wire({ destinations: [topic] }, pathToFileURL(file), () => undefined);
}

describe("wire", () => {
  it("compiles the rules and makes the destinations", async () => {
    const { engine, destinations } = wireWith(
      JSON.stringify({ rules: [sampleRule()], conditions: {}, lists: {}, suppressions: [] }),
    );
    expect(destinations).toMatchObject([{ id: "topic", type: "sns" }]);
    expect((await engine.evaluate(sampleRecord(), 0)).matches).toEqual([sampleMatch()]);
  });

  it.each([
    [undefined, "cannot be read as JSON"],
    ["{cut", "cannot be read as JSON"],
    ["null", "is no rule set"],
    ['{"rules":{},"conditions":{}}', "is no rule set"],
    ['{"rules":[]}', "is no rule set"],
    ['{"rules":[],"conditions":null}', "is no rule set"],
    ['{"rules":[],"conditions":{}}', "is no rule set"],
    ['{"rules":[],"conditions":{},"lists":{}}', "is no rule set"],
    ['{"rules":[],"conditions":{},"lists":[],"suppressions":[]}', "is no rule set"],
  ])("refuses the rule set %j with the cure", (text, problem) => {
    expect(() => wireWith(text)).toThrow(RuleSetError);
    expect(() => wireWith(text)).toThrow(problem);
    expect(() => wireWith(text)).toThrow("deploy the stack again");
  });
});
