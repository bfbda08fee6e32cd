import { describe, expect, it } from "vitest";
import { createCaseRunner } from "../../../lib/rule-tests/run-case.ts";
import { load } from "../../lambda/loader/rules-dir.ts";

const FILES = {
  "_lists/l.yaml": "description: x\nkind: exact\nquery: { type: s3, bucket: acme, key: k, format: lines }\n",
  "_lists/fixed.yaml": "description: x\nkind: exact\nvalues: [a]\n",
  "s3.amazonaws.com/x.yaml": `name: x
severity: low
description: x
conditions:
  all:
    - { fact: eventName, operator: equal, value: DeleteBucket }
    - { fact: requestParameters.bucketName, operator: inList, value: l }
    - { fact: awsRegion, operator: notInList, value: fixed }
`,
};

async function run(lists: unknown, bucketName: string, fires: boolean) {
  const test = {
    cases: [
      {
        name: "one",
        ...(lists === undefined ? {} : { lists }),
        record: { eventName: "DeleteBucket", requestParameters: { bucketName } },
        fires: fires ? ["s3.amazonaws.com/x"] : [],
      },
    ],
  };
  const { ruleSet, tests, lines } = load({ ...FILES, "s3.amazonaws.com/x.test.yaml": JSON.stringify(test) });
  const [file] = tests;
  const [one] = file?.cases ?? [];
  if (file === undefined || one === undefined) throw new Error(lines.join("\n"));
  return (await createCaseRunner(ruleSet).run(file, one)).failures.map(({ message }) => message);
}

describe("the lists of a case", () => {
  it("give dynamic lists their values, and without them anything matches", async () => {
    expect(await run({ l: ["a", "b"] }, "a", true)).toEqual([]);
    expect(await run({ l: ["b"] }, "a", false)).toEqual([]);
    expect(await run({ l: [] }, "a", false)).toEqual([]);
    expect(await run(undefined, "whatever", true)).toEqual([]);
    expect(await run({ l: ["b"] }, "a", true)).toHaveLength(1);
  });

  it("must be dynamic ones", async () => {
    expect((await run({ m: ["a"], fixed: ["b"] }, "a", true)).join(" ")).toMatch(
      /no dynamic list "m".*"fixed" has its values in its file/u,
    );
  });
});
