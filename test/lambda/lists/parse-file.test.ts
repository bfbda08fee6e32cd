import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partOfArn } from "../../../lambda/lists/ask-aws.ts";
import { ListError } from "../../../lambda/lists/list-error.ts";
import { parseFile } from "../../../lambda/lists/parse-file.ts";

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

describe("the column of a file", () => {
  it.each([
    ["json", undefined, '["a", 5, null]', ["a", 5, null]],
    ["json", "name", '[{"name": "a"}, {"other": 1}, 7]', ["a", undefined, undefined]],
    ["json", "a.b", '[{"a": {"b": "x"}}, {"a.b": "y"}]', ["x", "y"]],
    ["ndjson", "name", '{"name": "a"}\n\n{"name": "b"}\r\n', ["a", "b"]],
    ["lines", undefined, "\ufeffa\r\n# b\n\n  c  \n", ["a", "c"]],
    ["csv", "name", 'id,name\r\n1,a\r\n2,"b, ""c"""\r\n', ["a", 'b, "c"']],
    ["csv", "name", "name\na\n\nb", ["a", "b"]],
    ["csv", "name", "id,name\n1\n2,x\n", [undefined, "x"]],
    ["csv", "name", 'name\n"two\nlines"\n', ["two\nlines"]],
  ])("of %s", (format, column, text, expected) => {
    expect(parseFile(text, format, column)).toEqual(expected);
  });

  it.each([
    ["json", "x", "{}", "no array"],
    ["json", "x", "[secret", "is no JSON."],
    ["ndjson", "x", '{"x": 1}\nsecret', "Row 2 is no JSON."],
    ["csv", "nam", "id,name\n1,a\n", 'no column "nam"'],
    ["csv", "name", 'name\n"open', "quote in it is not closed"],
  ])("refuses %s that is none, as a whole, and does not quote it", (format, column, text, message) => {
    expect(() => parseFile(text, format, column)).toThrow(message);
    expect(() => parseFile(text, format, column)).not.toThrow("secret");
  });

  it("of CSV gives back what was written, whatever it is", () => {
    const cell = fc.string({ maxLength: 12 }).map((text) => text.replaceAll("\0", ""));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }), (rows) => {
        const text = ["a,b", ...rows.map((row) => row.map(quoted).join(","))].join("\r\n");
        expect(parseFile(text, "csv", "b")).toEqual(rows.map(([, b]) => b));
      }),
    );
  });

  it("of what is hostile ends soon", () => {
    for (const text of [
      '"'.repeat(100_000),
      ",".repeat(100_000),
      '"a""'.repeat(50_000),
      "\n".repeat(100_000),
    ]) {
      expect(() => parseFile(text, "csv", "b")).toThrow(ListError);
    }
  });
});

describe("parts of ARNs", () => {
  it.each([
    ["arn:aws:s3:::acme-prod", "acme-prod", "acme-prod"],
    ["arn:aws:lambda:eu-west-1:123456789012:function:pay", "pay", "pay"],
    ["arn:aws:iam::123456789012:role/team/pay", "team/pay", "pay"],
    ["arn:aws:ec2:eu-west-1:123456789012:instance/i-1", "i-1", "i-1"],
    ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/x", "/aws/lambda/x", "x"],
    ["arn:aws:sqs:eu-west-1:123456789012:Orders", "Orders", "Orders"],
  ])("%s", (arn, name, id) => {
    expect(["arn", "name", "id"].map((part) => partOfArn(arn, part as "arn"))).toEqual([arn, name, id]);
  });
});
