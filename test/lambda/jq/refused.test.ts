import { describe, expect, it } from "vitest";
import { findRefused } from "../../../lambda/jq/refused.ts";
import { JqTokenError, readTokens } from "../../../lambda/jq/tokens.ts";

const refused = (expression: string): string[] =>
  findRefused(readTokens(expression).tokens).map(({ what, at }) => `${what}@${at}`);

describe("what of jq a rule may not use", () => {
  it.each([
    ["env", ["env@0"]],
    ["$ENV.PATH", ["$ENV@0"]],
    ["{$ENV}", ["$ENV@1"]],
    ['"a \\(env) b"', ["env@5"]],
    ['"a \\("b \\($ENV)") c"', ["$ENV@10"]],
    ['@base64 "\\(env)"', ["env@11"]],
    ["{a: env}", ["env@4"]],
    ["{(env): 1}", ["env@2"]],
    ["{a: 1} | input", ["input@9"]],
    ["[inputs]", ["inputs@1"]],
    ["debug | stderr", ["debug@0", "stderr@8"]],
    ['debug("x")', ["debug@0"]],
    ["halt", ["halt@0"]],
    ['"x" | halt_error(1)', ["halt_error@6"]],
    ["input_filename", ["input_filename@0"]],
    ["$__loc__", ["$__loc__@0"]],
    ["{$__loc__}", ["$__loc__@1"]],
    ["get_search_list", ["get_search_list@0"]],
    ['import "a" as a; .', ["import@0"]],
    ['include "a"; .', ["include@0"]],
    ["def env: 1; .", ["env@4"]],
    ["[{a: 1}, env]", ["env@9"]],
    ["# not env\nenv", ["env@10"]],
  ])("refuses %s", (expression, expected) => {
    expect(refused(expression)).toEqual(expected);
  });

  it.each([
    ".env",
    '."env"',
    '.["env"]',
    "{env: 1}",
    "{env}",
    "{a, env, b: 1}",
    '{"env": 1}',
    '"env $ENV input"',
    "# env halt $ENV\n.",
    ".a.input.debug",
    "$env",
    'getpath(["a"]) | limit(1; .)',
    '"\\\\(env)"',
  ])("takes %s, which only looks like it", (expression) => {
    expect(refused(expression)).toEqual([]);
  });

  it.each([
    ["a\u0000b", /control character/],
    ["a\rb", /control character/],
    ['"\ud800"', /surrogate/],
    [". # to be continued \\\n| env", /backslash/],
    [".) | (env", /closes nothing/],
    ["(.", /never closed/],
    ['"a', /never closed/],
    ['"\\(.a"', /never closed/],
    ["x".repeat(20_001), /more than 20000/],
  ])("cannot be talked into reading %j another way than jq does", (expression, reason) => {
    expect(() => readTokens(expression)).toThrow(JqTokenError);
    expect(() => readTokens(expression)).toThrow(reason);
  });

  it("gives the expression without its comments, places unchanged", () => {
    expect(readTokens('.a # b "\n| "# c"').bare).toBe('.a      \n| "# c"');
  });
});
