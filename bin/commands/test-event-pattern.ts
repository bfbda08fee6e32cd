/**
 * `test-event-pattern`: what EventBridge's API of that name would answer, without an account. Made for other programs:
 * line n of the answer is the verdict on line n of the input, whatever that line holds, and nothing else is on stdout.
 *
 *   {"pattern":{"a":[1]},"event":{"a":1}}      ->  true
 *   {"pattern":{"a":[]},"event":{"a":1}}       ->  error: Event pattern is not valid. Reason: …
 *   not JSON                                   ->  error: …, and on to the next line
 */
import { once } from "node:events";
import { StringDecoder } from "node:string_decoder";
import { compileEventPattern } from "../../lambda/engine/event-pattern/compile.ts";
import { InvalidEventPatternError, quote } from "../../lambda/engine/event-pattern/invalid-event-pattern.ts";
import { isObject } from "../../lambda/engine/event-pattern/leaf.ts";
import { matchesEventPattern } from "../../lambda/engine/event-pattern/match.ts";
import { explainJsonError } from "../../lambda/loader/json-error.ts";
import { printable } from "../../lambda/loader/problem.ts";
import { counted } from "../../lib/words.ts";
import type { Command, Io } from "../command.ts";
import { noPositionals, oneOf, readOptions, RULES_OPTION } from "../options.ts";

/** Longest line that is read, in characters; EventBridge takes events of 1 MB. The rest of a longer line is skipped. */
const MAX_LINE_LENGTH = 16_000_000;

const HELP = `Usage: npm run engine -- test-event-pattern < CASES.ndjson

Judges event patterns as EventBridge does. Reads one JSON object a line from stdin,

  {"pattern": {"source": ["aws.ec2"]}, "event": {"source": "aws.ec2"}}

and prints one line for each, so that line n of the answer belongs to line n of the input: true, false, or "error: …"
when the line is no such object (a blank line is none either) or EventBridge would refuse the pattern. Pattern and
event may also be JSON texts, as the AWS API takes them. Events need not be whole envelopes. Other keys of a line are
ignored.

Options:
  --format text|json   json: each line is a JSON value, docs/schemas/test-event-pattern.schema.json. Default: text
  --rules DIR          taken by every verb, without effect here
  --help               this text

Exit code: 0 every line was judged, 1 at least one was an error, 2 wrong use.

Examples:
  echo '{"pattern":{"source":["aws.ec2"]},"event":{"source":"aws.ec2"}}' | npm run --silent engine -- test-event-pattern
  npm run --silent engine -- test-event-pattern < cases.ndjson | grep -c true
`;

export const command: Command = {
  summary: "Judge event patterns as EventBridge does, one NDJSON line at a time.",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...RULES_OPTION,
      format: { type: "string", default: "text" },
    });
    const format = oneOf("format", values.format, ["text", "json"]);
    noPositionals(positionals);
    return judgeLines(io, format === "json" ? asJson : (verdict) => verdict);
  },
};

/** true and false are JSON already. */
function asJson(verdict: string): string {
  return verdict.startsWith("error") ? JSON.stringify(verdict) : verdict;
}

async function judgeLines(io: Io, present: (verdict: string) => string): Promise<number> {
  let lines = 0;
  let errors = 0;
  for await (const batch of lineBatches(io.stdin)) {
    const verdicts = batch.map(judge);
    lines += verdicts.length;
    errors += verdicts.filter((verdict) => verdict.startsWith("error")).length;
    const text = verdicts.map((verdict) => `${present(verdict)}\n`).join("");
    if (text !== "" && !io.stdout.write(text)) await once(io.stdout, "drain");
  }
  if (errors > 0) io.stderr.write(`${errors} of ${counted(lines, "line")} could not be judged.\n`);
  return errors === 0 ? 0 : 1;
}

/** A line, or undefined for one that was too long to keep. */
type Line = string | undefined;

function judge(line: Line): string {
  if (line === undefined) return `error: the line is longer than ${MAX_LINE_LENGTH} characters`;
  let judged: unknown;
  try {
    judged = JSON.parse(line);
  } catch (error) {
    return `error: the line is not JSON: ${printable(explainJsonError(line, error).reason)}`;
  }
  if (!isObject(judged) || !Object.hasOwn(judged, "pattern") || !Object.hasOwn(judged, "event")) {
    return 'error: the line is not an object with "pattern" and "event"';
  }
  try {
    const compiled = compileEventPattern(fromText("pattern", judged["pattern"]));
    const event = fromText("event", judged["event"]);
    if (!isObject(event)) return `error: the event is a JSON object, not ${printable(quote(event))}`;
    return String(matchesEventPattern(compiled, event));
  } catch (error) {
    if (error instanceof InvalidEventPatternError || error instanceof NoJsonError)
      return `error: ${printable(error.message)}`;
    throw error;
  }
}

class NoJsonError extends Error {
  override readonly name = "NoJsonError";
}

/** The value itself, or what the JSON text of it says. Throws a NoJsonError. */
function fromText(what: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch (error) {
    const { reason } = explainJsonError(value, error);
    throw new NoJsonError(`the ${what} is not JSON: ${reason}`, { cause: error });
  }
}

/**
 * The lines of each chunk as it arrives. Only a line feed ends a line: `readline` would also split at U+2028, which
 * JSON allows inside a string.
 */
async function* lineBatches(input: NodeJS.ReadableStream): AsyncGenerator<Line[]> {
  const decoder = new StringDecoder("utf8");
  let pending: string[] = [];
  let length = 0;
  const finish = (): Line => {
    const line = length > MAX_LINE_LENGTH ? undefined : pending.join("");
    pending = [];
    length = 0;
    return line;
  };
  const add = (part: string) => {
    length += part.length;
    if (length <= MAX_LINE_LENGTH) pending.push(part);
  };
  for await (const chunk of input) {
    const parts = (typeof chunk === "string" ? chunk : decoder.write(chunk)).split("\n");
    const batch: Line[] = [];
    for (const [index, part] of parts.entries()) {
      if (index > 0) batch.push(finish());
      add(part);
    }
    yield batch;
  }
  add(decoder.end());
  if (length > 0) yield [finish()];
}
