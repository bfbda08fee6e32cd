import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonValues, MAX_VALUE_BYTES } from "../../../lambda/intake/json-values.ts";
import type { Piece } from "../../../lambda/intake/piece.ts";
import { sampleRecord, sampleRecords } from "../../lib/replay/sample-record.ts";

/** Reads a text in chunks of a size. */
function read(text: string | Buffer, chunkBytes = 1 << 20, cut?: string): Piece[] {
  const bytes = Buffer.from(text);
  const values = new JsonValues();
  const pieces: Piece[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    pieces.push(...values.push(bytes.subarray(at, at + chunkBytes)));
  pieces.push(...values.end(cut));
  return pieces;
}

const good = (pieces: readonly Piece[]): unknown[] =>
  pieces.flatMap((piece) => (piece.ok ? [piece.value] : []));
const bad = (pieces: readonly Piece[]): string[] =>
  pieces.flatMap((piece) => (piece.ok ? [] : [`${piece.line}:${piece.column} ${piece.reason}`]));

const records = sampleRecords(5);
const lines = records.map((record) => JSON.stringify(record));

describe("forms of input", () => {
  const forms: Record<string, string> = {
    "a list of records": JSON.stringify({ Records: records }),
    "a list of records with fields around it": JSON.stringify({ a: [1], Records: records, z: { y: [2] } }),
    "a list of records, pretty-printed": JSON.stringify({ Records: records }, undefined, 2),
    "a record a line": `${lines.join("\n")}\n`,
    "a record a line, without the last line break, in Windows' way": lines.join("\r\n"),
    "a record a line with empty lines": `\n\n${lines.join("\n\n")}\n\n`,
    "records one behind another": lines.join(""),
    "pretty-printed records one behind another": records
      .map((record) => JSON.stringify(record, undefined, 4))
      .join("\n"),
    "an array": JSON.stringify(records),
    "an array, one record a line": `[\n${lines.join(",\n")}\n]`,
    "a byte order mark in front": `\ufeff${JSON.stringify(records)}`,
    "RFC 7464 with record separators": lines.map((line) => `\u001e${line}\n`).join(""),
    "several lists one behind another": [records.slice(0, 2), records.slice(2)]
      .map((part) => JSON.stringify({ Records: part }))
      .join(""),
    "forms mixed": `${lines[0]}\n[${lines[1]}]${JSON.stringify({ Records: records.slice(2) })}`,
  };
  for (const [name, text] of Object.entries(forms)) {
    it(`reads ${name}, wherever the chunks end`, () => {
      for (const chunkBytes of [1, 2, 7, 64, 1 << 20]) {
        const pieces = read(text, chunkBytes);
        expect(bad(pieces)).toEqual([]);
        expect(good(pieces)).toEqual(records);
      }
    });
  }

  it("gives nothing and complains of nothing for empty lists", () => {
    expect(read("[]")).toEqual([]);
    expect(read('{"Records":[]}')).toEqual([]);
  });

  it("is not misled when what stands between two records also stands inside one", () => {
    const values = Array.from({ length: 30 }, (_, at) => ({
      a: [{ a: at }, { a: [{ a: 1 }, { a: "},{" }] }],
    }));
    for (const text of [JSON.stringify({ Records: values }), JSON.stringify(values)]) {
      expect(good(read(text))).toEqual(values);
      expect(good(read(text, 50))).toEqual(values);
    }
  });

  it("says where each value begins", () => {
    const pieces = read('{"Records":[\n  {"a":1},\n  {"b":2}, {"c":"x\\ny"}\n]}\n{"d":3}');
    expect(pieces.map(({ line, column }) => [line, column])).toEqual([
      [2, 3],
      [3, 3],
      [3, 12],
      [5, 1],
    ]);
  });

  it("reads any JSON objects in any form and any chunks just as JSON.parse does", () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 6 });
    const layout = fc.constantFrom<(values: unknown[]) => string>(
      (values) => JSON.stringify({ Records: values }),
      (values) => JSON.stringify({ Records: values }, undefined, 2),
      (values) => JSON.stringify(values),
      (values) => JSON.stringify(values, undefined, 1),
      (values) => values.map((value) => JSON.stringify(value)).join("\n"),
      (values) => values.map((value) => JSON.stringify(value, undefined, 2)).join("\n"),
      (values) => values.map((value) => JSON.stringify(value)).join(""),
    );
    // An object that itself is {"Records":[…]} is opened, which JSON.parse does not do.
    const plain = objects.filter((values) => values.every((value) => !Object.hasOwn(value, "Records")));
    fc.assert(
      fc.property(plain, layout, fc.integer({ min: 1, max: 90 }), (values, write, chunkBytes) => {
        const text = write(values);
        const expected: unknown[] = values.map((value) => JSON.parse(JSON.stringify(value)));
        const pieces = read(text, chunkBytes);
        expect(bad(pieces)).toEqual([]);
        expect(good(pieces)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("broken input", () => {
  it("gives every whole record before a cut, in a list and in lines", () => {
    for (const text of [JSON.stringify({ Records: records }), lines.join("\n")]) {
      const cut = text.slice(0, text.lastIndexOf("StopInstances"));
      expect(good(read(cut))).toEqual(records.slice(0, 4));
      expect(bad(read(cut))).toEqual([
        expect.stringMatching(/the JSON ends inside this value: the file was cut short$/),
      ]);
    }
  });

  it("loses at most the record that a cut goes through, wherever it is", () => {
    const text = JSON.stringify({ Records: records });
    for (let end = 1; end < text.length; end += 17) {
      const pieces = read(text.slice(0, end), 100);
      const whole = lines.filter((line) => text.slice(0, end).includes(line)).length;
      expect(good(pieces)).toEqual(records.slice(0, whole));
      expect(bad(pieces)).toHaveLength(1);
    }
  });

  it("says why the stream ended early when it was told", () => {
    expect(bad(read('{"a":', 100, "the gzip data was cut short"))).toEqual([
      "1:1 the JSON ends inside this value: the gzip data was cut short",
    ]);
    expect(bad(read('{"a":1}\n', 100, "the gzip data was cut short"))).toEqual([
      "2:1 the gzip data was cut short",
    ]);
  });

  it("says so when there is nothing", () => {
    expect(bad(read(""))).toEqual(["1:1 the file is empty"]);
    expect(bad(read(" \n\n"))).toEqual(["3:1 there is nothing but white space in the file"]);
  });

  it("reads the lines around broken ones, however they are broken", () => {
    const cuts = [
      "garbage",
      lines[1]?.slice(0, 90),
      lines[1]?.slice(0, -1),
      lines[1]?.slice(0, 40),
      "]",
      "}}",
    ];
    for (const broken of cuts) {
      for (const chunkBytes of [13, 1 << 20]) {
        const pieces = read(`${lines[0]}\n${broken}\n${lines[2]}\n${lines[3]}\n`, chunkBytes);
        expect(good(pieces)).toEqual([records[0], records[2], records[3]]);
        expect(bad(pieces)).toHaveLength(1);
        expect(bad(pieces)[0]).toMatch(/^2:1 /);
      }
    }
  });

  it("counts what is no record on the line after a cut one", () => {
    for (const cut of ['{"eventName":', '{"eventName":"St', '{"eventName":"x"', '{"a":[']) {
      const pieces = read(`${cut}\n"a text"\n${lines[0]}\n`, 11);
      expect(pieces.map((piece) => (piece.ok ? piece.value : piece.line))).toEqual([1, "a text", records[0]]);
    }
  });

  it("makes one complaint of a pretty-printed record that is broken", () => {
    const broken = JSON.stringify(records[1], undefined, 2).replace("StopInstances", "Stop\nInstances");
    const pieces = read(`${lines[0]}\n${broken}\n${lines[2]}\n`);
    expect(bad(pieces)).toHaveLength(1);
    expect(good(pieces)).toEqual([records[0], records[2]]);
  });

  it("reads the records around a broken one in a list of one line", () => {
    const missingBrace = lines[1]?.slice(0, -1);
    const badEscape = lines[1]?.replace("StopInstances", "\\q");
    const extraBrace = `${lines[1]}}`;
    for (const broken of [missingBrace, badEscape]) {
      const pieces = read(`{"Records":[${lines[0]},${broken},${lines[2]},${lines[3]}]}`);
      expect(good(pieces)).toEqual([records[0], records[2], records[3]]);
      expect(bad(pieces)).toHaveLength(1);
    }
    expect(good(read(`{"Records":[${lines[0]},${extraBrace},${lines[2]}]}`))).toEqual(records.slice(0, 3));
  });

  it("gives strings, numbers and null in a list as values, for the reader of records to refuse", () => {
    expect(good(read(`["x, ]",1,null,${lines[0]},true]`))).toEqual(["x, ]", 1, null, records[0], true]);
  });

  it("never shows the input in a reason", () => {
    const [reason] = bad(read('{"password":"hunter2", oops}\n'));
    expect(reason).toContain("not valid JSON");
    expect(reason).not.toContain("hunter2");
  });

  it("passes over a record too long to be one and reads its neighbours", () => {
    const long = JSON.stringify(sampleRecord(9, { padding: "x".repeat(MAX_VALUE_BYTES + 100) }));
    for (const text of [
      `{"Records":[${lines[0]},${long},${lines[1]}]}`,
      `${lines[0]}\n${long}\n${lines[1]}\n`,
    ]) {
      for (const chunkBytes of [1 << 16, 1 << 20, 1 << 24]) {
        const pieces = read(text, chunkBytes);
        expect(bad(pieces)).toEqual([expect.stringContaining("longer than 4 MB")]);
        expect(good(pieces)).toHaveLength(2);
      }
    }
  });

  it("holds no more than one value of a long stream", () => {
    const values = new JsonValues();
    const chunk = Buffer.from(`${lines.join(",")},`.repeat(200));
    values.push(Buffer.from('{"Records":['));
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    let count = 0;
    for (let round = 0; round < 300; round++) count += values.push(chunk).length;
    const after = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    expect(count).toBe(300 * 1000);
    expect(300 * chunk.length).toBeGreaterThan(140e6);
    expect(after - before).toBeLessThan(100e6);
  });

  it("stays linear on records that never end and nest in one another", () => {
    const text = '{"eventVersion":'.repeat((6 * MAX_VALUE_BYTES) / 16);
    const pieces = read(text, 1 << 20);
    expect(good(pieces)).toEqual([]);
    expect(bad(pieces).length).toBeGreaterThan(0);
  });

  it("never throws and always ends, whatever the bytes", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"',
      "\\",
      ",",
      ":",
      "\n",
      '"Records"',
      "1",
      " ",
      "x",
      "é",
    );
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 60 }).map((parts) => Buffer.from(parts.join(""))),
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 40 }), (bytes, chunkBytes) => {
        const whole = read(bytes);
        const chunked = read(bytes, chunkBytes);
        expect(good(chunked)).toEqual(good(whole));
      }),
      { numRuns: 5000 },
    );
  });
});
