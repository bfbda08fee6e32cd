import { describe, expect, it } from "vitest";
import { invokeDetector, signRequest } from "../../lib/invoke-detector.ts";

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:Detector";

describe("the signature of a request", () => {
  it("is the one of AWS's own example", () => {
    const { authorization } = signRequest(
      {
        method: "GET",
        url: new URL("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"),
        body: "",
        region: "us-east-1",
        service: "iam",
        now: new Date("2015-08-30T12:36:00Z"),
        headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
      },
      KEYS,
    );
    expect(authorization).toBe(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    );
  });
});

const invoke = (response: Response, seen: { url?: string; init?: RequestInit } = {}) =>
  invokeDetector(
    ARN,
    { engine: "send-test" },
    {
      credentials: async () => ({ ...KEYS, sessionToken: "token" }),
      now: () => new Date("2026-11-20T00:00:00Z"),
      fetch: async (url, init) => {
        Object.assign(seen, { url: url instanceof URL ? url.href : "", init });
        return response;
      },
    },
  );

describe("invoking the detector", () => {
  it("asks Lambda in the function's own Region, signed, and gives what the function returned", async () => {
    const seen: { url?: string; init?: RequestInit } = {};
    expect(await invoke(Response.json({ outcomes: [] }), seen)).toEqual({
      ok: true,
      value: { outcomes: [] },
    });
    expect(seen.url).toBe(
      `https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/${encodeURIComponent(ARN)}/invocations`,
    );
    expect(seen.init).toMatchObject({
      method: "POST",
      body: '{"engine":"send-test"}',
      headers: { "x-amz-security-token": "token", "x-amz-date": "20261120T000000Z" },
    });
  });

  it("gives the function's own error, and throws for what Lambda refuses, with the cure", async () => {
    const failed = Response.json(
      { errorMessage: "no rules" },
      { headers: { "x-amz-function-error": "Unhandled" } },
    );
    expect(await invoke(failed)).toEqual({ ok: false, error: "no rules" });
    await expect(invoke(new Response("denied", { status: 403 }))).rejects.toThrow("lambda:InvokeFunction");
  });
});
