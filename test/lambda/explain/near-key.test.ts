import { describe, expect, it } from "vitest";
import { parseFactPath } from "../../../lambda/record/fact-path.ts";
import { nearKey } from "../../../lambda/explain/near-key.ts";

const RECORD = {
  requestParameters: { groupId: "sg-1", ipPermissions: { items: [{ ipProtocol: "tcp" }] } },
  errorCode: "AccessDenied",
};

describe("the key that was meant", () => {
  it.each([
    ["requestParameters.groupID", "requestParameters.groupId"],
    ["requestParameter.groupId", "requestParameters"],
    [
      "requestParameters.ipPermissions.items[0].ipProtocl",
      "requestParameters.ipPermissions.items[0].ipProtocol",
    ],
    ["requestParameters.ipPermissions.items[*].cidr", undefined],
    [
      "requestParameters.ipPermissions.items[*].IpProtocol",
      "requestParameters.ipPermissions.items[*].ipProtocol",
    ],
    ["requestParameters.ipPermissions.items[7].ipProtocl", undefined],
    ["requestParameters.groupId", undefined],
    ["errorCode.x", undefined],
    ["somethingElse", undefined],
  ])("of %s is %s", (fact, meant) => {
    expect(nearKey(RECORD, parseFactPath(fact))).toBe(meant);
  });

  it("is not looked for among what every object inherits, nor among keys without end", () => {
    expect(nearKey({}, parseFactPath("constructr"))).toBeUndefined();
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`key${at}`, at]));
    expect(nearKey({ ...many, errorCode: 1 }, parseFactPath("errorCod"))).toBeUndefined();
  });
});
