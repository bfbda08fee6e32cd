import { gzipSync } from "node:zlib";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { toEnvelope } from "../../../lambda/record/envelope.ts";
import { findRecord, type Search } from "../../../lib/explain/one-record.ts";
import { recordOf } from "../../lambda/engine/samples.ts";

const ONE = recordOf({ eventID: "e1" });
const TWO = recordOf({ eventID: "e2", eventName: "DeleteTags" });

async function find(input: string | Buffer, eventId?: string): Promise<Search> {
  return findRecord("-", { stdin: Readable.from([input]), eventId });
}

describe("the record to explain", () => {
  it.each<[string, string | Buffer, boolean]>([
    ["a record", JSON.stringify(ONE), true],
    ["a pretty-printed record", JSON.stringify(ONE, null, 2), true],
    ["a file of a trail", JSON.stringify({ Records: [ONE] }), true],
    ["a packed file of a trail", gzipSync(JSON.stringify({ Records: [ONE] })), true],
    ["a line of NDJSON", `${JSON.stringify(ONE)}\n`, true],
    [
      "what lookup-events prints",
      JSON.stringify({ Events: [{ CloudTrailEvent: JSON.stringify(ONE) }] }),
      true,
    ],
    ["an EventBridge event", JSON.stringify({ ...toEnvelope(ONE), id: "of EventBridge" }), false],
  ])("is found in %s", async (_, input, bare) => {
    const { found, remarks, unreadable } = await find(input);
    expect(found?.reading.record).toEqual(ONE);
    expect({ bare: found?.bare, remarks, unreadable }).toEqual({ bare, remarks: [], unreadable: [] });
  });

  it("has to be chosen where there are several, which are named", async () => {
    const { found, remarks } = await find(JSON.stringify([ONE, TWO]));
    expect(found).toBeUndefined();
    expect(remarks).toEqual([
      "stdin holds 2 records, and explain takes one: choose it with --event-id ID.",
      "  e1  2026-11-20T09:00:00Z  ec2.amazonaws.com CreateTags",
      "  e2  2026-11-20T09:00:00Z  ec2.amazonaws.com DeleteTags",
    ]);
    const many = await find(JSON.stringify(Array.from({ length: 12 }, () => ONE)));
    expect(many.remarks).toHaveLength(7);
    expect(many.remarks.at(-1)).toBe("  … and 7 more");
  });

  it("is chosen by its eventID, the first where several have it", async () => {
    expect((await find(JSON.stringify([ONE, TWO]), "e2")).found?.reading.record).toEqual(TWO);
    const { found, remarks } = await find(JSON.stringify([ONE, TWO, { ...ONE, eventName: "X" }]), "e1");
    expect(found?.reading.record).toEqual(ONE);
    expect(remarks).toEqual(["2 records have the eventID e1; this is the first."]);
  });

  it("is not there: the nearest id is named", async () => {
    const { found, remarks } = await find(JSON.stringify([ONE, recordOf({ eventID: "abcdef" })]), "abcdfe");
    expect(found).toBeUndefined();
    expect(remarks).toEqual([
      'None of the 2 records in stdin has the eventID abcdfe. Did you mean "abcdef"?',
    ]);
    expect((await find(JSON.stringify(ONE), "zzzzzz")).remarks).toEqual([
      "None of the 1 record in stdin has the eventID zzzzzz. Take the eventID from the record itself.",
    ]);
  });

  it("is found beside what cannot be read, which is told", async () => {
    const broken = Array.from({ length: 8 }, () => '{"a":1}').join("\n");
    const { found, unreadable } = await find(`${broken}\n${JSON.stringify(ONE)}\n`);
    expect(found?.reading.record).toEqual(ONE);
    expect(unreadable).toHaveLength(6);
    expect(unreadable[0]).toBe(
      "(stdin):1:1: a CloudTrail record needs the text field eventSource, got nothing",
    );
    expect(unreadable.at(-1)).toBe("3 more pieces of the input could not be read");
  });

  it.each([
    ["", ["(stdin):1:1: the file is empty"]],
    ["hello", [expect.stringMatching(/^\(stdin\):1:1: /)]],
    ['{"Records":[]}', []],
  ])("is not in %j, and nothing crashes", async (input, reasons) => {
    const { found, remarks, unreadable } = await find(input);
    expect(found).toBeUndefined();
    expect(remarks).toEqual([
      "There is no CloudTrail record in stdin. Give a file with one, or - for stdin.",
    ]);
    expect(unreadable).toEqual(reasons);
  });

  it("is looked for in a file that is not there", async () => {
    const { unreadable } = await findRecord("test/fixtures/nowhere.json", { stdin: Readable.from([]) });
    expect(unreadable).toEqual(["test/fixtures/nowhere.json: there is no such file or folder"]);
  });
});
