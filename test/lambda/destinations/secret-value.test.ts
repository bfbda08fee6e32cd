import { describe, expect, it } from "vitest";
import { valueIn } from "../../../lambda/destinations/secret-value.ts";

describe("valueIn", () => {
  it.each([
    ["plain-key", "plain-key"],
    [" plain-key\n", "plain-key"],
    ['{"apiKey":"json-key"}', "json-key"],
    [' {"apiKey":" json-key "} ', "json-key"],
    ['{"key":"json-key"}', "json-key"],
    ['{"value":"json-key","note":"the team\'s"}', "json-key"],
    ['{"token":"json-key"}', "json-key"],
    ['{"apiKey":"right","key":"wrong","value":"wrong"}', "right"],
  ])("finds the value in %j", (text, value) => {
    expect(valueIn(text, "apiKey")).toBe(value);
  });

  it("finds several values in one secret by their names", () => {
    const text = '{"url":"https://hooks.example/x","signingKey":"k"}';
    expect([valueIn(text, "url"), valueIn(text, "signingKey")]).toEqual(["https://hooks.example/x", "k"]);
  });

  it.each([
    [undefined],
    [""],
    ["  "],
    ["{broken"],
    ["{}"],
    ['{"apiKey":7}'],
    ['{"apiKey":""}'],
    ['{"secret":"x"}'],
    ['{"key":"one","value":"another"}'],
    ['{"apiKey":null,"key":"x"}'],
    ["two words"],
    ["line\r\nX-Evil: 1"],
    ["ключ"],
    ["x".repeat(4097)],
    ['{"__proto__":{"apiKey":"x"}}'],
  ])("finds none in %j", (text) => {
    expect(valueIn(text, "apiKey")).toBeUndefined();
  });
});
