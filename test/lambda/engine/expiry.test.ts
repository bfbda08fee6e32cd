import { describe, expect, it } from "vitest";
import { expiryOf, hasExpired } from "../../../lambda/engine/expiry.ts";

describe("a suppression's last day", () => {
  it("counts to its end, in UTC", () => {
    const expires = "2027-03-31";
    expect(hasExpired({ expires }, Date.UTC(2027, 2, 31, 23, 59, 59, 999))).toBe(false);
    expect(hasExpired({ expires }, Date.UTC(2027, 3, 1))).toBe(true);
    expect(hasExpired({ expires }, 0)).toBe(false);
    expect(expiryOf(expires)).toBe(Date.UTC(2027, 3, 1));
  });

  it("may be the 29th of February in a leap year", () => {
    expect(expiryOf("2028-02-29")).toBe(Date.UTC(2028, 2, 1));
  });

  it.each([
    "2027-02-29",
    "2027-02-30",
    "2027-13-01",
    "2027-00-10",
    "2027-1-1",
    "",
    "tomorrow",
    "2027-03-31T00:00",
  ])("is over when it is no day of the calendar: %j", (expires) => {
    expect(expiryOf(expires)).toBeUndefined();
    expect(hasExpired({ expires }, 0)).toBe(true);
  });
});
