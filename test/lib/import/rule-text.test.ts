import * as fc from "fast-check";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { importedText } from "../../../lib/import/rule-text.ts";

describe("the text of an imported file", () => {
  it("reads back as what was imported, whatever is in it", () => {
    const hostile = fc.constantFrom(
      "a\nb",
      "x\n  \n- y: #",
      "a\u202eb\nc",
      "é\n x\n\n",
      "tab\t",
      "a\u0000b",
      "No",
      "012",
      "{{",
      "\u2028",
      "",
    );
    const content = fc.record({
      name: fc.oneof(hostile, fc.string({ unit: "binary" })),
      tags: fc.array(hostile, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(content, (one) => {
        expect(parse(importedText(one, "rule.schema.json"))).toEqual(one);
      }),
    );
  });

  it("writes a comparison on one line and an expression in its lines", () => {
    const text = importedText(
      { jq: "select(.a) |\n.b", conditions: { all: [{ fact: "eventName", operator: "equal", value: "A" }] } },
      "rule.schema.json",
    );
    expect(text).toBe(
      "# yaml-language-server: $schema=../rule.schema.json\n\njq: |-\n  select(.a) |\n  .b\nconditions:\n  all:\n    - { fact: eventName, operator: equal, value: A }\n",
    );
  });

  it("hides nothing: a mark that turns text around is escaped", () => {
    const text = importedText({ name: "a\u202eb\n\u0007" }, "x");
    expect(["\u202e", "\u0007"].filter((mark) => text.includes(mark))).toEqual([]);
  });
});
