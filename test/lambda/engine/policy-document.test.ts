import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPolicy } from "../../../lambda/engine/policy-document.ts";
import { grantsAction, grantsOutside, grantsPublic } from "../../../lambda/engine/policy-grants.ts";
import { ACCOUNT } from "./samples.ts";

const STATEMENT = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*" };
const POLICY = { Version: "2012-10-17", Statement: [STATEMENT] };
const TEXT = JSON.stringify(POLICY);

/** All three questions at once. */
function answers(policy: unknown): readonly boolean[] {
  return [
    grantsPublic(policy),
    grantsOutside(policy, ACCOUNT),
    grantsAction(policy, "*"),
    grantsAction(policy, "iam:PassRole"),
  ];
}

describe("reading a policy", () => {
  it.each([
    ["an object", POLICY],
    ["text", TEXT],
    ["text with white space around it", ` \n${JSON.stringify(POLICY, null, 2)}\n`],
    ["URL-encoded text", encodeURIComponent(TEXT)],
    ["URL-encoded text that begins with a space", encodeURIComponent(` ${TEXT}`)],
    ["a single statement", { ...POLICY, Statement: STATEMENT }],
  ])("takes %s", (_form, policy) => {
    expect(readPolicy(policy)).toEqual([STATEMENT]);
  });

  it.each([
    undefined,
    null,
    "",
    " ",
    "HIDDEN_DUE_TO_SECURITY_REASONS",
    "s3:GetObject",
    "[]",
    "%",
    "%zz",
    "%5B%5D",
    5,
    true,
    [],
    [POLICY],
    {},
    { Statement: null },
    "{}",
    "%7B%7D",
  ])("finds no policy in %j, which so grants nothing", (value) => {
    expect(readPolicy(value)).toEqual([]);
    expect(answers(value)).toEqual([false, false, false, false]);
  });

  it.each([
    TEXT.slice(0, -5),
    encodeURIComponent(TEXT).slice(0, -5),
    `${encodeURIComponent(TEXT)}%zz`,
    { Statement: "everything" },
    { Statement: [STATEMENT, "and the rest"] },
    `{"Statement":[{"Effect":"Deny"}],"Id":"${"x".repeat(1_000_000)}"}`,
  ])("answers every question about a policy that cannot be read with yes: %#", (value) => {
    expect(readPolicy(value)).toBeUndefined();
    expect(answers(value)).toEqual([true, true, true, true]);
  });

  it("does not mix up documents that it reads one after the other", () => {
    expect(grantsPublic(TEXT)).toBe(true);
    expect(grantsPublic("{}")).toBe(false);
    expect(grantsPublic(TEXT)).toBe(true);
    expect(grantsPublic(undefined)).toBe(false);
  });
});

const word = fc.constantFrom(
  "*",
  "arn:aws:iam::999999999999:root",
  "arn:aws:iam::123456789012:role/x",
  "o-a1b2c3d4e5",
  "iam:*",
  "i?m:Pass*",
  "aws:SourceArn",
  "true",
  "",
);
const value = fc.oneof(word, fc.array(word, { maxLength: 3 }), fc.boolean(), fc.constant(null), fc.double());
const condition = fc.dictionary(
  fc.constantFrom("StringEquals", "StringLike", "ForAnyValue:StringLike", "Null", "Bool", "ArnLike", "x"),
  fc.oneof(
    value,
    fc.dictionary(fc.constantFrom("aws:PrincipalOrgID", "aws:SourceArn", "aws:SourceAccount", "x"), value),
  ),
  { maxKeys: 3 },
);
const statement = fc.record(
  {
    Effect: fc.constantFrom("Allow", "Deny", "allow"),
    Principal: fc.oneof(value, fc.dictionary(fc.constantFrom("AWS", "Service", "Federated"), value)),
    NotPrincipal: value,
    Action: value,
    NotAction: value,
    Resource: value,
    NotResource: value,
    Condition: fc.oneof(condition, value),
  },
  { requiredKeys: [] },
);
const policy = fc.oneof(
  fc.record({
    Statement: fc.oneof(statement, fc.array(fc.oneof({ weight: 9, arbitrary: statement }, value))),
  }),
  fc.jsonValue({ maxDepth: 3 }).filter((json) => typeof json === "object"),
);

describe("any document", () => {
  it("gets the same answers as an object, as text and URL-encoded", () => {
    fc.assert(
      fc.property(policy, (document) => {
        const text = JSON.stringify(document);
        const asObject = answers(JSON.parse(text));
        expect(answers(text)).toEqual(asObject);
        expect(answers(encodeURIComponent(text))).toEqual(asObject);
      }),
      { numRuns: 2_000 },
    );
  });

  it("gets an answer, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), policy), fc.string(), (document, text) => {
        const given = [
          grantsPublic(document),
          grantsOutside(document, text),
          grantsAction(document, text),
          ...answers(`{${text}`),
          ...answers(`%7B${text}`),
        ];
        expect(given.every((answer) => typeof answer === "boolean")).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is gone through once: twice the statements take twice the steps", () => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 5 }), (statements) => {
        const some = stepsOver({ Statement: Array.from({ length: 40 }, () => statements).flat() });
        const twice = stepsOver({ Statement: Array.from({ length: 80 }, () => statements).flat() });
        expect(twice).toBeLessThanOrEqual(2 * some + 20);
      }),
      { numRuns: 100 },
    );
  });

  it("may hold lists and names as long as a record can carry, and as awkward", () => {
    const long = "*a".repeat(25_000);
    const hostile = {
      Effect: "Allow",
      Principal: { AWS: Array.from({ length: 5_000 }, (_, at) => `arn:aws:iam::${at}:${long.slice(0, 10)}`) },
      Action: [long, "a?".repeat(25_000), ...Array.from({ length: 5_000 }, () => "*p*a*s*s*z*")],
      Resource: ["*:".repeat(25_000).concat("x"), `${"*".repeat(50_000)}x`, "*"],
      Condition: {
        StringLike: { "aws:PrincipalArn": Array.from({ length: 5_000 }, () => "arn:*:*:*:*:*x") },
      },
    };
    expect(answers({ Statement: hostile })).toEqual([false, false, false, false]);
    expect(answers("[".repeat(50_000))).toEqual([false, false, false, false]);
    expect(answers(`{"Statement":${"[".repeat(50_000)}`)).toEqual([true, true, true, true]);
  });
});

/** How often the questions look at a part of a document. */
function stepsOver(document: object): number {
  let steps = 0;
  const watched = (node: object): object =>
    new Proxy(node, {
      get(target, key, receiver) {
        steps++;
        const part = Reflect.get(target, key, receiver) as unknown;
        return typeof part === "object" && part !== null ? watched(part) : part;
      },
    });
  answers(watched(document));
  return steps;
}
