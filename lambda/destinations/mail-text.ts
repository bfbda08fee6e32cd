/**
 * A notice as plain text, for programs that show no HTML and for whoever reads mail in a terminal. It says what the HTML
 * says, in its order.
 */
import { fitText } from "./fit-text.ts";
import { type Fact, glance } from "./glance.ts";
import { FOUND_OUT, unlinked, WINDOW_CLOSED } from "./mail-words.ts";
import { type RecordRow, recordRows } from "./mail-record.ts";
import type { Notice } from "./destination.ts";

const WIDTH = 88;
/** A word that is longer than this is broken: a line of a mail holds 998 bytes, and a character has up to four. */
const LONGEST_WORD = 200;
/** An address is ASCII. */
const LONGEST_URL = 900;
const MAX_SENTENCE = 1_500;
const MAX_VALUE = 3_000;
/** For the record, in characters. */
const MAX_RECORD = 40_000;
const LABEL = 20;

/** The text of a mail; every line is shorter than a mail's 998 bytes. */
export function mailText(notice: Notice): string {
  const { heading, sentence, facts, news, answers, advice, details, links } = glance(notice);
  const blocks = [
    [...wrap(hostile(heading, MAX_SENTENCE)), "", ...wrap(hostile(sentence, MAX_SENTENCE))],
    notice.kind === "summary" ? wrap(WINDOW_CLOSED) : [],
    news === undefined ? [] : wrap(hostile(news.text, MAX_SENTENCE)),
    facts.flatMap((fact) => labelled(fact, unlinked)),
    answers.length === 0 ? [] : [FOUND_OUT, ...answers.flatMap((fact) => answered(fact))],
    // The rule's own words, in which its author's links stay links.
    advice.flatMap((fact) => labelled(fact)),
    links.flatMap(({ label, url }) => [`${label}:`, linkLines(url)].flat()),
    details.flatMap((fact) => labelled(fact, unlinked)),
    ["The record", ...recordLines(notice)],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

function recordLines({ alert }: Notice): string[] {
  return recordRows(alert.record, MAX_RECORD, charactersOf).flatMap((row) => recordLine(row));
}

function charactersOf(row: RecordRow): number {
  return recordLine(row).join("\n").length + 1;
}

function recordLine({ path, value }: RecordRow): string[] {
  return wrap(path === "" ? value : unlinked(`${path}: ${value}`), "  ", "      ");
}

/** A link that is broken is none. */
function linkLines(url: string): string[] {
  return url.length <= LONGEST_URL ? [`  ${url}`] : wrap(url, "  ");
}

function hostile(text: string, limit: number): string {
  return unlinked(fitText(text, limit));
}

function labelled({ label, value }: Fact, shown: (text: string) => string = (text) => text): string[] {
  const lines = wrap(shown(fitText(value, MAX_VALUE)), " ".repeat(LABEL));
  const [first = "", ...rest] = lines;
  return [`${label}:`.padEnd(LABEL) + first.trimStart(), ...rest];
}

/** The question, and under it the answer. */
function answered({ label, value }: Fact): string[] {
  return [...wrap(hostile(label, MAX_VALUE), "  "), ...wrap(hostile(value, MAX_VALUE), "    ")];
}

/** Lines of at most 88 characters where words allow it; all but the first are indented by `hanging`. */
function wrap(text: string, indent = "", hanging = indent): string[] {
  const lines: string[] = [];
  let line = indent;
  let isEmpty = true;
  for (const word of text.split(" ").flatMap((one) => pieces(one))) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = hanging;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

function pieces(word: string): readonly string[] {
  return word.length <= LONGEST_WORD ? [word] : (word.match(/.{1,200}/gsu) ?? []);
}
