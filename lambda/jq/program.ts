/**
 * One jq program for the rules that a record is a candidate of, because what costs is starting jq (0.9 ms) and not the
 * expressions (0.05 ms each); and what its lines mean.
 *
 *     makeProgram([{ id: "a", jq: "select(.x)" }, { id: "b", jq: ".y" }])
 *     // …(try (limit(21; (select(.x))|select(.)) | …[0, 1, text]…) catch [0, 2, message]), (try … catch [1, 2, …])
 *
 * Each expression is caught on its own. What rules may not use is defined away in front of them, `$ENV` too; an
 * expression cannot leave its brackets, since those of its tokens must close and its comments are taken out.
 */
import type { JqAnswer, JqQuestion } from "../engine/jq-port.ts";
import { cutText } from "../record/cut-text.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import { REFUSED_NAMES } from "./refused.ts";
import { readTokens } from "./tokens.ts";

/** Results of one expression that are looked at; further ones are left out. */
const MAX_RESULTS = 20;
/** Characters of one result, and of an error. */
const MAX_RESULT = 2_000;
const MAX_ERROR = 300;

const TAKEN_AWAY = Object.keys(REFUSED_NAMES)
  .filter((name) => name !== "import" && name !== "include")
  .map((name) => `def ${name}: error("${name} is not for rules");`)
  .join("");

const SHOWN = `def __engine_shown($record; $rule): if . == true or . == $record then [$rule, 0] elif type == "string" then [$rule, 1, .[0:${MAX_RESULT}]] else [$rule, 1, (tojson | .[0:${MAX_RESULT}])] end;`;
const PRELUDE = `${SHOWN}def debug(f): error("debug is not for rules");def halt_error(f): error("halt_error is not for rules");${TAKEN_AWAY}{} as $ENV | . as $__engine_record | `;

/**
 * The program of some rules.
 * @throws JqTokenError for an expression that was not validated and cannot be read.
 */
export function makeProgram(questions: readonly JqQuestion[]): string {
  const parts = questions.map(({ jq }, place) => {
    const { bare } = readTokens(jq);
    return `(try (limit(${MAX_RESULTS}; (\n${bare}\n) | select(.)) | __engine_shown($__engine_record; ${place})) catch [${place}, 2, (if type == "string" then . else tojson end | .[0:${MAX_ERROR}])])`;
  });
  return PRELUDE + parts.join(",");
}

/**
 * A record as jq reads it. jq refuses halves of surrogate pairs, and with them the record, which would be a way past all
 * its rules: U+FFFD stands in their place.
 */
export function makeInput(record: CloudTrailRecord): string {
  const text = JSON.stringify(record);
  if (!/\\ud[89a-f]/.test(text)) return text;
  // Escapes are gone through one by one: a backslash in front of an escaped backslash begins nothing.
  return text.replace(/\\(?:ud[89a-f][0-9a-f]{2}|.)/g, (escape) =>
    escape.startsWith("\\ud") ? "\ufffd" : escape,
  );
}

/** Reads what the program printed. Lines that are none of ours, which there should not be, say nothing. */
export function readAnswers(stdout: string, questions: readonly JqQuestion[]): readonly JqAnswer[] {
  const answers = questions.map(({ id }) => ({
    ruleId: id,
    matches: false,
    annotations: [] as string[],
    error: undefined as string | undefined,
  }));
  for (const line of stdout.split("\n")) {
    const parsed = parseLine(line);
    const answer = parsed === undefined ? undefined : answers[parsed.place];
    if (parsed === undefined || answer === undefined) continue;
    if (parsed.kind === 2) answer.error ??= parsed.text;
    else {
      answer.matches = true;
      if (parsed.kind === 1 && parsed.text !== "") answer.annotations.push(parsed.text);
    }
  }
  return answers.map(({ ruleId, matches, annotations, error }) =>
    error === undefined ? { ruleId, matches, annotations } : { ruleId, matches, annotations, error },
  );
}

function parseLine(
  line: string,
): { readonly place: number; readonly kind: number; readonly text: string } | undefined {
  if (line === "") return undefined;
  try {
    const parsed: unknown = JSON.parse(line);
    if (!Array.isArray(parsed)) return undefined;
    const [place, kind, text] = parsed as readonly unknown[];
    if (typeof place !== "number" || typeof kind !== "number") return undefined;
    return { place, kind, text: typeof text === "string" ? cutText(text, MAX_RESULT) : "" };
  } catch {
    return undefined;
  }
}
