import { describe, expect, it } from "vitest";
import { parseFactPath } from "../../../lambda/record/fact-path.ts";
import { resolveFact } from "../../../lambda/record/facts.ts";
import { misshapenField, PLAIN_VALUE_FACTS, RECORD_FIELDS } from "../../../lambda/record/record-shape.ts";
import { recordOf } from "../engine/samples.ts";

/** The record with a value under nested keys. */
function withValue(name: string, value: unknown): Record<string, unknown> {
  const keys = name.split(".");
  const nested = keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  return { ...recordOf(), ...(nested as Record<string, unknown>) };
}

const PLAIN = [...PLAIN_VALUE_FACTS];

describe("fields that hold a plain value", () => {
  it("stand in fields that every record can have", () => {
    for (const name of PLAIN) expect(RECORD_FIELDS).toContain(parseFactPath(name).root);
  });

  it.each(PLAIN)("%s may hold nothing, and no list or object", (name) => {
    expect(misshapenField(withValue(name, null))).toBeUndefined();
    for (const compound of [[], {}, ["x"], { x: 1 }])
      expect(misshapenField(withValue(name, compound))).toBe(name);
  });

  it.each(PLAIN.filter((name) => name.includes(".")))("no list stands on the way to %s", (name) => {
    const keys = name.split(".");
    for (let length = 1; length < keys.length; length++) {
      const way = keys.slice(0, length).join(".");
      expect(misshapenField(withValue(way, [{}]))).toBe(way);
    }
  });

  it.each(PLAIN.filter((name) => name.includes(".")))(
    "%s is plain under keys with dots as well: nobody can bring in a list beside it",
    (name) => {
      const keys = name.split(".");
      for (let length = 2; length <= keys.length; length++) {
        const inner = keys.slice(length).reduceRight<unknown>((value, key) => ({ [key]: value }), ["x"]);
        const record = { ...recordOf(), [keys.slice(0, length).join(".")]: inner };
        expect(misshapenField(record)).toBeDefined();
      }
      expect(misshapenField({ ...recordOf(), [name]: "beside it" })).toBeUndefined();
    },
  );

  it.each(["readOnly", "managementEvent"])("%s is true, false or nothing", (field) => {
    for (const value of [true, false, null, undefined])
      expect(misshapenField(recordOf({ [field]: value }))).toBeUndefined();
    for (const value of ["true", 1, 0, ""]) expect(misshapenField(recordOf({ [field]: value }))).toBe(field);
  });

  it("errorCode is a text or nothing: event patterns tell failed calls from others by its text", () => {
    for (const value of ["AccessDenied", "", null, undefined])
      expect(misshapenField(recordOf({ errorCode: value }))).toBeUndefined();
    for (const value of [403, true]) expect(misshapenField(recordOf({ errorCode: value }))).toBe("errorCode");
  });

  it("have a plain value, or several, whenever the record is accepted", () => {
    const record = {
      ...recordOf(),
      "userIdentity.type": "Root",
      userIdentity: { type: "IAMUser", "sessionContext.sessionIssuer.arn": 5 },
    };
    expect(misshapenField(record)).toBeUndefined();
    for (const name of PLAIN) {
      const value = resolveFact(record, parseFactPath(name));
      const values =
        value !== null && typeof value === "object" && "values" in value
          ? (value.values as unknown[])
          : [value];
      for (const one of values) expect(typeof one === "object" && one !== null).toBe(false);
    }
  });
});

describe("all other fields", () => {
  it("may hold anything", () => {
    const rest = RECORD_FIELDS.filter((field) => !PLAIN_VALUE_FACTS.has(field) && field !== "userIdentity");
    expect(rest).toContain("requestParameters");
    for (const field of rest)
      for (const value of [[], {}, "x", 5, null, true])
        expect(misshapenField(recordOf({ [field]: value }))).toBeUndefined();
  });

  it("may have dotted keys of any kind beside them", () => {
    expect(
      misshapenField({ ...recordOf(), "requestParameters.a": [], "": {}, ".": [], userIdentityX: {} }),
    ).toBeUndefined();
  });

  it("userIdentity may be absent, null or a text", () => {
    for (const value of [undefined, null, "x", 5, {}])
      expect(misshapenField(recordOf({ userIdentity: value }))).toBeUndefined();
  });
});
