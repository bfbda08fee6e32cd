import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../bin/command.ts";
import { command } from "../../bin/commands/test-event-pattern.ts";
import { verdictSchema } from "../../lib/patterns-schema.ts";

/** Runs the verb on chunks of input, read slowly enough that it has to wait for its reader. */
async function run(chunks: readonly (string | Buffer)[], args: readonly string[] = []) {
  const stdout = new PassThrough({ highWaterMark: 16 });
  const stderr = new PassThrough();
  const data = text(stdout);
  const words = text(stderr);
  const code = await command.run(args, { stdin: Readable.from(chunks), stdout, stderr });
  stdout.end();
  stderr.end();
  return { code, lines: (await data).split("\n").slice(0, -1), words: await words };
}

const HIT = '{"pattern":{"a":[1]},"event":{"a":1}}';
const question = (pattern: unknown, event: unknown) => `${JSON.stringify({ pattern, event })}\n`;
const MISS = '{"pattern":{"a":[1]},"event":{"a":2}}';

describe("test-event-pattern", () => {
  it("prints a verdict a line and exits 0", async () => {
    expect(await run([`${HIT}\n${MISS}\n`])).toEqual({ code: 0, lines: ["true", "false"], words: "" });
  });

  it("needs no line feed at the end, and takes carriage returns", async () => {
    expect((await run([`${HIT}\r\n${MISS}`])).lines).toEqual(["true", "false"]);
  });

  it("prints nothing for no input", async () => {
    expect(await run([])).toEqual({ code: 0, lines: [], words: "" });
    expect(await run([""])).toEqual({ code: 0, lines: [], words: "" });
  });

  it("ignores other keys of a line, and asks no envelope of the event", async () => {
    expect(
      (await run(['{"id":7,"expected":false,"event":{},"pattern":{"a":[{"exists":false}]}}'])).lines,
    ).toEqual(["true"]);
  });

  it("says what is wrong in the place of the verdict, goes on, and exits 1", async () => {
    const { code, lines, words } = await run([
      `{"pattern":{"a":[]},"event":{}}\nnot JSON\n\n${HIT}\n[1]\n{"event":{}}\n{"pattern":{"a":[1]}}\n{"pattern":{"a":[1]},"event":[]}\n${MISS}\n`,
    ]);
    expect(lines.map((line) => line.slice(0, 6))).toEqual([
      "error:",
      "error:",
      "error:",
      "true",
      "error:",
      "error:",
      "error:",
      "error:",
      "false",
    ]);
    expect(lines[0]).toBe(
      "error: Event pattern is not valid. Reason: an empty array matches nothing at a. Give at least one value.",
    );
    expect(lines[1]).toMatch(/^error: the line is not JSON: /);
    expect(lines[5]).toBe('error: the line is not an object with "pattern" and "event"');
    expect(lines[7]).toBe("error: the event is a JSON object, not []");
    expect(code).toBe(1);
    expect(words).toBe("7 of 9 lines could not be judged.\n");
  });

  it("takes pattern and event as the JSON texts that the AWS API takes", async () => {
    const { lines } = await run([
      question('{"a":[1]}', '{"a":1}'),
      question('{"a":[1]}', { a: 2 }),
      question({ a: [1] }, '{"a":1}'),
      question('{"a":[1}', "{}"),
      question('{"a":[1]}', '{"a":\u001b}'),
      question('{"a":[1]}', "[1]"),
      question('"text"', "{}"),
    ]);
    expect(lines).toEqual([
      "true",
      "false",
      "true",
      "error: the pattern is not JSON: Expected ',' or ']' after array element",
      "error: the event is not JSON: Unexpected token '\\u001b'",
      "error: the event is a JSON object, not [1]",
      expect.stringMatching(/^error: Event pattern is not valid\. Reason: /),
    ]);
  });

  it("prints a JSON value a line with --format json", async () => {
    const { code, lines } = await run([`${HIT}\n${MISS}\n\n`], ["--format", "json"]);
    expect(code).toBe(1);
    expect(lines.map((line) => verdictSchema.parse(JSON.parse(line)))).toEqual([
      true,
      false,
      "error: the line is not JSON: Unexpected end of JSON input",
    ]);
  });

  it("judges the pattern even when the event is none", async () => {
    expect((await run(['{"pattern":{},"event":1}'])).lines[0]).toMatch(/empty object/);
  });

  it("keeps every answer on one line, whatever stands in the question", async () => {
    const { lines } = await run([
      `${JSON.stringify({ pattern: { "a\nb\u2028\u001b[2J": "x" }, event: {} })}\n"\u001b]0;title\u0007" x\n`,
    ]);
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^error: [ -~…]+$/);
  });

  it("does not end a line at U+2028 inside a string", async () => {
    const line = JSON.stringify({ pattern: { a: ["x\u2028y"] }, event: { a: "x\u2028y" } });
    expect((await run([`${line}\n`])).lines).toEqual(["true"]);
  });

  it("puts lines and characters together that arrive in pieces", async () => {
    const bytes = Buffer.from(`{"pattern":{"a":["Zürich"]},"event":{"a":"Zürich"}}\n${MISS}\n`);
    const pieces = Array.from(bytes, (byte) => Buffer.from([byte]));
    expect((await run(pieces)).lines).toEqual(["true", "false"]);
  });

  it("answers each line before the next arrives", async () => {
    const stdin = new PassThrough();
    const stdout = new PassThrough();
    const done = command.run([], { stdin, stdout, stderr: new PassThrough() });
    stdin.write(`${HIT}\n`);
    const [first]: unknown[] = await once(stdout, "data");
    expect(String(first)).toBe("true\n");
    stdin.end();
    expect(await done).toBe(0);
  });

  it("refuses a line that is too long to keep, and judges the next", async () => {
    const chunk = "x".repeat(1_000_000);
    const { code, lines } = await run([...Array.from({ length: 17 }, () => chunk), `\n${HIT}\n`]);
    expect(lines).toEqual(["error: the line is longer than 16000000 characters", "true"]);
    expect(code).toBe(1);
  });

  it("judges 20,000 lines in order", async () => {
    const input = Array.from({ length: 20_000 }, (_, index) => `${index % 3 === 0 ? HIT : MISS}\n`);
    const { lines } = await run([input.join("")]);
    expect(lines).toEqual(input.map((line) => String(line.startsWith(HIT))));
  });

  it("refuses unknown options and paths as wrong use", async () => {
    await expect(run([], ["--verbose"])).rejects.toThrow(UsageError);
    await expect(run([], ["cases.ndjson"])).rejects.toThrow(UsageError);
    await expect(run([], ["--format", "ndjson"])).rejects.toThrow(UsageError);
    expect((await run([HIT], ["--rules", "elsewhere", "--format", "text"])).code).toBe(0);
  });

  it("describes itself", () => {
    expect(command.help).toContain("Usage:");
    expect(command.help).toContain("Exit code:");
  });
});
