import { describe, expect, it } from "vitest";
import { DERIVED_ROOTS, factRoot } from "../../../lambda/record/derived-facts.ts";
import { parseFactPath } from "../../../lambda/record/fact-path.ts";
import { readerOf } from "../../../lambda/record/fact-reader.ts";
import { resolveFact } from "../../../lambda/record/facts.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";
import { RECORD_FIELDS } from "../../../lambda/record/record-shape.ts";
import { ACCOUNT, recordOf } from "../engine/samples.ts";

function fact(record: CloudTrailRecord, name: string): unknown {
  const path = parseFactPath(name);
  const value = resolveFact(factRoot(record, path), path);
  expect(readerOf(path)(record)).toEqual(value);
  return value;
}

describe("derived facts", () => {
  it("have names that no field of a record has", () => {
    expect(DERIVED_ROOTS.filter((root) => RECORD_FIELDS.includes(root))).toEqual([]);
  });

  it("say who, how, and with what outcome", () => {
    const record = recordOf({ errorCode: "AccessDenied" });
    expect(fact(record, "actor.name")).toBe("ada");
    expect(fact(record, "actor.arn")).toBe(`arn:aws:iam::${ACCOUNT}:user/ada`);
    expect(fact(record, "actor.root")).toBe(false);
    expect(fact(record, "channel.name")).toBe("cli");
    expect(fact(record, "outcome")).toBe("denied");
    expect(fact(recordOf(), "outcome")).toBe("success");
  });

  it("are absent where nothing can be derived", () => {
    expect(fact(recordOf(), "actor.session")).toBeUndefined();
    expect(fact(recordOf(), "actor.constructor")).toBeUndefined();
    expect(fact(recordOf(), "outcome.x")).toBeUndefined();
  });

  it("cannot be forged by a field of the record with their name", () => {
    const forged = {
      ...recordOf(),
      actor: { name: "mallory" },
      "actor.name": "mallory",
      outcome: "success",
      errorCode: "AccessDenied",
    };
    expect(fact(forged, "actor.name")).toBe("ada");
    expect(fact(forged, "outcome")).toBe("denied");
  });

  it("are derived from whatever stands in the fields, without failing", () => {
    const odd: readonly unknown[] = [
      null,
      5,
      "text",
      [],
      ["x"],
      {},
      { type: 5, arn: {}, sessionContext: [] },
      true,
    ];
    for (const userIdentity of odd) {
      for (const responseElements of odd) {
        const record = recordOf({
          userIdentity,
          responseElements,
          userAgent: 5,
          additionalEventData: userIdentity,
        });
        expect(typeof fact(record, "actor.name")).toBe("string");
        expect(typeof fact(record, "channel.name")).toBe("string");
        expect(fact(record, "outcome")).toMatch(/^(success|denied|failed)$/);
      }
    }
  });
});
