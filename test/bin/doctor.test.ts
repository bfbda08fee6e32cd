import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { doctorCommand } from "../../bin/commands/doctor.ts";
import { UsageError } from "../../bin/command.ts";
import { doctorReportSchema } from "../../lib/doctor/report.ts";
import { type Answers, healthyAccount, makeClients } from "../lib/doctor/account.ts";

async function run(args: readonly string[], answers: Answers = {}, environment: Record<string, string> = {}) {
  const regions: string[] = [];
  const asked: string[] = [];
  const command = doctorCommand((region) => {
    regions.push(region);
    return makeClients({ ...healthyAccount(), ...answers }, asked);
  }, environment);
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await command.run(args, { stdin: Readable.from([]), stdout, stderr });
  stdout.end();
  return { code, stdout: await text(stdout), regions, asked };
}

const STOPPED = { GetTrailStatusCommand: { IsLogging: false } };

describe("engine doctor", () => {
  it("exits 0 and says what it saw when all is well", async () => {
    const { code, stdout, regions } = await run(["--region", "eu-west-1"]);
    expect(code).toBe(0);
    expect(regions).toEqual(["eu-west-1"]);
    expect(stdout).toMatch(/^ok {4}stack: CloudTrailEngine is deployed/);
    expect(stdout).toMatch(/stack CloudTrailEngine, eu-west-1, account 123456789012: all is well\n$/);
  });

  it("exits 1 and names the cure of every finding", async () => {
    const { code, stdout } = await run(["--region", "eu-west-1"], STOPPED);
    expect(code).toBe(1);
    expect(stdout).toContain(
      "fail  trail: Trail main is stopped: EventBridge gets no record.\n      cure: Start it:",
    );
    expect(stdout).toContain("1 to mend");
  });

  it("prints the published shape with --format json", async () => {
    const { code, stdout } = await run(["--region", "eu-west-1", "--format", "json"], STOPPED);
    expect(code).toBe(1);
    expect(doctorReportSchema.parse(JSON.parse(stdout))).toMatchObject({ findings: 1 });
  });

  it("takes the Region of the environment and the stack that is named", async () => {
    const { regions, asked } = await run(["--stack", "Second"], {}, { AWS_REGION: "us-east-1" });
    expect(regions).toEqual(["us-east-1"]);
    expect(asked).toContain('DescribeStacksCommand {"StackName":"Second"}');
  });

  it.each([
    [[], "There is no Region"],
    [["--region", "Ireland"], '"Ireland" is no Region'],
    [["--region", "eu-west-1", "--format", "xml"], "--format takes text, json"],
    [["--region", "eu-west-1", "--stak", "x"], 'Did you mean "stack"?'],
    [["--region", "eu-west-1", "now"], "now"],
  ])("refuses %j with advice", async (args, message) => {
    await expect(run(args)).rejects.toThrow(UsageError);
    await expect(run(args)).rejects.toThrow(message);
  });
});
