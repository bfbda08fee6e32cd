import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actorKeyOf, boundKey, isActorKey, MAX_KEY_BYTES } from "../../../lambda/cases/actor-key.ts";
import { rowOf } from "../../../lambda/cases/case-row.ts";
import { caseRowSchema } from "../../../lambda/cases/case-schema.ts";
import { UNSEEN } from "../../../lambda/alerts/unseen.ts";
import { sampleAlert } from "../alerts/sample.ts";

const createdAt = "2026-11-20T10:16:00.000Z";
/** What an attacker may choose, as long as CloudTrail lets it be and longer. */
const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 3_000 }),
  fc
    .nat({ max: 3_000 })
    .chain((n) => fc.constantFrom('"', "\u202e", "😀", "\\", "\u0000", "x").map((c) => c.repeat(n))),
);

describe("a row", () => {
  it("shows what lists need of an alert", () => {
    const row = rowOf(sampleAlert(), { createdAt });
    expect(caseRowSchema.safeParse(row).error).toBeUndefined();
    expect(row).toMatchObject({
      status: "open",
      disposition: "delivered",
      severity: "high",
      title: "ec2.amazonaws.com: Security group opened to the internet",
      actor: { key: "arn:aws:iam::123456789012:role/people/Admin", name: "Admin/alice@example.com" },
      session: "AROAEXAMPLE:alice@example.com",
      ip: "192.0.2.10",
      accountId: "123456789012",
      eventName: "AuthorizeSecurityGroupIngress",
      createdAt,
    });
    expect(rowOf(sampleAlert(), { createdAt, repeatOf: "x" }).repeatOf).toBe("x");
  });

  it("is less than 4 KB and valid, whatever the record holds", () => {
    fc.assert(
      fc.property(hostile, hostile, fc.array(hostile, { maxLength: 20 }), (text, other, arns) => {
        const alert = sampleAlert(
          {
            eventName: text,
            awsRegion: other,
            sourceIPAddress: other,
            recipientAccountId: text,
            userIdentity: {
              type: other,
              principalId: `AROA:${text}`,
              arn: text,
              userName: text,
              accountId: other,
            },
            resources: arns.map((ARN) => ({ ARN })),
          },
          { name: text },
        );
        const row = rowOf(alert, { createdAt });
        expect(Buffer.byteLength(JSON.stringify(row))).toBeLessThan(4_096);
        expect(caseRowSchema.safeParse(row).error).toBeUndefined();
        expect(row.resources.length).toBeLessThanOrEqual(10);
        for (const shown of [row.title, row.actor.name, row.actor.key, row.eventName])
          expect(shown).toBe(shown.replace(UNSEEN, "!"));
      }),
    );
  });
});

const keyOf = (userIdentity: object, ip = "192.0.2.1"): string =>
  actorKeyOf(sampleAlert({ userIdentity, sourceIPAddress: ip }));
const session = (name: string) => ({
  type: "AssumedRole",
  principalId: `AROAEXAMPLE:${name}`,
  arn: `arn:aws:sts::123456789012:assumed-role/deploy/${name}`,
  sessionContext: { sessionIssuer: { arn: "arn:aws:iam::123456789012:role/deploy", userName: "deploy" } },
});

describe("an actor's key", () => {
  it("is one for all sessions of a role and for all addresses", () => {
    expect(keyOf(session("a"))).toBe("arn:aws:iam::123456789012:role/deploy");
    expect(keyOf(session("b"), "192.0.2.2")).toBe(keyOf(session("a")));
  });

  it("tells callers apart who have no ARN: by principal, else by name and address", () => {
    expect(keyOf({ type: "AWSAccount", principalId: "AROAEXAMPLE:one" })).toBe("principal:AROAEXAMPLE");
    const web = (user: string) =>
      keyOf({ type: "WebIdentityUser", principalId: `accounts.example.com:app:${user}` });
    expect(web("a")).not.toBe(web("b"));
    const failed = { type: "IAMUser", userName: "HIDDEN_DUE_TO_SECURITY_REASONS" };
    expect(keyOf(failed, "192.0.2.1")).not.toBe(keyOf(failed, "192.0.2.2"));
    expect(keyOf({})).toMatch(/^name:Unknown\//);
  });

  it("fits into a key, is seen whole, is known as one, and differs where texts differ", () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        const [one, two] = [keyOf({ type: "X", principalId: a }), keyOf({ type: "X", principalId: b })];
        for (const key of [one, two]) {
          expect(Buffer.byteLength(key)).toBeLessThanOrEqual(MAX_KEY_BYTES);
          expect(isActorKey(key)).toBe(true);
          expect(boundKey(key)).toBe(key);
        }
        expect(boundKey(a) === boundKey(b)).toBe(a === b);
      }),
    );
  });
});
