import { describe, expect, it } from "vitest";
import { deriveOutcome } from "../../../lambda/record/outcome.ts";

const outcome = (fields: Readonly<Record<string, unknown>>): unknown =>
  deriveOutcome({ eventSource: "signin.amazonaws.com", eventName: "ConsoleLogin", ...fields });

describe("deriveOutcome", () => {
  it.each([
    "AccessDenied",
    "AccessDeniedException",
    "Client.UnauthorizedOperation",
    "UnauthorizedOperation",
    "VpceAccessDenied",
    "NotAuthorized",
    "AuthorizationErrorException",
    "ForbiddenException",
    "AuthFailure",
    "Client.AuthFailure",
    "Client.UnauthorizedAccess",
    "OrganizationAccessDeniedException",
    "AuthorizationError",
  ])("calls %s denied", (errorCode) => {
    expect(outcome({ errorCode, errorMessage: "no" })).toEqual({
      result: "denied",
      errorCode,
      errorMessage: "no",
    });
  });

  it.each([
    "ThrottlingException",
    "Client.RequestLimitExceeded",
    "NoSuchBucketPolicy",
    "Client.InvalidGroup.NotFound",
    "BucketNotEmpty",
    "InvalidClientTokenId",
    "ServiceUnavailable",
  ])("calls %s failed", (errorCode) => {
    expect(outcome({ errorCode })).toEqual({ result: "failed", errorCode });
  });

  it("calls a dry run failed, for it changed nothing, and one that would be refused denied", () => {
    const dry = {
      errorCode: "Client.DryRunOperation",
      errorMessage: "Request would have succeeded, but DryRun flag is set.",
    };
    expect(outcome({ eventSource: "ec2.amazonaws.com", eventName: "RunInstances", ...dry })).toEqual({
      result: "failed",
      ...dry,
    });
    expect(outcome({ errorCode: "Client.UnauthorizedOperation" })).toMatchObject({ result: "denied" });
  });

  it("calls what a VPC endpoint's policy stopped denied", () => {
    const record = {
      eventSource: "kms.amazonaws.com",
      eventName: "ListKeys",
      eventType: "AwsVpceEvent",
      eventCategory: "NetworkActivity",
      errorCode: "VpceAccessDenied",
      errorMessage: "The request was denied due to a VPC endpoint policy",
    };
    expect(outcome(record)).toMatchObject({ result: "denied" });
  });

  it.each([
    [
      "a sign-in that only has a message",
      { errorMessage: "Failed authentication" },
      { errorMessage: "Failed authentication" },
    ],
    ["a sign-in that says Failure", { responseElements: { ConsoleLogin: "Failure" } }, {}],
    [
      "an Identity Center sign-in",
      { eventName: "CredentialVerification", serviceEventDetails: { CredentialVerification: "Failure" } },
      {},
    ],
    [
      "a sign-in that had the wrong second factor",
      { eventName: "CheckMfa", responseElements: { CheckMfa: "Failure" } },
      {},
    ],
    [
      "a role that could not be switched to",
      { eventName: "SwitchRole", responseElements: { SwitchRole: "Failure" } },
      {},
    ],
    [
      "a user of Identity Center",
      {
        eventSource: "sso.amazonaws.com",
        eventName: "UserAuthentication",
        serviceEventDetails: { UserAuthentication: "FAILURE" },
      },
      {},
    ],
    ["an error code that is there and empty", { errorCode: "" }, {}],
    [
      "an error in the response",
      { responseElements: { errorCode: "X", errorMessage: "y" } },
      { errorCode: "X", errorMessage: "y" },
    ],
  ])("finds the failure of %s", (_, fields, details) => {
    expect(outcome(fields)).toEqual({ result: "failed", ...details });
  });

  it.each([
    {},
    { responseElements: { ConsoleLogin: "Success" } },
    { errorCode: null, errorMessage: "" },
    { eventSource: "ec2.amazonaws.com", responseElements: { ConsoleLogin: "Failure" } },
    {
      eventName: "CheckMfa",
      additionalEventData: { MfaType: "Virtual MFA" },
      responseElements: { CheckMfa: "Success" },
    },
    { eventName: "DeleteFlowLogs", responseElements: { DeleteFlowLogsResponse: { unsuccessful: "" } } },
    { errorCode: { toString: "x" }, responseElements: ["Failure"], serviceEventDetails: 7 },
    { responseElements: { Other: "Failure" } },
    { eventName: "constructor", responseElements: {} },
  ])("calls %j a success", (fields) => {
    expect(outcome(fields)).toEqual({ result: "success" });
  });

  it("bounds what it repeats", () => {
    expect(
      JSON.stringify(outcome({ errorCode: "x".repeat(100_000), errorMessage: "y".repeat(100_000) })).length,
    ).toBeLessThan(2200);
  });
});
