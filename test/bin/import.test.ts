import { mkdtempSync, readFileSync, existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importReportSchema } from "../../lib/import/report-schema.ts";
import { readConfig } from "../../lib/config.ts";
import { makeFolder, runVerb } from "./run-verb.ts";

const EXAMPLE = "test/fixtures/import/tattletail.toml";
const RECORDS = "test/fixtures/import/records.ndjson";
const SECRET = /neverShowThisOne|T00000000/;

const newFolder = (): string => join(mkdtempSync(join(tmpdir(), "engine-import-")), "rules");

const SIGMA = `title: User made
logsource: { product: aws, service: cloudtrail }
detection:
  sel: { eventSource: iam.amazonaws.com, eventName: CreateUser }
  condition: sel
level: low
`;

/** A configuration with one destination and a rule for it. */
const toml = (
  destination: string,
  rule = 'name = "One"\njq_match = "select(.eventName == \\"A\\")"\ndestinations = ["d"]',
): string => `[[rule]]\n${rule}\n\n[[destination]]\nid = "d"\n${destination}\n`;

describe("the example of cloudtrail-tattletail", () => {
  it("works on import: three rules, three destinations, the alerts that it documents", async () => {
    const into = newFolder();
    const config = join(into, "../cdk.json");
    writeFileSync(config, '{\n  "app": "x",\n  "context": { "engine": { "destinations": {} } }\n}\n');
    const run = await runVerb([
      "import",
      "tattletail",
      EXAMPLE,
      "--into",
      into,
      "--config",
      config,
      "--write",
    ]);
    expect(run.code).toBe(0);
    expect(run.stderr).toContain("3 rules (3 with a test), 3 destinations. Nothing refused.");

    const tests = await runVerb(["test", "--rules", into]);
    expect(tests).toMatchObject({ code: 0, stderr: expect.stringContaining("6 passed, 0 failed") as string });

    const { stdout } = await runVerb(["replay", RECORDS, "--rules", into, "--format", "ndjson"]);
    const alerts = stdout
      .trim()
      .split("\n")
      .map(
        (line) =>
          JSON.parse(line) as { rule: { id: string }; annotation?: string; record: { eventName: string } },
      );
    expect(alerts.map(({ rule, annotation, record }) => [record.eventName, rule.id, annotation])).toEqual([
      ["CreateUser", "_global/create-user", "username: hacker1"],
      ["CreateUser", "_global/modifications", undefined],
      ["CreateAccessKey", "_global/create-access-key", undefined],
      ["CreateAccessKey", "_global/modifications", undefined],
      ["RunInstances", "_global/modifications", undefined],
    ]);

    const { context } = JSON.parse(readFileSync(config, "utf8")) as {
      context: { engine: { destinations: Record<string, object> } };
    };
    expect(context.engine.destinations).toEqual({
      "default-sns": { type: "sns", topicArn: "arn:aws:sns:us-east-1:1234567890:alerts" },
      "slack-warnings": { type: "slack", secret: "cloudtrail-engine/slack-warnings" },
      email: { type: "ses", from: "alerts@example.com", to: ["one@example.com", "two@example.com"] },
    });
    // The example's account has ten digits; that, and nothing else, has to be mended.
    expect(run.stdout).toContain("Mend it before you deploy");
    expect(readConfig(context.engine).problems).toHaveLength(1);
  });

  it("shows what it would write, and writes nothing without --write", async () => {
    const into = newFolder();
    const { code, stdout, stderr } = await runVerb(["import", "tattletail", EXAMPLE, "--into", into]);
    expect(code).toBe(0);
    expect(stdout).toContain("+ name: Create User");
    expect(stdout).toContain('"secret": "cloudtrail-engine/slack-warnings"');
    expect(stdout).toContain(
      "aws secretsmanager create-secret --name cloudtrail-engine/slack-warnings --secret-string file://",
    );
    expect(stderr).toContain("Would be written");
    expect(existsSync(into)).toBe(false);
  });

  it("never shows or stores the webhook's address, in whatever is wrong beside it", async () => {
    const text = readFileSync(EXAMPLE, "utf8");
    const spoilt = [
      text,
      text.replace("hooks.slack.com", "foo.slack.com"),
      text.replace('type = "ses"', 'type = "ses'),
      text.replace(
        "webhook_url = ",
        'webhook_url = "https://hooks.slack.com/services/T00000000/x" webhook_url = ',
      ),
      text.replace("webhook_url = ", "sns_arn = "),
      text.replace('type = "slack_webhook"', 'type = "sns"').replace("webhook_url", "sns_arn"),
      text.replace(
        'id = "Slack Warnings"\ntype = "slack_webhook"\nwebhook_url',
        'type = "slack_webhook"\nid',
      ),
      text.replace(
        '[[destination]]\nid = "Slack',
        '[other]\nurl = "https://hooks.slack.com/services/T00000000/B00000000/neverShowThisOne"\n[[destination]]\nid = "Slack',
      ),
    ];
    for (const one of spoilt) {
      const folder = makeFolder({ "t.toml": one });
      for (const format of ["text", "json"]) {
        const { stdout, stderr } = await runVerb([
          "import",
          "tattletail",
          join(folder, "t.toml"),
          "--into",
          join(folder, "rules"),
          "--format",
          format,
        ]);
        expect(stdout + stderr).not.toMatch(SECRET);
      }
    }
  });

  it.each([
    ["an unknown destination type", toml('type = "pager"'), /"pager" is none of/],
    ["a destination that lacks its address", toml('type = "sns"'), /no sns_arn/],
    [
      "a rule without an expression",
      toml('type = "sns"\nsns_arn = "arn:aws:sns:eu-west-1:123456789012:a"', 'name = "One"'),
      /no jq_match/,
    ],
    [
      "a rule for a destination that is not there",
      toml(
        'type = "sns"\nsns_arn = "arn:aws:sns:eu-west-1:123456789012:a"',
        'name = "One"\njq_match = "."\ndestinations = ["e"]',
      ),
      /"e", which is not there/,
    ],
    [
      "an expression that is no jq",
      toml(
        'type = "sns"\nsns_arn = "arn:aws:sns:eu-west-1:123456789012:a"',
        'name = "One"\njq_match = "foo.bar.baz"\ndestinations = ["d"]',
      ),
      /REFUSED One/,
    ],
    [
      "an expression that reads the environment",
      toml(
        'type = "sns"\nsns_arn = "arn:aws:sns:eu-west-1:123456789012:a"',
        'name = "One"\njq_match = "env"\ndestinations = ["d"]',
      ),
      /REFUSED One/,
    ],
    ["no TOML", "[[rule", /t\.toml:1 REFUSED/],
  ])("refuses %s, with exit code 1", async (_name, text, reason) => {
    const folder = makeFolder({ "t.toml": text });
    const { code, stdout } = await runVerb([
      "import",
      "tattletail",
      join(folder, "t.toml"),
      "--into",
      join(folder, "rules"),
    ]);
    expect(code).toBe(1);
    expect(stdout).toMatch(reason);
  });

  it("puts a rule into the folder of the eventSource that its expression demands", async () => {
    const rule =
      'name = "Key made"\njq_match = \'select(.eventSource == "kms.amazonaws.com" and .eventName == "CreateKey")\'\ndestinations = ["d"]';
    const folder = makeFolder({
      "t.toml": toml('type = "sns"\nsns_arn = "arn:aws:sns:eu-west-1:123456789012:a"', rule),
    });
    const { stdout } = await runVerb([
      "import",
      "tattletail",
      join(folder, "t.toml"),
      "--into",
      join(folder, "rules"),
    ]);
    expect(stdout).toContain("kms.amazonaws.com/key-made.yaml (new)");
  });
});

describe("import", () => {
  it("keeps a rule that is there and differs, with its diff, unless forced", async () => {
    const folder = makeFolder({ "user_made.yml": SIGMA });
    const args = [
      "import",
      "sigma",
      join(folder, "user_made.yml"),
      "--into",
      join(folder, "rules"),
      "--write",
    ];
    expect((await runVerb(args)).code).toBe(0);
    const again = await runVerb(args);
    expect([again.code, again.stdout.match(/is there already\)/g)?.length]).toEqual([0, 2]);

    writeFileSync(join(folder, "user_made.yml"), SIGMA.replace("level: low", "level: high"));
    const kept = await runVerb(args);
    expect(kept.code).toBe(1);
    expect(kept.stdout).toContain("    - severity: low\n    + severity: high");
    const file = join(folder, "rules/iam.amazonaws.com/user-made.yaml");
    expect(readFileSync(file, "utf8")).toContain("severity: low");
    expect((await runVerb([...args, "--force"])).code).toBe(0);
    expect(readFileSync(file, "utf8")).toContain("severity: high");
  });

  it("searches a folder, tells what it refused with file and line, and prints one document as JSON", async () => {
    const folder = makeFolder({
      "sigma/a.yml": SIGMA,
      "sigma/deep/b.yaml": SIGMA.replace("CreateUser }", "CreateUser, x: y }"),
      "sigma/c.txt": "no",
    });
    const { code, stdout } = await runVerb([
      "import",
      "sigma",
      join(folder, "sigma"),
      "--into",
      join(folder, "rules"),
      "--format",
      "json",
      "--staged",
    ]);
    const report = importReportSchema.parse(JSON.parse(stdout));
    expect(code).toBe(1);
    expect(report).toMatchObject({ rules: 1, tests: 1, refused: 1, written: false });
    expect(report.files[0]?.text).toContain("mode: staged");
    expect(report.remarks).toEqual([
      expect.objectContaining({
        kind: "refused",
        file: join(folder, "sigma/deep/b.yaml"),
        line: 4,
        subject: "User made",
      }),
    ]);
  });

  it("does not put a rule beside one of the same id with another extension", async () => {
    const there =
      "name: Mine\nseverity: low\nconditions: { all: [{ fact: eventName, operator: equal, value: A }] }\n";
    const folder = makeFolder({ "rules/iam.amazonaws.com/a.yml": there, "a.yml": SIGMA });
    const into = join(folder, "rules");
    const { code, stdout } = await runVerb([
      "import",
      "sigma",
      join(folder, "a.yml"),
      "--into",
      into,
      "--write",
      "--force",
    ]);
    expect([code, stdout]).toEqual([1, expect.stringContaining("has the same id")]);
    expect(existsSync(join(into, "iam.amazonaws.com/a.yaml"))).toBe(false);
  });

  it("names in a test every rule that fires, those that are there as well", async () => {
    const there =
      "name: Any\nseverity: low\nconditions: { all: [{ fact: eventName, operator: startsWith, value: Create }] }\n";
    const folder = makeFolder({ "rules/_global/any-create.yaml": there, "a.yml": SIGMA });
    const { stdout } = await runVerb([
      "import",
      "sigma",
      join(folder, "a.yml"),
      "--into",
      join(folder, "rules"),
    ]);
    expect(stdout).toMatch(/fires: \[ ?_global\/any-create, iam\.amazonaws\.com\/a ?\]/);
  });

  it("imports the published dynamic alert: the list, the rule, and a test that fills the list", async () => {
    const into = newFolder();
    const run = await runVerb([
      "import",
      "lacework-dynamic",
      "test/fixtures/import/prod-bucket-deleted.yaml",
      "--into",
      into,
      "--write",
    ]);
    expect(run).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("1 rule (1 with a test), 1 list") as string,
    });
    expect((await runVerb(["validate", "--rules", into])).code).toBe(0);
    expect((await runVerb(["test", "--rules", into])).stderr).toContain("2 passed, 0 failed");
  });

  it.each([
    [["import"], "Say what to import"],
    [["import", "splunk", "x"], '"splunk"'],
    [["import", "sigma"], "Name a file"],
    [["import", "sigma", "test/bin"], "no file of this kind"],
    [["import", "tattletail", EXAMPLE, "--config", "not-there.json"], "not there"],
  ])("is told of wrong use: %j", async (args, message) => {
    const { code, stderr } = await runVerb(args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it("tells of a file that is not there and imports the others", async () => {
    const folder = makeFolder({ "a.yml": SIGMA });
    const { code, stderr, stdout } = await runVerb([
      "import",
      "sigma",
      join(folder, "none.yml"),
      join(folder, "a.yml"),
      "--into",
      join(folder, "rules"),
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain("there is no such file");
    expect(stderr).toContain("1 rule (1 with a test)");
  });
});
