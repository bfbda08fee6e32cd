import { describe, expect, it } from "vitest";
import { deriveOutcome } from "../../../lambda/record/outcome.ts";

const outcome = (fields: Readonly<Record<string, unknown>>): unknown =>
  deriveOutcome({ eventSource: "ec2.amazonaws.com", eventName: "ConsoleLogin", ...fields });

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
  ])("calls %s denied", (errorCode) => {
    expect(outcome({ errorCode, errorMessage: "no" })).toEqual({
      result: "denied",
      errorCode,
      errorMessage: "no",
    });
  });

  it.each(["ThrottlingException", "NoSuchBucketPolicy", "Client.InvalidGroup.NotFound", "BucketNotEmpty"])(
    "calls %s failed",
    (errorCode) => {
      expect(outcome({ errorCode })).toEqual({ result: "failed", errorCode });
    },
  );

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
    { errorCode: "", errorMessage: null },
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
