import { describe, expect, it } from "vitest";
import { explanationSchema } from "../../lib/explain/explanation-schema.ts";
import { recordOf } from "../lambda/engine/samples.ts";
import { makeFolder, type Run, ruleFor, runVerb } from "./run-verb.ts";

const RULE = "ec2.amazonaws.com/deleted";
const folder = makeFolder({
  "rules/ec2.amazonaws.com/deleted.yaml": ruleFor("DeleteTags"),
  "rules/ec2.amazonaws.com/created.yaml": ruleFor("CreateTags"),
  "bad/ec2.amazonaws.com/deleted.yaml": ruleFor("DeleteTags"),
  "bad/ec2.amazonaws.com/broken.yaml": "name: x\n",
  "one.json": JSON.stringify(recordOf({ eventName: "DeleteTags", eventID: "e1" })),
  "two.json": JSON.stringify({ Records: [recordOf({ eventID: "e1" }), recordOf({ eventID: "e2" })] }),
  "cut.ndjson": `${JSON.stringify(recordOf({ eventID: "e1" }))}\n{"eventVersion":"1.1`,
});

function explain(args: readonly string[], stdin?: string): Promise<Run> {
  return runVerb(["explain", "--rules", `${folder}/rules`, ...args], stdin);
}

describe("explain", () => {
  it("says for people what a rule makes of a record", async () => {
    const { code, stdout, stderr } = await explain([RULE, `${folder}/one.json`]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("ada called DeleteTags of ec2.amazonaws.com");
    expect(stdout).toContain("Delivery: EventBridge delivers this record, by ec2-");
    expect(stdout).toContain('→   ✓ eventName equal "DeleteTags" — saw "DeleteTags"');
    expect(stdout).toMatch(/Verdict: ALERT of severity low\.\n$/);
  });

  it("exits 0 where the rule is quiet too, and says why", async () => {
    const { code, stdout } = await explain(["ec2.amazonaws.com/created", `${folder}/one.json`]);
    expect(code).toBe(0);
    expect(stdout).toContain("For the sake of other rules");
    expect(stdout).toContain(
      '✗ eventName equal "CreateTags" — saw "DeleteTags"; would hold if it is "CreateTags"',
    );
    expect(stdout).toMatch(/Verdict: no alert\. The rule does not match\.\n$/);
  });

  it("prints one document of the published shape as JSON", async () => {
    const { code, stdout } = await explain([RULE, `${folder}/one.json`, "--format", "json"]);
    const explanation = explanationSchema.parse(JSON.parse(stdout));
    expect(code).toBe(0);
    expect(explanation).toMatchObject({
      rule: { id: RULE, eventSource: "ec2.amazonaws.com", staged: false },
      record: { place: `${folder}/one.json:1:1`, eventID: "e1" },
      delivery: { delivered: true, ownSelector: true, by: [{ state: "ENABLED" }] },
      conditions: { kind: "all", holds: true },
      verdict: { alerts: true },
    });
  });

  it("hides nothing in JSON either", async () => {
    const record = JSON.stringify(recordOf({ sourceIPAddress: "a\u202eb" }));
    const { stdout } = await explain([RULE, "-", "--format", "json"], record);
    expect(stdout).toContain("a\\u202eb");
    expect(stdout).not.toContain("\u202e");
  });

  it("takes the rule by its file, and the record from stdin", async () => {
    const record = JSON.stringify(recordOf({ eventName: "DeleteTags" }), null, 2);
    const { code, stdout } = await explain([`${folder}/rules/ec2.amazonaws.com/deleted.yaml`, "-"], record);
    expect(code).toBe(0);
    expect(stdout).toContain("Outcome: success. (stdin):1:1, eventID");
  });

  it("wants one of several records to be chosen, and then explains that one", async () => {
    const several = await explain([RULE, `${folder}/two.json`]);
    expect(several).toMatchObject({ code: 1, stdout: "" });
    expect(several.stderr).toMatch(
      /two\.json holds 2 records, and explain takes one: choose it with --event-id ID\.\n {2}e1 /,
    );
    const { code, stdout } = await explain([RULE, `${folder}/two.json`, "--event-id", "e2"]);
    expect(code).toBe(0);
    expect(stdout).toContain("eventID e2\n");
  });

  it("explains the record beside what cannot be read, names that and exits 1", async () => {
    const { code, stdout, stderr } = await explain([RULE, `${folder}/cut.ndjson`]);
    expect(code).toBe(1);
    expect(stdout).toContain("Verdict:");
    expect(stderr).toMatch(/cut\.ndjson:2:1: the JSON ends inside this value/);
  });

  it("does nothing with rules that would not be deployed", async () => {
    const { code, stdout, stderr } = await runVerb([
      "explain",
      RULE,
      `${folder}/one.json`,
      "--rules",
      `${folder}/bad`,
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("broken.yaml:1:1");
    expect(stderr).toContain("Nothing was done");
  });

  it.each([
    [[], "explain takes a rule and a record: explain RULE RECORD."],
    [[RULE], "explain takes a rule and a record"],
    [[RULE, "a", "b"], "explain takes a rule and a record"],
    [["ec2.amazonaws.com/delted", "-"], 'There is no good rule "ec2.amazonaws.com/delted" in'],
    [["ec2.amazonaws.com/delted", "-"], 'Did you mean "ec2.amazonaws.com/deleted"?'],
    [
      ["ec2.amazonaws.com", "-"],
      '"ec2.amazonaws.com" means 2 rules: name one of them, e.g. ec2.amazonaws.com/created.',
    ],
    [[RULE, "-", "--budget", "0"], "--budget takes a whole number of at least 1"],
    [[RULE, "-", "--format", "xml"], "--format takes text, json"],
    [[RULE, "-", "--line", "3"], "line"],
  ])("refuses wrong use: %j", async (args, advice) => {
    const { code, stdout, stderr } = await explain(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(advice);
  });

  it("tells of a record that is not there, or is none", async () => {
    expect(await explain([RULE, "test/fixtures/nowhere.json"])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("nowhere.json: there is no such file or folder"),
    });
    expect((await explain([RULE, "-"], '{"a":1}')).stderr).toBe(
      "(stdin):1:1: a CloudTrail record needs the text field eventSource, got nothing\n" +
        "There is no CloudTrail record in stdin. Give a file with one, or - for stdin.\n",
    );
  });
});
