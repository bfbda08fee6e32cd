/**
 * Asks jq about the rules that a record is a candidate of: all in one program, within a time. If that fails as a whole
 * (too slow, out of memory), each rule is asked alone, so that one bad expression costs itself and no other. A rule that
 * was too slow alone is set apart for a while: with each record of a flood it would cost all its time again.
 *
 *     const jq = makeJqPort();
 *     await jq.ask(record, [{ id: "a", jq: ".eventName" }, { id: "b", jq: "range(infinite) | empty" }]);
 *     // a matches; b failed: "took longer than 200 ms on this record; it is set apart for 60 s"
 *
 * Set apart is no match and no silence: the record fails for that rule, so that it is tried again and kept.
 */
import type { JqAnswer, JqPort, JqQuestion } from "../engine/jq-port.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import { showText } from "../alerts/show-text.ts";
import { type JqRun, type JqThread, makeJqThread } from "./jq-thread.ts";
import { makeInput, makeProgram, readAnswers } from "./program.ts";

/** What may be set for tests. Times are in milliseconds. */
export type JqOptions = {
  readonly thread?: JqThread;
  readonly now?: () => number;
  /** The time of all rules together, and of each one alone. */
  readonly limit?: number;
  /** How long a rule that was too slow is not asked. */
  readonly apart?: number;
};

const LIMIT = 200;
const APART = 60_000;
/** Programs that are kept: sets of candidates recur. */
const MAX_PROGRAMS = 200;

/** jq in its thread, which is started by the first question. */
export function makeJqPort({
  thread = makeJqThread(),
  now = Date.now,
  limit = LIMIT,
  apart = APART,
}: JqOptions = {}): JqPort {
  const programs = new Map<string, string>();
  const apartUntil = new Map<string, number>();

  function programOf(questions: readonly JqQuestion[]): string {
    const key = questions.map(({ jq }) => jq).join("\0");
    const known = programs.get(key);
    if (known !== undefined) return known;
    const made = makeProgram(questions);
    if (programs.size >= MAX_PROGRAMS) programs.clear();
    programs.set(key, made);
    return made;
  }

  async function askTogether(
    input: string,
    questions: readonly JqQuestion[],
  ): Promise<readonly JqAnswer[] | undefined> {
    try {
      const run = await thread.run(programOf(questions), input, limit);
      return run.kind === "ended" && run.exitCode === 0 ? readAnswers(run.stdout, questions) : undefined;
    } catch {
      // One that cannot be read: alone it will say so.
      return undefined;
    }
  }

  async function askAlone(input: string, question: JqQuestion): Promise<JqAnswer> {
    let program: string;
    try {
      program = makeProgram([question]);
    } catch (error) {
      return failed(question, error instanceof Error ? error.message : String(error));
    }
    const run = await thread.run(program, input, limit);
    const [answer] = run.kind === "ended" && run.exitCode === 0 ? readAnswers(run.stdout, [question]) : [];
    if (answer !== undefined) return answer;
    const setApart = run.kind === "late" || (run.kind === "broken" && run.started);
    if (setApart) apartUntil.set(question.jq, now() + apart);
    return failed(question, whyFailed(run, setApart));
  }

  function whyFailed(run: JqRun, setApart: boolean): string {
    const end = setApart ? `; it is set apart for ${apart / 1_000} s` : "";
    if (run.kind === "late") return `jq took longer than ${limit} ms on this record${end}`;
    if (run.kind === "broken") return `jq could not judge this record (${showText(run.reason, 200)})${end}`;
    return `jq refused the expression: ${showText(run.stderr, 300)}`;
  }

  return {
    async ask(record: CloudTrailRecord, questions: readonly JqQuestion[]): Promise<readonly JqAnswer[]> {
      const asked = questions.filter((question) => {
        const until = apartUntil.get(question.jq);
        if (until !== undefined && until <= now()) apartUntil.delete(question.jq);
        return !apartUntil.has(question.jq);
      });
      const answers = new Map<string, JqAnswer>();
      if (asked.length > 0) {
        const input = makeInput(record);
        const together = asked.length > 1 ? await askTogether(input, asked) : undefined;
        if (together !== undefined) for (const answer of together) answers.set(answer.ruleId, answer);
        else for (const one of asked) answers.set(one.id, await askAlone(input, one));
      }
      return questions.map(
        (question) =>
          answers.get(question.id) ??
          failed(question, "jq was too slow, or broke, on an earlier record; the rule is set apart"),
      );
    },
  };
}

function failed({ id }: JqQuestion, reason: string): JqAnswer {
  return { ruleId: id, matches: false, annotations: [], failed: reason };
}
