import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskRuns } from "../../../lambda/destinations/mask-runs.ts";

const KEY = "xoxb-12345-AbCdEf-67890";
const mask = (text: string, secret = KEY): string => maskRuns(text, [secret], "#");

describe("maskRuns", () => {
  it.each([
    ["bad key xoxb-12345-Ab***", "bad key #***"],
    ["bad key XOXB-12345-ABCDEF-67890!", "bad key #!"],
    ["xoxb%2d12345%2DAbCdEf%2d67890", "#"],
    ["xoxb%252d12345", "#"],
    [String.raw`xoxb\u002d12345\\u002dAbCdEf`, "#"],
    ["xoxb&#45;12345&#x2d;AbCdEf", "#"],
    ["xoxb-1234\u200b5-AbCdEf-67890", "#"],
    ["xoxb-1\n2345", "#"],
    ["first xoxb-12345, then AbCdEf-6", "first #, then #"],
    ["xoxb-12 and AbCdEf-", "xoxb-12 and AbCdEf-"],
    ["invalid_auth", "invalid_auth"],
    ["", ""],
  ])("makes of %j %j", (text, masked) => {
    expect(mask(text)).toBe(masked);
  });

  it("finds a key in Base64, wherever it begins", () => {
    for (const before of ["", "a", "ab", "user:"]) {
      for (const name of ["base64", "base64url"] as const)
        expect(mask(Buffer.from(before + KEY).toString(name))).toContain("#");
    }
  });

  it("leaves the host and the plain words of an address: they garble every sentence", () => {
    const address = "https://prod-1.logic.azure.com/workflows/0a1b2c3d4e5f/triggers/manual?sig=Zk3Qw8Er7T";
    const said = "prod-1.logic.azure.com answered 404: there is no such workflow, nor triggers";
    expect(mask(said, address)).toBe(said);
    expect(mask("sig=Zk3Qw8Er", address)).toBe("#");
  });

  it("leaves no run of eight in common", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "h", " ", "-", "%", "2"), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.stringMatching(/^[a-h]{8,20}$/), fc.nat(40), (around, key, at) => {
        const echoed = around.slice(0, at) + key + around.slice(at);
        const masked = mask(echoed, key);
        expect(masked).toContain("#");
        for (let from = 0; from + 8 <= key.length; from++)
          expect(masked).not.toContain(key.slice(from, from + 8));
      }),
    );
  });
});
