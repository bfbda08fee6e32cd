import { describe, expect, it } from "vitest";
import { explainJsonError, type JsonError } from "../../../lambda/loader/json-error.ts";

function explain(text: string): JsonError | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return explainJsonError(text, error);
  }
}

describe("explainJsonError", () => {
  it.each([
    ['{"a":1 "b":2}', 7, "Expected ',' or '}' after property value"],
    ['{"a":1}x', 7, "Unexpected non-whitespace character after JSON"],
    ['{"a":"x', 7, "Unterminated string"],
    ['{"a":tru}', 8, "Unexpected token '}'"],
    ["nope", 1, "Unexpected token 'o'"],
    [`[${'"x",'.repeat(100)}@]`, 401, "Unexpected token '@'"],
    ['["position 5", in JSON at position 9]', 15, "Unexpected token 'i'"],
    ["", 0, "Unexpected end of JSON input"],
    ['{"a": \n', 5, "Unexpected end of JSON input"],
  ])("tells where and why %j is no JSON", (text, offset, reason) => {
    expect(explain(text)).toEqual({ offset, reason });
  });

  it("repeats nothing of the text", () => {
    expect(explain('{"password":hunter2}')?.reason).toBe("Unexpected token 'h'");
  });

  it("does not search a text so long that it would take a while", () => {
    expect(explain(`[@${" ".repeat(100_000)}]`)).toEqual({
      offset: undefined,
      reason: "Unexpected token '@'",
    });
  });
});
