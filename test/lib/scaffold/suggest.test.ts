import { describe, expect, it } from "vitest";
import { suggestComparisons } from "../../../lib/scaffold/suggest.ts";

const base = { eventSource: "ec2.amazonaws.com", eventName: "X" };
const ALWAYS = { fact: "userIdentity.invokedBy", operator: "exists", value: false };

const suggested = (requestParameters: unknown, more: object = {}) =>
  suggestComparisons({ ...base, ...more, requestParameters });

describe("suggestComparisons", () => {
  it("offers what says how the call was made, the most telling first", () => {
    const parameters = {
      groupId: "sg-0a1b2c3d4e5f60001",
      ipPermissions: {
        items: [{ ipProtocol: "tcp", fromPort: 22, ipRanges: { items: [{ cidrIp: "0.0.0.0/0" }] } }],
      },
    };
    const [first, ...rest] = suggested(parameters);
    expect(first).toEqual({
      fact: "requestParameters.ipPermissions.items[*].ipRanges.items[*].cidrIp",
      operator: "someFact:equal",
      value: "0.0.0.0/0",
    });
    expect(rest).toContainEqual({
      fact: "requestParameters.ipPermissions.items[*].fromPort",
      operator: "someFact:equal",
      value: 22,
    });
  });

  it("never offers an id, a name or a page size", () => {
    expect(suggested({ groupId: "sg-0a1b2c3d4e5f60001", userName: "example-user", maxResults: 100 })).toEqual(
      [ALWAYS],
    );
  });

  it.each([
    ["an object", { Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:*", Resource: "*" }] }],
    ["text", '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}'],
  ])("sees that a policy given as %s lets anybody in", (_, policy) => {
    const offered = suggested({ bucketPolicy: policy });
    expect(offered[0]).toEqual({
      fact: "requestParameters.bucketPolicy",
      operator: "grantsPublic",
      value: true,
    });
    expect(offered.filter(({ fact }) => fact.includes("Statement"))).toEqual([]);
  });

  it("tells of the console and the root user where AWS itself does", () => {
    const caller = { sessionCredentialFromConsole: "true", userIdentity: { type: "Root" } };
    expect(suggested(null, caller)).toEqual([
      { fact: "actor.root", operator: "equal", value: true },
      ALWAYS,
      { fact: "channel.name", operator: "equal", value: "console" },
    ]);
  });

  it("offers that a parameter was given at all, where its value tells nothing", () => {
    expect(suggested({ userData: "<sensitiveDataRemoved>" })).toContainEqual({
      fact: "requestParameters.userData",
      operator: "exists",
      value: true,
    });
  });

  it("offers nothing that holds only for what redaction put in a value's place", () => {
    const real = { ...base, requestParameters: { size: 20_000_000_000, port: 22 } };
    const redacted = { ...base, requestParameters: { size: 123_456_789_012, port: 22 } };
    const facts = suggestComparisons(redacted, real).map(({ fact, operator }) => [fact, operator]);
    expect(facts).toEqual([
      ["requestParameters.port", "equal"],
      ["userIdentity.invokedBy", "exists"],
      ["requestParameters.size", "exists"],
    ]);
  });

  it("passes over keys that no fact could spell", () => {
    expect(suggested({ "a.b": true, "": true, "x[0]": true })).toEqual([ALWAYS]);
  });
});
