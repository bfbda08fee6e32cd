import { describe, expect, it } from "vitest";
import { load, linesOf as problems, sharedCondition } from "./rules-dir.ts";

const A = "{ fact: eventName, operator: equal, value: A }";

describe("conditions of every good shape", () => {
  it.each([
    A,
    `all:\n  - ${A}\n  - any:\n      - ${A}\n      - not: ${A}`,
    "{ fact: eventName, operator: equal, value: A, name: the call }",
    '{ fact: "requestParameters.items[*].cidr", operator: "someFact:equal", value: 0.0.0.0/0 }',
    '{ fact: "requestParameters.items[0].port", operator: greaterThan, value: 22 }',
    '{ fact: requestParameters.port, operator: greaterThan, value: "22" }',
    "{ fact: eventName, operator: in, value: [A, B] }",
    '{ fact: eventName, operator: "someValue:startsWith", value: [A, B] }',
    "{ fact: errorCode, operator: exists, value: false }",
    "{ fact: requestParameters, operator: equal, value: null }",
    "{ fact: requestParameters.from, operator: equal, value: { fact: requestParameters.to } }",
    "{ fact: readOnly, operator: equal, value: false }",
    "{ fact: resources, operator: exists, value: true }",
    "{ fact: actor.root, operator: equal, value: true }",
    "{ fact: channel.name, operator: in, value: [console, cloudshell] }",
    '{ fact: requestParameters.names, operator: "swap:in", value: ada }',
  ])("finds nothing wrong with %s", (conditions) => {
    const { lines, ruleSet } = load({ "_conditions/x.yaml": sharedCondition(conditions) });
    expect(lines).toEqual([]);
    expect(Object.keys(ruleSet.conditions)).toEqual(["x"]);
  });
});

describe("a condition of the wrong shape", () => {
  it.each([
    [
      "hello",
      ["4:3 conditions: A condition is an object, this is text. Write { fact: …, operator: …, value: … }."],
    ],
    [
      `- ${A}`,
      ["4:3 conditions: A condition is an object, this is a list. Write all: or any: in front of the list."],
    ],
    [
      `not: [${A}]`,
      [
        "4:8 conditions.not: A condition is an object, this is a list. Write all: or any: in front of the list.",
      ],
    ],
    [
      "{}",
      [
        "4:3 conditions: This condition says nothing. Write { fact: …, operator: …, value: … }, or all, any, not or condition.",
      ],
    ],
    [
      "all: []",
      [
        "4:8 conditions.all: all is empty, which json-rules-engine finds always true. Put a condition in it, or delete it.",
      ],
    ],
    [
      "any: []",
      [
        "4:8 conditions.any: any is empty, which json-rules-engine finds always true. Put a condition in it, or delete it.",
      ],
    ],
    [
      "any: {}",
      ['4:8 conditions.any: any is a list of conditions, this is an object. Begin each condition with "- ".'],
    ],
    [
      `{ any: [${A}], all: [${A}] }`,
      [
        "4:60 conditions.all: any and all stand on one condition: only one of them would be read. Nest one in the other, e.g. all: [ …, { any: [ … ] } ].",
      ],
    ],
    [
      `{ all: [${A}], fact: eventName, operator: equal, value: B }`,
      [
        "4:60 conditions.fact: fact, operator, value and all stand on one condition: only one of them would be read. Make the comparison a condition of its own, beside it under all.",
      ],
    ],
    [
      "{ fact: eventName, value: A }",
      ["4:3 conditions: This condition has no operator. Add e.g. operator: equal."],
    ],
    [
      "{ operator: equal, value: A }",
      ["4:3 conditions: This condition has no fact. Add a field of the record, e.g. fact: eventName."],
    ],
    [
      "{ fact: eventName, operator: equal }",
      [
        "4:3 conditions: This condition has no value. Add value: what the fact is compared with; exists takes true or false.",
      ],
    ],
    [
      "{ fact: eventName, operator: equal, valu: A }",
      ['4:39 conditions.valu: "valu" is no key of a condition. Did you mean "value"?'],
    ],
    [
      "{ fact: eventName, operator: equal, value: A, path: $.x, params: {}, priority: 2 }",
      [
        '4:49 conditions.path: Conditions of rules have no path. Write the dotted key as the fact, e.g. fact: "requestParameters.groupId".',
        "4:60 conditions.params: Conditions of rules have no params. Take it out: facts come from the record and take no parameters.",
        "4:72 conditions.priority: Conditions of rules have no priority. Take it out: the order of conditions changes nothing.",
      ],
    ],
    [
      "{ fact: 5, operator: [equal], value: A, name: '' }",
      [
        "4:11 conditions.fact: fact is a number, expected text. Write its name, in quotes if need be.",
        "4:24 conditions.operator: operator is a list, expected text. Write its name, in quotes if need be.",
        '4:49 conditions.name: name is a label, this is "". Write text, or delete it.',
      ],
    ],
    [
      "{ condition: [] }",
      [
        "4:16 conditions.condition: condition is the name of a shared condition, this is []. Write the name of a file in _conditions without its extension.",
      ],
    ],
  ])("is refused with its place and cure: %s", (conditions, expected) => {
    expect(problems(conditions)).toEqual(expected);
  });

  it("is found however deep, beside others", () => {
    const lines = problems(
      `all:\n  - any:\n      - not: { fact: eventName, operator: equals, value: A }\n      - { fact: eventNam, operator: equal, value: A }`,
    );
    expect(lines).toEqual([
      '6:45 conditions.all[0].any[0].not.operator: "equals" is no operator. Did you mean "equal"?',
      '7:19 conditions.all[0].any[1].fact: No CloudTrail record has a field "eventNam" at its top. Did you mean "eventName"?',
    ]);
  });

  it("is refused when it holds more comparisons than the engine reads", () => {
    const many = `any:\n${`  - ${A}\n`.repeat(5_001)}`;
    expect(problems(many)).toEqual([
      "3:1 conditions: The conditions come to 5001 comparisons, shared conditions counted out; at most 5000 are read. Use in with a list, or split the rule.",
    ]);
  });
});

describe("an unknown operator", () => {
  it.each([
    ["equals", '"equals" is no operator. Did you mean "equal"?'],
    ["eq", '"eq" is no operator. Did you mean "equal"?'],
    ["prefix", '"prefix" is no operator. Did you mean "startsWith"?'],
    ["regex", '"regex" is no operator. Did you mean "matches"?'],
    ["notStartsWith", '"notStartsWith" is no operator. Did you mean "not:startsWith"?'],
    ["doesNotMatch", '"doesNotMatch" is no operator. Did you mean "not:matches"?'],
    ["notEquals", '"notEquals" is no operator. Did you mean "notEqual"?'],
    ["constructor", expect.stringContaining('"constructor" is no operator. Known are: equal, ')],
    ["somefact:equal", '"somefact" is no decorator of operators. Did you mean "someFact"?'],
    [
      "equal:not",
      '"equal" is an operator and stands in front of another. Write decorators first and one operator last, e.g. not:startsWith.',
    ],
    ["not", '"not" has a decorator and no operator. Add one, e.g. not:equal.'],
  ])("%s is refused with what was meant", (operator, advice) => {
    const [line = "", ...more] = problems(`{ fact: eventName, operator: "${operator}", value: A }`);
    expect(more).toEqual([]);
    expect(line.slice(0, "4:32 conditions.operator: ".length)).toBe("4:32 conditions.operator: ");
    expect(line.slice("4:32 conditions.operator: ".length)).toEqual(advice);
  });
});
