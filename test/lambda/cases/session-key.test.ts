import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sessionKeyOf } from "../../../lambda/cases/session-key.ts";

const actor = { type: "AssumedRole", name: "x", root: false };

describe("the session of an alert", () => {
  it("is the role's session, whatever keys the console took", () => {
    const session = { ...actor, principalId: "AROAEXAMPLE:alice", session: "alice", sessionIssuer: "arn:x" };
    expect(sessionKeyOf({ actor: { ...session, accessKeyId: "ASIA1" } })).toBe("AROAEXAMPLE:alice");
    expect(sessionKeyOf({ actor: { ...session, accessKeyId: "ASIA2" } })).toBe("AROAEXAMPLE:alice");
  });

  it("is the issuer's with the session's name where there is no principal id, else the access key's", () => {
    expect(sessionKeyOf({ actor: { ...actor, session: "alice", sessionIssuer: "arn:x" } })).toBe(
      "arn:x:alice",
    );
    expect(sessionKeyOf({ actor: { ...actor, principalId: "AIDAEXAMPLE", accessKeyId: "AKIA1" } })).toBe(
      "AKIA1",
    );
    expect(sessionKeyOf({ actor: { ...actor, principalId: "AIDAEXAMPLE" } })).toBeUndefined();
  });

  it("is one short line, and differs where the texts differ, however long and strange they are", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", minLength: 1 }),
      fc.string({ minLength: 190, maxLength: 400 }),
    );
    fc.assert(
      fc.property(text, text, (one, other) => {
        const [a, b] = [one, other].map((accessKeyId) => sessionKeyOf({ actor: { ...actor, accessKeyId } }));
        expect(a?.length).toBeLessThanOrEqual(200);
        expect(a).not.toMatch(/[\p{Cc}\u202e]/u);
        expect(a === b).toBe(one === other);
      }),
    );
    const long = "x".repeat(300);
    expect(sessionKeyOf({ actor: { ...actor, accessKeyId: `${long}1` } })).not.toBe(
      sessionKeyOf({ actor: { ...actor, accessKeyId: `${long}2` } }),
    );
  });
});
