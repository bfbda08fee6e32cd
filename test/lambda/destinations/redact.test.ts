import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redact } from "../../../lambda/destinations/redact.ts";

const ADDRESS = "https://hooks.example/services/T0123456/B0123456/abcdefghijklmnop?code=qrstuvwxyz&v=1";

describe("redact", () => {
  it.each([
    [`POST ${ADDRESS} failed`, "POST (secret) failed"],
    [
      "no service at /services/T0123456/B0123456/abcdefghijklmnop?code=qrstuvwxyz&v=1",
      "no service at (secret)",
    ],
    ["no_team B0123456", "no_team (secret)"],
    ["token abcdefghijklmnop, code qrstuvwxyz", "token (secret), code (secret)"],
    [encodeURIComponent(ADDRESS), "(secret)"],
    [Buffer.from(ADDRESS).toString("base64"), "(secret)"],
    ["the v1 API of hooks.example has no such hook", "the v1 API of hooks.example has no such hook"],
  ])("takes an address and its parts out of %j", (text, clean) => {
    expect(redact(text, [ADDRESS])).toBe(clean);
  });

  it("takes out a key as JSON quotes it", () => {
    expect(redact(JSON.stringify({ bad: 'a"b\\c' }), ['a"b\\c'])).toBe('{"bad":"(secret)"}');
  });

  it("takes out the longer of two secrets first, so that none of it is left", () => {
    expect(redact("key-123-long", ["key-123", "key-123-long"])).toBe("(secret)");
  });

  it("changes nothing without secrets, nor for an empty one", () => {
    expect(redact("as it is", [])).toBe("as it is");
    expect(redact("as it is", [""])).toBe("as it is");
  });

  it("leaves no secret of eight characters or more in any text, wherever it stands", () => {
    const secret = fc.stringMatching(/^[\x21-\x7e]{8,40}$/);
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (key, before, after) => {
        fc.pre(!"(secret)".includes(key));
        expect(redact(before + key + after, [key])).not.toContain(key);
      }),
    );
  });
});
