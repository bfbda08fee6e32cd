import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { publishCommand } from "../../bin/commands/publish.ts";
import { loadRules } from "../../lambda/loader/load-rules.ts";
import { publishSchema } from "../../lib/publish/publish-schema.ts";
import { type BucketStandIn, startBucket } from "../lib/publish/bucket-stand-in.ts";
import { deployEngine, PUBLISHER } from "../lib/publish/stage.ts";
import { makeFolder, ruleFor, runVerb } from "./run-verb.ts";

const ID = "ec2.amazonaws.com/vpc";
const TEST = `cases:
  - name: fires
    record: { eventName: DeleteVpc }
    fires: [${ID}]
  - name: is quiet
    record: { eventName: DescribeVpcs }
    fires: []
`;
const CDK = JSON.stringify({
  context: { engine: { destinations: { slack: { type: "slack", secret: "prod/slack" } } } },
});

let bucket: BucketStandIn;
let folder: string;
beforeEach(async () => {
  bucket = await startBucket();
  folder = makeFolder({
    "cdk.json": CDK,
    [`rules/${ID}.yaml`]: ruleFor("DeleteVpc", "tags: [new]"),
    [`rules/${ID}.test.yaml`]: TEST,
    [`before/${ID}.yaml`]: ruleFor("DeleteVpc"),
  });
});
afterEach(() => bucket.close());

async function run(...args: string[]) {
  const { ruleSet } = loadRules(join(folder, "before"));
  const command = publishCommand({
    clients: () => deployEngine(bucket, ruleSet),
    environment: { AWS_REGION: "eu-west-1" },
    git: async ([verb]) => ({
      ok: true,
      stdout: Buffer.from(verb === "status" ? " M x.yaml\n" : "abc123\n"),
    }),
    now: () => Date.parse("2026-11-21T02:00:00.000Z"),
  });
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const printed = Promise.all([text(stdout), text(stderr)]);
  const given = ["--rules", join(folder, "rules"), "--config", join(folder, "cdk.json"), ...args];
  const code = await command.run(given, { stdin: Readable.from([]), stdout, stderr });
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  return { code, out, err };
}

describe("publish", () => {
  it("runs the tests, shows the difference, publishes, lists and rolls back", async () => {
    const published = await run();
    expect(published.err).toContain("2 tests of the rules passed.");
    expect(published.out).toContain(`~ ${ID}\n    tags: now ["new"]`);
    expect(published.out).toContain("Published as v");
    expect(published.code).toBe(0);
    const listed = await run("--list");
    expect(listed.out).toMatch(/v\d+ .*in-force .*abc123\+changes/);
    expect(listed.out).toContain(PUBLISHER);
    const rolled = await run("--rollback", "deployed");
    expect(rolled).toMatchObject({ code: 0, out: expect.stringContaining("Rolled back to deployed.") });
  });

  it("prints one document of the published shape as JSON, and Markdown", async () => {
    const { out } = await run("--dry-run", "--format", "json");
    expect(publishSchema.parse(JSON.parse(out))).toMatchObject({ done: false, inForce: "deployed" });
    expect((await run("--dry-run", "--format", "markdown")).out).toContain(`- ~ \`${ID}\``);
  });

  it("publishes nothing whose tests fail", async () => {
    folder = makeFolder({
      "cdk.json": CDK,
      [`rules/${ID}.yaml`]: ruleFor("DeleteVpc", "tags: [new]"),
      [`rules/${ID}.test.yaml`]: TEST.replace("DescribeVpcs", "DeleteVpc"),
      [`before/${ID}.yaml`]: ruleFor("DeleteVpc"),
    });
    const { code, out, err } = await run();
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toContain("Nothing was published: mend the rules and their tests first.");
    expect(bucket.requests).toEqual([]);
  });

  it("publishes nothing of a configuration that is wrong", async () => {
    const wrong = makeFolder({ "cdk.json": JSON.stringify({ context: { engine: { destinatons: {} } } }) });
    const { code, err } = await run("--config", join(wrong, "cdk.json"));
    expect(code).toBe(1);
    expect(err).toContain('Did you mean "destinations"?');
  });

  it("exits with 1 when it refuses", async () => {
    const { code, out } = await run("--rollback", "v99");
    expect(code).toBe(1);
    expect(out).toContain("Refused: the version v99 cannot be used");
  });

  it.each([
    [["--list", "--rollback"], "one at a time"],
    [["v1"], 'takes no "v1"'],
    [["--rollback", "a", "b"], "takes one version"],
    [["--format", "xml"], "--format takes text, json, markdown"],
    [["--config", "nowhere.json", "--region", "eu-west-1"], "cannot be read as JSON"],
    [["--region", "mars"], "is no Region"],
  ])("wrong use is told: %j", async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
  });

  it("is a verb of the command line", async () => {
    const { code, stdout } = await runVerb(["publish", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Puts the rules of a folder");
  });
});
