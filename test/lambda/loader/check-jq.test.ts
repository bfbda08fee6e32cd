import { describe, expect, it } from "vitest";
import { load } from "./rules-dir.ts";

const FILE = "iam.amazonaws.com/x.yaml";
const linesOf = (jq: string): string[] =>
  load({ [FILE]: `name: X\nseverity: low\n${jq}` }).lines.map((line) => line.replace(`${FILE}:`, ""));
const ruleFrom = (rest: string) => load({ [FILE]: `name: X\nseverity: low\n${rest}` }).ruleSet.rules[0];

describe("the jq expression of a rule", () => {
  it("stands instead of conditions, which are then what the expression needs", () => {
    expect(ruleFrom('jq: select(.eventName == "CreateUser")\n')).toMatchObject({
      jq: 'select(.eventName == "CreateUser")',
      conditions: {
        all: [{ fact: "eventName", operator: "equal", value: "CreateUser" }],
        name: "what the jq expression needs",
      },
    });
  });

  it("stands beside conditions, and both must hold", () => {
    const conditions = "conditions: { all: [{ fact: errorCode, operator: exists, value: false }] }\n";
    expect(ruleFrom(`jq: .eventName == "A"\n${conditions}`)?.conditions).toEqual({
      all: [
        { all: [{ fact: "errorCode", operator: "exists", value: false }] },
        {
          all: [{ fact: "eventName", operator: "equal", value: "A" }],
          name: "what the jq expression needs",
        },
      ],
    });
    expect(ruleFrom(`jq: .x\n${conditions}`)?.conditions).toEqual({
      all: [{ fact: "errorCode", operator: "exists", value: false }],
    });
  });

  it("is asked about every record of the folder where nothing can be told", () => {
    expect(ruleFrom("jq: .x\n")?.conditions).toMatchObject({
      all: [{ fact: "eventName", operator: "exists", value: true }],
    });
  });

  it("may not be missing with the conditions", () => {
    expect(linesOf("")).toEqual([
      '1:1 conditions: "conditions" is missing. Add it: when the rule matches, in json-rules-engine\'s own format, with all, any, not or condition at the top.',
    ]);
  });

  it("is read by jq itself, whose complaint gets its place in the file", () => {
    expect(linesOf("jq: |-\n  select(.a\n    and ) | .b\n")).toEqual([
      "5:9 jq: jq says: syntax error, unexpected ')'. Mend it; jq's manual is at https://jqlang.org/manual/v1.8/.",
    ]);
    expect(linesOf("jq: '.a | nosuch(1)'\n")).toEqual([
      "3:11 jq: jq says: nosuch/1 is not defined. Mend it; jq's manual is at https://jqlang.org/manual/v1.8/.",
    ]);
    expect(linesOf("jq: .a | $x\n")).toEqual([
      "3:10 jq: jq says: $x is not defined. Mend it; jq's manual is at https://jqlang.org/manual/v1.8/.",
    ]);
  });

  it("may not reach past its record: each place is told", () => {
    expect(linesOf('jq: |-\n  # env\n  .env | "\\(env)" |\n  $ENV\n')).toEqual([
      "5:13 jq: env is not for rules. A rule sees its record and nothing of its surroundings: take it out.",
      "6:3 jq: $ENV is not for rules. A rule sees its record and nothing of its surroundings: take it out.",
    ]);
  });

  it("is text, and not empty", () => {
    expect(linesOf("jq: ' '\n")).toEqual([
      '3:5 jq: The jq expression is empty. Write one, e.g. select(.eventName == "CreateUser").',
    ]);
    expect(linesOf("jq: 5\n").join()).toContain('"conditions" is missing');
    expect(linesOf("jq: .) | (env\n")).toEqual([
      "3:6 jq: A ) closes nothing. Take it out, or open what it closes.",
    ]);
  });

  it("does not run while it is checked", () => {
    expect(linesOf("jq: last(repeat(1))\n")).toEqual([]);
  });
});
