import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";
import { createRedactor } from "../../../lib/scaffold/redact.ts";

const record: CloudTrailRecord = {
  eventSource: "iam.amazonaws.com",
  eventName: "CreateAccessKey",
  recipientAccountId: "210987654321",
  userIdentity: {
    type: "IAMUser",
    userName: "grace.hopper",
    arn: "arn:aws:iam::210987654321:user/grace.hopper",
    accountId: "210987654321",
    accessKeyId: "AKIAQWERTYUIOPASDFGH",
  },
};

const redact = (key: string, value: unknown): unknown => createRedactor(record)(key, value);

describe("createRedactor", () => {
  it.each([
    ["the caller's own account", "accountId", "210987654321", "123456789012"],
    ["another account", "targetAccount", "111122223333", "999999999999"],
    ["the caller's own name", "userName", "grace.hopper", "ada"],
    ["somebody else's name", "userName", "alan.turing", "example-user"],
    ["an address", "sourceIp", "198.51.100.23", "192.0.2.1"],
    ["a public range", "cidrIp", "198.51.100.0/22", "192.0.2.0/22"],
    ["one public address", "cidrIp", "198.51.100.23/32", "192.0.2.1/32"],
    ["a private range", "cidrBlock", "10.20.0.0/16", "10.0.0.0/16"],
    ["an IPv6 range", "cidrIpv6", "2001:470:1f0b::/48", "2001:db8::1/48"],
    ["a resource id", "groupId", "sg-0123456789abcdef0", "sg-0a1b2c3d4e5f60001"],
    ["an access key id", "accessKeyId", "AKIAIOSFODNN7REALKEY", "AKIAEXAMPLE000000001"],
    ["a uuid", "keyId", "3f2a0a52-9d65-4c93-8f7f-3f6a2d6f1b11", "00000000-0000-4000-8000-000000000001"],
    ["an e-mail address", "email", "grace@real-company.example", "user@example.com"],
    [
      "a role's ARN",
      "roleArn",
      "arn:aws:iam::111122223333:role/ops/pager",
      "arn:aws:iam::999999999999:role/example-role",
    ],
    ["a bucket's ARN", "Resource", "arn:aws:s3:::payroll/*", "arn:aws:s3:::example-bucket/*"],
    [
      "an instance's ARN",
      "arn",
      "arn:aws:ec2:eu-west-1:210987654321:instance/i-0123456789abcdef0",
      "arn:aws:ec2:eu-west-1:123456789012:instance/i-0a1b2c3d4e5f60001",
    ],
    ["a free text", "description", "for Grace, call +49 30 123456", "example-description"],
  ])("replaces %s", (_, key, value, fixture) => {
    expect(redact(key, value)).toBe(fixture);
  });

  it.each([
    ["the whole internet", "cidrIp", "0.0.0.0/0"],
    ["the whole internet, IPv6", "cidrIpv6", "::/0"],
    ["a canned ACL", "x-amz-acl", "public-read"],
    ["everybody, in an S3 grant", "URI", "http://acs.amazonaws.com/groups/global/AllUsers"],
    ["a managed policy", "policyArn", "arn:aws:iam::aws:policy/AdministratorAccess"],
    ["a protocol", "ipProtocol", "tcp"],
    ["a number as text", "maxResults", "100"],
    ["an instance type", "instanceType", "m7g.16xlarge"],
    ["a mode", "versioningStatus", "Suspended"],
    ["a number", "fromPort", 22],
    ["a switch", "publiclyAccessible", true],
    ["nothing", "functionName", null],
  ])("keeps %s", (_, key, value) => {
    expect(redact(key, value)).toBe(value);
  });

  it("replaces a word of AWS that is the caller's name", () => {
    expect(redact("attributeType", "grace.hopper")).not.toContain("grace");
  });

  it("gives one value one fixture, and others another", () => {
    expect(
      redact("x", {
        userName: "bob",
        owner: "bob",
        groupName: "carol",
        otherUserName: "carol",
        user: "dave",
      }),
    ).toEqual({
      userName: "example-user",
      owner: "example-user",
      groupName: "example-group",
      otherUserName: "example-group",
      user: "example-user-2",
    });
  });

  it("looks into policies, as objects, as text and URL-encoded", () => {
    const policy = {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "GraceOnly",
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::111122223333:root" },
          Action: "s3:GetObject",
        },
      ],
    };
    const redacted = {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "example-sid",
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::999999999999:root" },
          Action: "s3:GetObject",
        },
      ],
    };
    const text = JSON.stringify(policy);
    expect(redact("bucketPolicy", policy)).toEqual(redacted);
    expect(redact("policyDocument", text)).toBe(JSON.stringify(redacted));
    expect(redact("document", encodeURIComponent(text))).toBe(encodeURIComponent(JSON.stringify(redacted)));
  });

  it("lets no name through, wherever it stands below keys that are not AWS's own words", () => {
    const canary = "zqx";
    const key = fc.constantFrom(
      "name",
      "tags",
      "value",
      "description",
      "Host",
      "items",
      "user",
      "comment",
      "key",
    );
    const leaf = fc
      .tuple(
        fc.constantFrom(
          "",
          "arn:aws:iam::111122223333:user/",
          "arn:aws:s3:::",
          '{"Statement":"',
          "%7B",
          "a@",
        ),
        fc.string({ maxLength: 5 }),
      )
      .map(([front, end]) => `${front}${canary}${end}`);
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(key, tie("tree"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(key, tree, (name, value) => {
        expect(JSON.stringify(redact(name, value)) ?? "").not.toContain(canary);
      }),
      { numRuns: 2_000 },
    );
  });

  it("bounds what it keeps", () => {
    const deep = Array.from({ length: 5_000 }).reduce<unknown>((inner) => ({ a: inner }), "x");
    const wide = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, at]));
    const long = { list: Array.from({ length: 500 }, () => 1), wide };
    expect(JSON.stringify(redact("x", deep)).length).toBeLessThan(200);
    expect(JSON.stringify(redact("x", long)).length).toBeLessThan(500);
  });
});
