import { existsSync, readFileSync, rmSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeFolder, ruleFor, runVerb } from "./run-verb.ts";

const RECORD = {
  eventVersion: "1.11",
  userIdentity: {
    type: "IAMUser",
    userName: "grace.hopper",
    arn: "arn:aws:iam::210987654321:user/grace.hopper",
    accountId: "210987654321",
    accessKeyId: "AKIAQWERTYUIOPASDFGH",
  },
  eventTime: "2026-11-02T09:00:00Z",
  eventSource: "s3.amazonaws.com",
  eventName: "PutBucketAcl",
  awsRegion: "eu-central-1",
  sourceIPAddress: "198.51.100.23",
  userAgent: "[grace's laptop]",
  requestParameters: { bucketName: "payroll", "x-amz-acl": "public-read" },
  eventID: "3f2a0a52-9d65-4c93-8f7f-3f6a2d6f1b11",
  recipientAccountId: "210987654321",
  readOnly: false,
};
const OTHER = { ...RECORD, eventName: "DeleteBucket", eventID: "3f2a0a52-9d65-4c93-8f7f-3f6a2d6f1b12" };

const SUCCEEDED = "conditions: { fact: errorCode, operator: exists, value: false }\n";

/** A rules folder with a shared condition and whatever else is given; gone after the test. */
function rules(files: Readonly<Record<string, string>> = {}): string {
  const dir = makeFolder({ "_conditions/succeeded.yaml": SUCCEEDED, ...files });
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

function file(...records: readonly unknown[]): string {
  const dir = makeFolder({ "records.ndjson": records.map((record) => JSON.stringify(record)).join("\n") });
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return join(dir, "records.ndjson");
}

const read = (dir: string, name: string): string => readFileSync(join(dir, name), "utf8");

describe("new", () => {
  it("writes a rule and a test from a record, which validate and test then find good", async () => {
    const dir = rules();
    const id = "s3.amazonaws.com/acl-opened";
    const { code, stdout, stderr } = await runVerb([
      "new",
      id,
      "--from",
      file(RECORD),
      "--severity",
      "high",
      "--rules",
      dir,
    ]);
    expect({ code, stderr: stderr.split("\n")[0] }).toEqual({
      code: 0,
      stderr: `Wrote the rule ${id} and its test: 2 cases passed.`,
    });
    expect(stdout).toBe(`${join(dir, id)}.yaml\n${join(dir, id)}.test.yaml\n`);
    const rule = read(dir, `${id}.yaml`);
    expect(rule).toContain("severity: high");
    expect(rule).toContain("- { fact: eventName, operator: equal, value: PutBucketAcl }");
    expect(rule).toContain("- condition: succeeded");
    expect(rule).toContain("# - { fact: requestParameters.x-amz-acl, operator: equal, value: public-read }");
    expect(rule).toContain(
      'summary: "{{actor.name}} called {{eventName}} on {{requestParameters.bucketName}}"',
    );
    expect(rule + read(dir, `${id}.test.yaml`)).not.toMatch(/grace|210987654321|AKIAQ|198\.51|payroll/);
    // The denied call is a near miss that EventBridge does not even deliver.
    expect(read(dir, `${id}.test.yaml`)).toMatch(/fires: \[\]\n    delivered: false\n$/);
    expect((await runVerb(["validate", "--rules", dir])).code).toBe(0);
    expect((await runVerb(["test", "--rules", dir])).code).toBe(0);
  });

  it("begins both files with a header that leads to the published schemas", async () => {
    const dir = rules();
    await runVerb(["new", "s3.amazonaws.com/a", "--from", file(RECORD), "--rules", dir]);
    for (const [name, schema] of [
      ["a.yaml", "rule.schema.json"],
      ["a.test.yaml", "rule-test.schema.json"],
    ] as const) {
      const header =
        /^# yaml-language-server: \$schema=(\S+)\n/.exec(read(dir, `s3.amazonaws.com/${name}`))?.[1] ?? "";
      expect(isAbsolute(header)).toBe(false);
      expect(resolve(dir, "s3.amazonaws.com", header)).toBe(resolve("rules", schema));
    }
  });

  it("makes a rule of the name of a call", async () => {
    const dir = rules();
    const { code } = await runVerb([
      "new",
      "ec2.amazonaws.com/key-made",
      "--event-name",
      "CreateKeyPair",
      "--rules",
      dir,
    ]);
    expect(code).toBe(0);
    expect(read(dir, "ec2.amazonaws.com/key-made.yaml")).toContain("name: Key made\n");
    expect(await runVerb(["validate", "--rules", dir])).toMatchObject({ code: 0, stdout: "" });
  });

  it("makes a rule that validate warns of when nothing is known of the call", async () => {
    const dir = rules();
    const { code, stderr } = await runVerb(["new", "ec2.amazonaws.com/later", "--rules", dir]);
    expect(code).toBe(0);
    expect(stderr).toContain('"ReplaceMe" is the placeholder of a new rule');
    const { stdout } = await runVerb(["validate", "--rules", dir]);
    expect(stdout).toMatch(/^\S+later\.yaml:\d+:\d+ warning: conditions\.all\[0\]\.value: "ReplaceMe"/);
    expect((await runVerb(["test", "--rules", dir])).code).toBe(0);
  });

  it("takes a record from stdin, and from an EventBridge event", async () => {
    const dir = rules();
    const event = { source: "aws.s3", "detail-type": "AWS API Call via CloudTrail", detail: RECORD };
    const args = ["new", "s3.amazonaws.com/a", "--from", "-", "--rules", dir];
    expect((await runVerb(args, JSON.stringify(event, null, 2))).code).toBe(0);
  });

  it("tells of rules that fire on the same call, and of their tests that must now say so", async () => {
    const test =
      "cases:\n  - { name: fires, record: { eventName: PutBucketAcl }, fires: [s3.amazonaws.com/acl] }\n  - { name: quiet, fires: [] }\n";
    const dir = rules({
      "s3.amazonaws.com/acl.yaml": ruleFor("PutBucketAcl"),
      "s3.amazonaws.com/acl.test.yaml": test,
    });
    const { code, stderr } = await runVerb([
      "new",
      "s3.amazonaws.com/a",
      "--from",
      file(RECORD),
      "--rules",
      dir,
    ]);
    expect(code).toBe(0);
    expect(stderr).toContain("The same call also fires s3.amazonaws.com/acl: the cases say so.");
    expect(stderr).toContain(
      `it fires in cases of other rules, too: ${join(dir, "s3.amazonaws.com/acl.test.yaml")}.`,
    );
    expect(read(dir, "s3.amazonaws.com/a.test.yaml")).toContain(
      "fires: [s3.amazonaws.com/a, s3.amazonaws.com/acl]",
    );
  });

  it("lets the user choose among several records, and never guesses", async () => {
    const dir = rules();
    const from = file(RECORD, OTHER);
    const args = ["new", "s3.amazonaws.com/a", "--from", from, "--rules", dir];
    const several = await runVerb(args);
    expect(several.code).toBe(1);
    expect(several.stderr).toContain(
      "holds 2 records that could be meant. Say which, by --event-id or --event-name:",
    );
    expect(several.stderr).toContain(`--event-id ${OTHER.eventID}  2026-11-02T09:00:00Z  DeleteBucket`);
    expect(existsSync(join(dir, "s3.amazonaws.com"))).toBe(false);
    expect((await runVerb([...args, "--event-id", OTHER.eventID])).code).toBe(0);
    expect(read(dir, "s3.amazonaws.com/a.yaml")).toContain("value: DeleteBucket");
    const byName = [
      "new",
      "s3.amazonaws.com/b",
      "--from",
      from,
      "--event-name",
      "PutBucketAcl",
      "--rules",
      dir,
    ];
    expect((await runVerb(byName)).code).toBe(0);
  });

  it("passes over records of other sources, but not when there are no others", async () => {
    const dir = rules();
    const iam = { ...OTHER, eventSource: "iam.amazonaws.com" };
    expect(
      (await runVerb(["new", "s3.amazonaws.com/a", "--from", file(iam, RECORD), "--rules", dir])).code,
    ).toBe(0);
    const { code, stderr } = await runVerb([
      "new",
      "s3.amazonaws.com/b",
      "--from",
      file(iam),
      "--rules",
      dir,
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "holds no such record of s3.amazonaws.com. Its records are of iam.amazonaws.com.",
    );
    expect(stderr).toContain("write iam.amazonaws.com/…, or _global/… for every source");
  });

  it.each([
    ["an eventID that is not there", ["--event-id", "0"], "None of the 1 record in", "has the eventID 0."],
    [
      "a call that is not there",
      ["--event-name", "Nope"],
      "None of the 1 record in",
      "has the eventName Nope.",
    ],
  ])("says that there is no record with %s", async (_, more, ...texts) => {
    const { code, stderr } = await runVerb([
      "new",
      "s3.amazonaws.com/a",
      "--from",
      file(RECORD),
      ...more,
      "--rules",
      rules(),
    ]);
    expect(code).toBe(1);
    for (const text of texts) expect(stderr).toContain(text);
  });

  it("says where what is no record breaks", async () => {
    const dir = makeFolder({ "bad.json": '{"eventSource":' });
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const bad = await runVerb([
      "new",
      "s3.amazonaws.com/a",
      "--from",
      join(dir, "bad.json"),
      "--rules",
      rules(),
    ]);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain("bad.json:1:");
    const absent = await runVerb([
      "new",
      "s3.amazonaws.com/a",
      "--from",
      join(dir, "no.json"),
      "--rules",
      rules(),
    ]);
    expect(absent.code).toBe(1);
    expect(absent.stderr).toContain("there is no such file or folder");
  });

  it("never overwrites", async () => {
    const dir = rules({ "s3.amazonaws.com/a.yml": ruleFor("DeleteBucket") });
    const { code, stderr } = await runVerb(["new", "s3.amazonaws.com/a", "--rules", dir]);
    expect(code).toBe(2);
    expect(stderr).toContain("a.yml is there already. Choose another name, or delete it first.");
    expect(existsSync(join(dir, "s3.amazonaws.com/a.yaml"))).toBe(false);
  });

  it("goes on beside bad files of others", async () => {
    const dir = rules({ "s3.amazonaws.com/bad.yaml": "name: [" });
    expect((await runVerb(["new", "s3.amazonaws.com/a", "--from", file(RECORD), "--rules", dir])).code).toBe(
      0,
    );
  });

  it.each([
    [[], "Name one rule"],
    [["ec2.amazonaws.com/a", "ec2.amazonaws.com/b"], "Name one rule"],
    [["ec2/key-made"], "Did you mean ec2.amazonaws.com/key-made?"],
    [["ec2.amazonaws.com/KeyMade"], "Did you mean ec2.amazonaws.com/key-made?"],
    [["ec2.amazonaws.com/a", "--severity", "hihg"], 'Did you mean "high"?'],
    [["ec2.amazonaws.com/a", "--event-id", "0"], "--event-id picks a record of --from"],
    [["ec2.amazonaws.com/a", "--event-name", ""], "--event-name takes the name of a call"],
    [["ec2.amazonaws.com/a", "--form", "x"], 'Did you mean "from"?'],
    [["ec2.amazonaws.com/a", "--rules", "nowhere"], 'There is no folder "nowhere"'],
  ])("refuses wrong use: %j", async (args, advice) => {
    const dir = args.includes("--rules") ? [] : ["--rules", rules()];
    const { code, stdout, stderr } = await runVerb(["new", ...args, ...dir]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(advice);
  });
});
