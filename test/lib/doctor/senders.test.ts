import { describe, expect, it } from "vitest";
import { type Answers, awsError, outputs } from "./account.ts";
import { examineWith, findingsOf } from "./findings.ts";

const withSender = (region?: string): Answers => ({
  DescribeStacksCommand: {
    Stacks: [
      {
        StackStatus: "CREATE_COMPLETE",
        Outputs: outputs({ Senders: JSON.stringify([{ from: "alerts@sec.example.com", region }]) }),
      },
    ],
  },
});

const notFound = awsError("NotFoundException", "no such identity");

describe("senders of mail", () => {
  it("are fine where the address is verified", async () => {
    const report = await examineWith(withSender());
    expect(report.findings).toBe(0);
    expect(report.results.find(({ check }) => check === "senders")?.message).toContain(
      "alerts@sec.example.com is verified",
    );
  });

  it("are fine where only a domain above the address is", async () => {
    const asked: string[] = [];
    const report = await examineWith(
      {
        ...withSender(),
        GetEmailIdentityCommand: ({ EmailIdentity }: Record<string, unknown>) =>
          EmailIdentity === "example.com" ? { VerifiedForSendingStatus: true } : notFound(),
      },
      "eu-west-1",
      asked,
    );
    expect(report.findings).toBe(0);
    expect(asked.filter((call) => call.startsWith("GetEmailIdentity"))).toHaveLength(3);
  });

  it.each<[string, Answers, string, string]>([
    ["that nobody verified", { GetEmailIdentityCommand: notFound }, "fail", "takes no mail from"],
    [
      "whose verification is pending",
      { GetEmailIdentityCommand: { VerifiedForSendingStatus: false } },
      "fail",
      "takes no mail from",
    ],
    [
      "in the sandbox",
      { GetAccountCommand: { ProductionAccessEnabled: false, SendingEnabled: true } },
      "warn",
      "in its sandbox",
    ],
    ["of a paused account", { GetAccountCommand: { SendingEnabled: false } }, "fail", "sends nothing"],
  ])("%s are found", async (_, changes, status, message) => {
    expect(await findingsOf({ ...withSender("eu-central-1"), ...changes })).toMatchObject([
      { check: "senders", status, message: expect.stringContaining(message) },
    ]);
  });
});

describe("secrets that are parameters of SSM", () => {
  const withParameter: Answers = {
    DescribeStacksCommand: {
      Stacks: [
        {
          StackStatus: "CREATE_COMPLETE",
          Outputs: outputs({ Secrets: '{"ssm:/prod/hook":"the address"}' }),
        },
      ],
    },
  };

  it("are read decrypted, by the name that the detector reads", async () => {
    const asked: string[] = [];
    expect((await examineWith(withParameter, "eu-west-1", asked)).findings).toBe(0);
    expect(asked).toContain('GetParameterCommand {"Name":"/prod/hook","WithDecryption":true}');
  });

  it.each<[string, Answers, string]>([
    [
      "in clear",
      { GetParameterCommand: { Parameter: { Type: "String", Value: "x" } } },
      "is no SecureString",
    ],
    [
      "missing",
      { GetParameterCommand: awsError("ParameterNotFound", "") },
      "There is no parameter /prod/hook in this Region",
    ],
    ["unreadable", { GetParameterCommand: awsError("AccessDeniedException", "no") }, "cannot be read"],
    [
      "empty",
      { GetParameterCommand: { Parameter: { Type: "SecureString", Value: " " } } },
      "holds nothing that could be the address",
    ],
  ])("%s are found", async (_, changes, message) => {
    expect(await findingsOf({ ...withParameter, ...changes })).toMatchObject([
      { check: "secrets", status: "fail", message: expect.stringContaining(message) },
    ]);
  });
});
