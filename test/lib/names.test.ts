import { describe, expect, it } from "vitest";
import { ruleNamePrefix } from "../../lib/names.ts";

describe("the prefix of the EventBridge rules", () => {
  it("is the stack's name and a dot, which no other stack's name can begin with", () => {
    expect(ruleNamePrefix("CloudTrailEngine")).toBe("CloudTrailEngine.");
  });

  it("stays within 24 characters and tells long names apart", () => {
    const one = ruleNamePrefix("security-cloudtrail-engine-production-one");
    const two = ruleNamePrefix("security-cloudtrail-engine-production-two");
    expect(one).toHaveLength(24);
    expect(one).toMatch(/^security-cloud-[0-9a-f]{8}\.$/);
    expect(two).not.toBe(one);
  });
});
