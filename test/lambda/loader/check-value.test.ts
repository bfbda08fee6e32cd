import { describe, expect, it } from "vitest";
import { linesOf } from "./rules-dir.ts";

const lines = (operator: string, value: string) =>
  linesOf(`{ fact: sourceIPAddress, operator: "${operator}", value: ${value} }`);

describe("a range in a condition", () => {
  it.each([
    ["inCidr", "192.0.2.7/24", "192.0.2.7/24", "192.0.2.0/24", "192.0.2.7/32"],
    ["not:inCidr", '"2001:db8::1/32"', "2001:db8::1/32", "2001:db8::/32", "2001:db8::1/128"],
    ["someValue:inCidr", "[192.0.2.7/24]", "192.0.2.7/24", "192.0.2.0/24", "192.0.2.7/32"],
  ])("is warned of where it has bits behind its prefix: %s %s", (operator, value, text, range, single) => {
    expect(lines(operator, value)).toEqual([
      expect.stringContaining(
        `"${text}" does not begin a range: its last bits are not zero, and it holds all of ${range}. Write ${range} for the range, or ${single} for the address.`,
      ),
    ]);
    expect(lines(operator, value)[0]).toMatch(/^\d+:\d+ warning: /);
  });

  it.each(["192.0.2.0/24", "192.0.2.7/32", '"2001:0db8::/32"', '"2001:db8::1/128"'])(
    "is fine: %s",
    (value) => {
      expect(lines("inCidr", value)).toEqual([]);
    },
  );
});
