import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatPlace, type Item, type ReadOptions, readRecords } from "../../../lib/replay/records.ts";
import type { Sources } from "../../../lib/replay/sources.ts";
import { sampleRecord, sampleRecords } from "./sample-record.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "engine-records-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function read(paths: readonly string[], options: ReadOptions = {}): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of readRecords(paths, options)) items.push(item);
  return items;
}

const ids = (items: readonly Item[]): unknown[] =>
  items.flatMap((item) => (item.ok ? [item.reading.record.eventID] : []));
const complaints = (items: readonly Item[]): string[] =>
  items.flatMap((item) =>
    item.ok ? [] : [`${formatPlace(item.place).replace(`${folder}/`, "")} ${item.reason}`],
  );

const records = sampleRecords(6);
const allIds = records.map((record) => record.eventID);
const list = JSON.stringify({ Records: records });

describe("gzip", () => {
  it("is recognised by its first bytes, whatever the name", async () => {
    expect(ids(await read([file("packed.json", gzipSync(list))]))).toEqual(allIds);
    expect(ids(await read([file("plain.json.gz", list)]))).toEqual(allIds);
  });

  it("may come in several members", async () => {
    const path = file("two.gz", Buffer.concat([gzipSync(list), gzipSync(list)]));
    expect(ids(await read([path]))).toEqual([...allIds, ...allIds]);
  });

  it("gives everything before a cut, and says that it was cut", async () => {
    // Hard to compress, so that half of the packed bytes are about half of the records.
    const many = Array.from({ length: 3000 }, (_, number) =>
      sampleRecord(number, { userAgent: createHash("sha512").update(String(number)).digest("base64") }),
    );
    const packed = gzipSync(JSON.stringify({ Records: many }));
    const items = await read([file("cut.json.gz", packed.subarray(0, packed.length / 2))]);
    expect(ids(items).length).toBeGreaterThan(1400);
    expect(ids(items)).toEqual(many.slice(0, ids(items).length).map((record) => record.eventID));
    expect(complaints(items)).toEqual([
      expect.stringMatching(
        /^cut\.json\.gz:1:\d+ the JSON ends inside this value: the gzip data was cut short$/,
      ),
    ]);
  });

  it("gives the only record of a small file cut in its last bytes", async () => {
    const packed = gzipSync(`${JSON.stringify(records[0])}\n`);
    const items = await read([file("cut.json.gz", packed.subarray(0, -6))]);
    expect(ids(items)).toEqual([allIds[0]]);
    expect(complaints(items)).toEqual(["cut.json.gz:2:1 the gzip data was cut short"]);
  });

  it("that is damaged is one complaint and does not stop the next file", async () => {
    const packed = gzipSync(list);
    packed[packed.length - 8] = (packed[packed.length - 8] ?? 0) ^ 0xff;
    const items = await read([file("damaged.gz", packed), file("good.json", list)]);
    expect(ids(items)).toEqual(allIds);
    expect(complaints(items)).toEqual([
      expect.stringMatching(/^damaged\.gz:1:1 the gzip data is damaged here or a little before/),
    ]);
  });
});

describe("what is inside", () => {
  it("may be envelopes, in lines or in an array, with bare records among them", async () => {
    const envelopes = records.map((record) => ({
      version: "0",
      "detail-type": "AWS API Call via CloudTrail",
      source: "aws.ec2",
      detail: record,
    }));
    const mixed = [...envelopes.slice(0, 3), ...records.slice(3)].map((value) => JSON.stringify(value));
    expect(ids(await read([file("lines.ndjson", mixed.join("\n"))]))).toEqual(allIds);
    expect(ids(await read([file("array.json", `[${mixed.join(",")}]`)]))).toEqual(allIds);
  });

  it("may be lists in a list, as jq -s makes them", async () => {
    const path = file("slurped.json", JSON.stringify([JSON.parse(list), records.slice(0, 1)]));
    expect(ids(await read([path]))).toEqual([...allIds, allIds[0]]);
  });

  it("keeps letters whole where chunks of a file end", async () => {
    const long = "ü€😀".repeat(200_000);
    const [item] = await read([file("letters.json", JSON.stringify([sampleRecord(1, { long })]))]);
    expect(item?.ok === true && item.reading.record.long === long).toBe(true);
  });

  it("that is no record is one complaint with its place, and the rest is read", async () => {
    const broken = [
      '"a text"',
      "null",
      "7",
      "[]",
      "{}",
      '{"version":"0","source":"aws.ec2","detail-type":"x"}',
      '{"detail":"text","source":"aws.ec2","detail-type":"x"}',
    ];
    const path = file("mixed.json", `{"Records":[\n${broken.join(",\n")},\n${JSON.stringify(records[0])}]}`);
    const items = await read([path]);
    expect(ids(items)).toEqual([allIds[0]]);
    expect(complaints(items).map((line) => line.split(" ")[0])).toEqual(
      broken.map((_, index) => `mixed.json:${index + 2}:1`),
    );
  });

  it("says what is wrong with Records that is no list", async () => {
    expect(complaints(await read([file("null.json", '{"Records": null}')]))).toEqual([
      'null.json:1:1 "Records" must be a list of CloudTrail records, got null',
    ]);
  });

  it("survives 256 KB of nesting", async () => {
    const deep = `{"eventSource":"ec2.amazonaws.com","eventName":"A","eventID":"deep","requestParameters":{"x":${"[".repeat(128_000)}${"]".repeat(128_000)}}}`;
    const items = await read([file("deep.ndjson", `${deep}\n${JSON.stringify(records[0])}\n`)]);
    expect(ids(items)).toEqual(["deep", allIds[0]]);
  });

  it("keeps __proto__ a key like any other", async () => {
    await read([
      file("proto.json", '{"eventSource":"a.amazonaws.com","eventName":"A","__proto__":{"polluted":1}}'),
    ]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("that other programs wrote is refused by its kind", async () => {
    const kinds: [string, Buffer, RegExp][] = [
      ["a.zip", Buffer.from("504b030414000000", "hex"), /zip archive/],
      ["a.zst", Buffer.from("28b52ffd24000000", "hex"), /zstd/],
      ["a.txt", Buffer.from("\ufeff[]", "utf16le"), /UTF-16/],
    ];
    for (const [name, bytes, words] of kinds) {
      expect(complaints(await read([file(name, bytes)]))).toEqual([expect.stringMatching(words)]);
    }
  });
});

describe("where records come from", () => {
  it("a folder is read in the order of names, to its ground", async () => {
    file("b/2.json", JSON.stringify(records[2]));
    file("b/1/x.json", JSON.stringify(records[1]));
    file("a.json", JSON.stringify(records[0]));
    expect(ids(await read([folder]))).toEqual(allIds.slice(0, 3));
  });

  it("digests, Insights, hidden files and what is plainly something else are left out and counted", async () => {
    file("AWSLogs/123456789012/CloudTrail-Digest/eu-central-1/d.json.gz", gzipSync("{}"));
    file("AWSLogs/123456789012/CloudTrail-Insight/eu-central-1/i.json.gz", gzipSync(list));
    file("AWSLogs/123456789012/CloudTrail/eu-central-1/t.json.gz", gzipSync(list));
    file(".hidden", "x");
    file("README.md", "# Trail");
    file("no-ending", `\n ${list}`);
    let sources: Sources | undefined;
    const items = await read([folder], {
      onSources(found) {
        sources = found;
      },
    });
    expect(complaints(items)).toEqual([]);
    expect(ids(items)).toEqual([...allIds, ...allIds]);
    expect(sources?.digests).toBe(2);
    expect(sources?.others).toEqual([join(folder, "README.md")]);
  });

  it("a file that is named is read even when it looks like something else", async () => {
    expect(complaints(await read([file("README.md", "# Trail")]))).toEqual([
      expect.stringMatching(/^README\.md:1:1 not valid JSON/),
    ]);
  });

  it("links to folders are not followed but named, unless they are given; links to files are", async () => {
    const target = file("a/t.json", list);
    symlinkSync(join(folder, "a"), join(folder, "a", "again"));
    symlinkSync(join(folder, "a"), join(folder, "b"));
    symlinkSync(target, join(folder, "c.json"));
    symlinkSync("nowhere-at-all", join(folder, "a", "broken.json"));
    let found: Sources | undefined;
    const items = await read([folder], { onSources: (sources) => (found = sources) });
    expect(ids(items)).toEqual([...allIds, ...allIds]);
    expect(complaints(items)).toEqual(["a/broken.json there is no such file or folder"]);
    expect(found?.links).toEqual([join(folder, "a", "again"), join(folder, "b")]);
    expect(ids(await read([join(folder, "b")]))).toEqual(allIds);
  });

  it("what lookup-events prints is read, and each event that holds no record has its reason", async () => {
    const events = [
      ...records.map((record) => ({
        EventId: record.eventID,
        Resources: [{}],
        CloudTrailEvent: JSON.stringify(record),
      })),
      { EventId: "cut", CloudTrailEvent: '{"eventVersion":' },
      { EventId: "none", Resources: [] },
    ];
    for (const text of [
      JSON.stringify({ Events: events }),
      JSON.stringify({ NextToken: "x", Events: events }, null, 4),
    ]) {
      const items = await read([file("looked-up.json", text)]);
      expect(ids(items)).toEqual(allIds);
      expect(complaints(items).map((line) => line.replace(/^\S+ /, ""))).toEqual([
        '"CloudTrailEvent" is not valid JSON: Unexpected end of JSON input',
        "a CloudTrail record needs the text field eventSource, got nothing",
      ]);
    }
    const lines = events.slice(0, 2).map((event) => JSON.stringify(event));
    expect(ids(await read([file("lines.ndjson", lines.join("\n"))]))).toEqual(allIds.slice(0, 2));
    expect(complaints(await read([file("no-list.json", '{"Events":null}')]))).toEqual([
      'no-list.json:1:1 "Events" must be a list of CloudTrail records, got null',
    ]);
  });

  it("reading goes on behind a broken event of lookup-events", async () => {
    const events = records.map((record) => ({
      EventId: record.eventID,
      CloudTrailEvent: JSON.stringify(record),
    }));
    const text = JSON.stringify({ Events: events }, null, 4).replace(
      '"CloudTrailEvent":',
      '"CloudTrailEvent"',
    );
    const items = await read([file("broken.json", text)]);
    expect(ids(items)).toEqual(allIds.slice(1));
    expect(complaints(items)).toEqual([
      expect.stringMatching(/^broken\.json:5:31 not valid JSON: Expected ':' after property name$/),
    ]);
  });

  it("a missing or an empty file is one complaint and stops nothing", async () => {
    const items = await read([join(folder, "missing.json"), file("empty.json", ""), file("t.json", list)]);
    expect(ids(items)).toEqual(allIds);
    expect(complaints(items)).toEqual([
      "missing.json there is no such file or folder",
      "empty.json:1:1 the file is empty",
    ]);
  });

  it("a file that may not be read is one complaint", async () => {
    const path = file("secret.json", list);
    chmodSync(path, 0);
    const items = await read([path, file("t.json", list)]);
    const mayReadAll = process.getuid?.() === 0;
    expect(complaints(items)).toEqual(
      mayReadAll ? [] : ["secret.json:1:1 permission denied: you may not read it"],
    );
    expect(ids(items)).toEqual(mayReadAll ? [...allIds, ...allIds] : allIds);
  });

  it("stdin is read for -, packed or not, text or bytes", async () => {
    for (const chunks of [[list], [gzipSync(list)], [list.slice(0, 100), list.slice(100)]]) {
      const items = await read(["-"], { stdin: Readable.from(chunks) });
      expect(ids(items)).toEqual(allIds);
      expect(items[0]?.place.file).toBe("(stdin)");
    }
  });

  it("tells how many bytes were read", async () => {
    const packed = gzipSync(list);
    let bytes = 0;
    await read([file("t.gz", packed)], {
      onProgress(progress) {
        bytes += progress.bytes;
      },
    });
    expect(bytes).toBe(packed.length);
  });
});
