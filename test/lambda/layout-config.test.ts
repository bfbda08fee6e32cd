import { describe, expect, it } from "vitest";
import { checkLayout } from "../../lambda/check-config.ts";
import { readConfig } from "../../lib/config.ts";
import { configFile } from "../../lib/destinations.ts";

const written = (engine: object) => configFile(readConfig(engine).config);

describe("what the Lambda is told of accounts and canaries", () => {
  it("is nothing unless it is configured, and canaries only where some are forwarded", () => {
    expect(written({ canary: {} })).not.toHaveProperty("canaries");
    expect(written({})).not.toHaveProperty("accounts");
    expect(written({ hub: { organizationId: "o-a1b2c3d4e5" } })).not.toHaveProperty("canaries");
    const times = { every: 20, within: 10 };
    expect(written({ canary: times, regions: ["us-east-1"] })).toMatchObject({ canaries: times });
    expect(written({ canary: times, hub: { accounts: ["210987654321"] } })).toMatchObject({
      canaries: times,
    });
    const accounts = { "210987654321": "production" };
    expect(written({ accounts })).toMatchObject({ accounts });
  });

  it("is read as it was written", () => {
    const problems: string[] = [];
    const given = { accounts: { "210987654321": "production" }, canaries: { every: 20, within: 10 } };
    expect(checkLayout(given, problems)).toEqual(given);
    expect(checkLayout({}, problems)).toEqual({});
    expect(problems).toEqual([]);
  });

  it.each([{ accounts: ["production"] }, { accounts: 7 }, { canaries: "often" }, { canaries: [] }])(
    "is refused when it is %j",
    (given) => {
      const problems: string[] = [];
      expect(checkLayout(given, problems)).toEqual({});
      expect(problems).toEqual(["config.json accounts and canaries must be objects."]);
    },
  );
});
