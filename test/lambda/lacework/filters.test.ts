import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileFilters } from "../../../lambda/lacework/filters.ts";
import { toLacework } from "../../../lambda/formats/lacework.ts";
import { sampleAlert } from "../alerts/sample.ts";

const row = toLacework(sampleAlert(), { number: 12, status: "open" });
const passes = (field: string, expression: string, ...values: unknown[]): boolean =>
  compileFilters([{ field, expression, ...(values.length === 1 ? { value: values[0] } : { values }) }])(row);

describe("a filter", () => {
  it.each([
    ["alertId", "eq", [12]],
    ["alertId", "eq", ["12"]],
    ["alertId", "ne", [13]],
    ["alertId", "in", ["3", 12]],
    ["alertId", "not_in", [3, 4]],
    ["alertId", "gt", [9]],
    ["alertId", "between", [9, 100]],
    ["alertId", "like", ["1%"]],
    ["status", "eq", ["Open"]],
    ["status", "eq", ["open"]],
    ["severity", "eq", ["High"]],
    ["severity", "in", ["high", "Critical"]],
    ["severity", "gt", ["Medium"]],
    ["severity", "le", ["Critical"]],
    ["severity", "between", ["Low", "Critical"]],
    ["alertType", "eq", ["SecurityGroupOpened"]],
    ["alertType", "like", ["Security%ed"]],
    ["alertType", "like", ["SecurityGroup_pened"]],
    ["alertType", "not_like", ["security%"]],
    ["alertType", "ilike", ["security%"]],
    ["alertType", "not_ilike", ["vpc%"]],
    ["alertType", "rlike", ["^Security(Group)?"]],
    ["alertType", "not_rlike", ["^VPC"]],
    ["startTime", "ge", ["2026-11-20T10:15:30Z"]],
    ["startTime", "lt", ["2026-11-20T12:15:30.5+01:00"]],
    ["startTime", "between", ["2026-11-20T10:00:00Z", "2026-11-20T11:00:00Z"]],
    ["derivedFields.source", "eq", ["AWS"]],
    ["evolvingAlert", "eq", [false]],
    ["alertInfo.subject", "ilike", ["%123456789012%"]],
    ["report", "ne", ["TRUE"]],
  ])("holds: %s %s %j", (field, expression, values) => {
    expect(passes(field, expression, ...values)).toBe(true);
  });

  it.each([
    ["alertId", "eq", [120]],
    ["alertId", "gt", [12]],
    ["alertId", "not_in", [12, 13]],
    ["status", "eq", ["Closed"]],
    ["severity", "gt", ["High"]],
    ["severity", "lt", ["Medium"]],
    ["alertType", "eq", ["securitygroupopened"]],
    ["alertType", "like", ["Security"]],
    ["alertType", "like", ["Security.*"]],
    ["alertType", "like", ["%\\_%"]],
    ["startTime", "gt", ["2026-11-20T10:15:30.000Z"]],
    ["report", "eq", ["TRUE"]],
  ])("does not hold: %s %s %j", (field, expression, values) => {
    expect(passes(field, expression, ...values)).toBe(false);
  });

  it("holds only together with the others", () => {
    const open = { field: "status", expression: "eq", value: "Open" };
    expect(compileFilters([open, { field: "alertId", expression: "eq", value: 12 }])(row)).toBe(true);
    expect(compileFilters([open, { field: "alertId", expression: "eq", value: 11 }])(row)).toBe(false);
    expect(compileFilters([])(row)).toBe(true);
  });

  it.each([
    ["status = Open", "filters is a list"],
    [["status"], "filters[0] is an object {field, expression, value}."],
    [
      [{ field: "colour", expression: "eq", value: "red" }],
      'filters[0].field "colour" is unknown. Fields: alertId,',
    ],
    [[{ field: "__proto__", expression: "eq", value: "x" }], "is unknown"],
    [
      [{ field: "status", expression: "is", value: "x" }],
      'expression "is" is unknown. Expressions: eq, ne, in,',
    ],
    [[{ field: "status", expression: "eq" }], 'filters[0] takes one "value"'],
    [[{ field: "status", expression: "eq", value: null }], 'takes one "value"'],
    [[{ field: "alertId", expression: "between", values: [1] }], 'takes two "values"'],
    [[{ field: "alertId", expression: "in", values: [] }], '1 to 1000 "values"'],
    [[{ field: "alertId", expression: "eq", value: "twelve" }], 'alertId is a number, not "twelve"'],
    [
      [{ field: "severity", expression: "eq", value: "Huge" }],
      "severity is Critical, High, Medium, Low or Info",
    ],
    [[{ field: "startTime", expression: "gt", value: "noon" }], "write a time such as"],
    [[{ field: "alertName", expression: "rlike", value: "(" }], "is no pattern (RE2 syntax)"],
    [[{ field: "alertName", expression: "rlike", value: "(?=x)" }], "is no pattern"],
    [[{ field: "alertName", expression: "rlike", value: "x".repeat(501) }], "at most 500 characters"],
    [Array.from({ length: 51 }, () => ({})), "at most 50 filters"],
  ])("refuses %j and says what is right", (filters, message) => {
    expect(() => compileFilters(filters)).toThrow(message);
  });

  it("is its opposite's opposite, for any text and pattern", () => {
    const texts = fc.string({ maxLength: 30 });
    fc.assert(
      fc.property(texts, texts, fc.constantFrom("like", "ilike", "in", "eq"), (name, value, expression) => {
        const named = { ...row, alertName: name };
        const opposite = { like: "not_like", ilike: "not_ilike", in: "not_in", eq: "ne" }[expression] ?? "";
        const one = compileFilters([{ field: "alertName", expression, value }])(named);
        expect(compileFilters([{ field: "alertName", expression: opposite, value }])(named)).toBe(!one);
      }),
    );
  });

  it("takes a text with SQL's wildcards escaped as itself", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (name) => {
        const pattern = name.replace(/[\\%_]/g, "\\$&");
        expect(
          compileFilters([{ field: "alertName", expression: "like", value: pattern }])({
            ...row,
            alertName: name,
          }),
        ).toBe(true);
      }),
    );
  });
});
