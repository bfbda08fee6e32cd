import { Engine } from "json-rules-engine";
import { describe, expect, it } from "vitest";
import { isPresent, lowerAscii, OPERATORS } from "../../../lambda/engine/operators.ts";
import { holds, problemOf } from "./operator-calls.ts";

/** Values that any fact of a hostile record can have. */
const ODD: readonly unknown[] = [
  undefined,
  null,
  "",
  "x",
  0,
  5,
  -1.5,
  2 ** 60,
  Number.NaN,
  true,
  false,
  [],
  ["x"],
  [5],
  {},
  { x: 1 },
  "\ud800",
  "5",
  " 5 ",
  "5abc",
  [[]],
];

describe("every operator", () => {
  it.each(Object.keys(OPERATORS))("%s answers, and never throws, whatever it compares", (name) => {
    for (const fact of ODD)
      for (const expected of ODD) expect(typeof holds(name, fact, expected)).toBe("boolean");
  });

  it.each(Object.keys(OPERATORS))("%s is described for hover texts", (name) => {
    expect(OPERATORS[name]?.description).toMatch(/\.$/);
  });
});

describe("json-rules-engine's own operators", () => {
  const own = [
    "equal",
    "notEqual",
    "contains",
    "doesNotContain",
    "in",
    "notIn",
    "lessThan",
    "lessThanInclusive",
    "greaterThan",
    "greaterThanInclusive",
  ];

  it.each(own)("%s means what it means there", async (name) => {
    const scalars: readonly unknown[] = [
      undefined,
      null,
      "",
      "x",
      0,
      5,
      -1.5,
      2 ** 60,
      true,
      false,
      "5",
      " 5 ",
      "5abc",
    ];
    const lists = [[], ["x"], [5, null], [undefined]];
    const isNumeric = OPERATORS[name]?.value === "number";
    const facts = isNumeric ? scalars : [...scalars, ...lists];
    const values = OPERATORS[name]?.value === "list" ? lists : isNumeric ? [0, 5, -2] : scalars;
    const engine = new Engine([], { allowUndefinedFacts: true });
    for (const [at, value] of values.entries()) {
      engine.addRule({
        conditions: { all: [{ fact: "fact", operator: name, value }] },
        event: { type: `${at}` },
      });
    }
    for (const fact of facts) {
      const { events } = await engine.run(fact === undefined ? {} : { fact });
      const theirs = events.map(({ type }) => Number(type)).toSorted((a, b) => a - b);
      const ours = [...values.keys()].filter((at) => holds(name, fact, values[at]));
      expect([`${name} of ${JSON.stringify(fact)}`, ours]).toEqual([
        `${name} of ${JSON.stringify(fact)}`,
        theirs,
      ]);
    }
  });

  it("in and notIn do not throw on a value that is no list, which would end the run", () => {
    expect(holds("in", "x", "x")).toBe(false);
    expect(holds("notIn", "x", null)).toBe(true);
  });

  it("the numeric ones take numbers in texts, not lists of one number", () => {
    expect(holds("greaterThan", "10", 9)).toBe(true);
    expect(holds("lessThan", "1e3", 1_001)).toBe(true);
    expect(holds("greaterThan", [10], 9)).toBe(false);
    expect(holds("lessThan", "", 9)).toBe(false);
    expect(holds("lessThan", null, 9)).toBe(false);
    expect(holds("lessThan", true, 9)).toBe(false);
  });
});

describe("inCidr", () => {
  it.each([
    ["192.0.2.0/24", "192.0.2.0", true],
    ["192.0.2.0/24", "192.0.2.255", true],
    ["192.0.2.0/24", "192.0.3.0", false],
    ["192.0.2.77/24", "192.0.2.1", true],
    ["192.0.2.7/32", "192.0.2.7", true],
    ["192.0.2.7/32", "192.0.2.8", false],
    ["192.0.2.0/31", "192.0.2.1", true],
    ["0.0.0.0/0", "255.255.255.255", true],
    ["128.0.0.0/1", "127.255.255.255", false],
    ["128.0.0.0/1", "128.0.0.0", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["0.0.0.0/0", "AWS Internal", false],
    ["0.0.0.0/0", "s3.amazonaws.com", false],
    ["0.0.0.0/0", "", false],
    ["0.0.0.0/0", "010.0.0.1", false],
    ["0.0.0.0/0", "10.0.0.01", false],
    ["0.0.0.0/0", "00.0.0.0", false],
    ["0.0.0.0/0", "0.0.0.0", true],
    ["0.0.0.0/0", "256.0.0.1", false],
    ["0.0.0.0/0", "1.2.3", false],
    ["0.0.0.0/0", "1.2.3.4.5", false],
    ["0.0.0.0/0", "1.2.3.", false],
    ["0.0.0.0/0", ".1.2.3", false],
    ["0.0.0.0/0", "1..2.3", false],
    ["0.0.0.0/0", "1.2.3.4 ", false],
    ["0.0.0.0/0", "1.2.3.4\n", false],
    ["0.0.0.0/0", "0x7f.0.0.1", false],
    ["0.0.0.0/0", "1.2.3.4/32", false],
    ["0.0.0.0/0", "-1.2.3.4", false],
    ["0.0.0.0/0", "١.٢.٣.٤", false],
    ["0.0.0.0/0", "::ffff:192.0.2.1", false],
    ["2001:db8::/32", "2001:db8::1", true],
    ["2001:db8::/32", "2001:DB8:0:0:0:0:0:1", true],
    ["2001:db8::/32", "2001:0db8::", true],
    ["2001:db8::/32", "2001:db9::", false],
    ["2001:db8::1/128", "2001:db8::1", true],
    ["2001:db8::1/128", "2001:db8::2", false],
    ["::/0", "::1", true],
    ["::/0", "192.0.2.1", false],
    ["::/0", ":::", false],
    ["::/0", "1:2:3:4:5:6:7", false],
    ["::/0", "fe80::1%eth0", false],
  ])("%s of %j", (range, address, result) => {
    expect(holds("inCidr", address, range)).toBe(result);
  });

  it("is refused at validation where the range is none, with the cure", () => {
    for (const range of [
      "192.0.2.0",
      "192.0.2.0/33",
      "192.0.2.0/-1",
      "192.0.2.0/024",
      "192.0.2.0/24/8",
      "192.0.2/24",
      "2001:db8::/129",
      "x/8",
      "",
      "/8",
      "192.0.2.0/",
    ]) {
      expect(problemOf("inCidr", range)).toContain("write e.g. 192.0.2.0/24");
    }
    for (const range of ["192.0.2.0/24", "0.0.0.0/0", "::/0", "2001:db8::/32"])
      expect(problemOf("inCidr", range)).toBeUndefined();
  });

  it("holds for nothing where a range from the record is none", () => {
    expect(holds("inCidr", "192.0.2.1", "nonsense")).toBe(false);
  });
});

describe("exists", () => {
  it.each<[unknown, boolean]>([
    [undefined, false],
    [null, false],
    [{}, false],
    [[], false],
    ["", true],
    [0, true],
    [false, true],
    [[null], true],
    [{ x: undefined }, true],
    ["null", true],
  ])("takes %j to be there: %s", (fact, there) => {
    expect(isPresent(fact)).toBe(there);
    expect(holds("exists", fact, true)).toBe(there);
    expect(holds("exists", fact, false)).toBe(!there);
  });
});

describe("lowering A to Z", () => {
  it("leaves every other letter alone", () => {
    expect(lowerAscii("AZaz É\u0130\u212a[`{")).toBe("azaz É\u0130\u212a[`{");
  });
});
