/**
 * A notice as an HTML mail: at a glance what a phone's lock screen and the first screen show, all of the record below.
 * Gmail hides what is longer than 102 KB, so the record is cut to that length, and says so.
 *
 * All text of a record is hostile. It is escaped, and nothing of it becomes a link: addresses are taken apart
 * (`mail-words.ts`), and mark-up stands between the parts of domain names, which programs would link as well.
 *
 *     mailHtml({ alert, kind: "first" })   // "<!doctype html>\n<html lang="en">…"
 */
import type { Notice } from "./destination.ts";
import { fitText } from "./fit-text.ts";
import { glance } from "./glance.ts";
import {
  COLOURS,
  mailButtons,
  mailLink,
  mailPage,
  mailParagraph,
  mailRecordRow,
  mailRow,
  mailSection,
  mailTable,
  mailWideRow,
} from "./mail-layout.ts";
import { FOUND_OUT, unlinked, WINDOW_CLOSED } from "./mail-words.ts";
import { type RecordRow, recordRows } from "./mail-record.ts";
import { noticeTitle } from "./notice-text.ts";

const MAX_BYTES = 100_000;
/** Characters of each text; all of them together, were each as long as this and all of it escaped, stay below MAX_BYTES. */
const MAX_SENTENCE = 1_100;
const MAX_TITLE = 350;
const MAX_FACT = 600;
/** The close of a window lists what was touched in it. */
const MAX_RESOURCES = 3_000;
const MAX_ADVICE = 1_000;
const MAX_ANSWER = 600;
const MAX_DETAIL = 400;
/** A link must stay on one line of the source, of which a mail's may have 998 bytes. */
const MAX_ADDRESS = 900;
const BUTTONS = 2;

/** The HTML of a mail, at most 100,000 bytes long, in lines of less than a mail's 998. */
export function mailHtml(notice: Notice): string {
  const { alert, kind } = notice;
  const { severity, sentence, facts, news, answers, advice, details, links: all } = glance(notice);
  const links = all
    .map(({ label, url }) => ({ label: escaped(label), url: encoded(url) }))
    .filter(({ url }) => url.length <= MAX_ADDRESS);
  const more = links.slice(BUTTONS).map(({ label, url }) => mailRow("Link", mailLink(label, url)));
  const write = (record: string): string =>
    mailPage({
      colour: COLOURS[severity],
      severity: severity.toUpperCase(),
      sentence: hostile(sentence, MAX_SENTENCE),
      title: hostile(noticeTitle(notice, MAX_TITLE), MAX_TITLE),
      blocks: [
        mailParagraph(news === undefined ? "" : hostile(news.text, MAX_ANSWER)),
        mailParagraph(kind === "summary" ? WINDOW_CLOSED : ""),
        mailTable([
          ...facts.map(({ label, value }) =>
            mailRow(escaped(label), hostile(value, label === "Resources" ? MAX_RESOURCES : MAX_FACT)),
          ),
          // The rule author's words: what looks like a link there is meant as one.
          ...advice.map(({ label, value }) => mailRow(escaped(label), escaped(fitText(value, MAX_ADVICE)))),
        ]),
        mailSection(
          answers.length === 0 ? "" : FOUND_OUT,
          mailTable(
            answers.map(({ label, value }) =>
              mailRow(hostile(label, MAX_DETAIL), hostile(value, MAX_ANSWER)),
            ),
          ),
        ),
        mailButtons(links.slice(0, BUTTONS)),
        mailSection(
          "Details",
          mailTable([
            ...details.map(({ label, value }) => mailRow(escaped(label), hostile(value, MAX_DETAIL))),
            ...more,
          ]),
        ),
        mailSection("The record", record),
      ],
    });
  const room = MAX_BYTES - Buffer.byteLength(write(mailTable([""])));
  const rows = recordRows(alert.record, room, (row) => Buffer.byteLength(recordRow(row)));
  return write(mailTable(rows.map((row) => recordRow(row))));
}

function recordRow({ path, value }: RecordRow): string {
  return path === ""
    ? mailWideRow(escaped(value))
    : mailRecordRow(hostile(path, MAX_DETAIL), hostile(value, MAX_DETAIL));
}

/** Text of a record. */
function hostile(text: string, limit: number): string {
  return escaped(unlinked(fitText(text, limit))).replace(/\.(?=[a-z])/gi, "<wbr>.");
}

/** Escaped, with a place to break a line in every very long word, and line breaks where the source would get too long. */
function escaped(text: string): string {
  const parts = text.match(/.{1,60}(?: |$)|.{1,60}/gsu) ?? [];
  return parts
    .map((part) => (part.endsWith(" ") ? `${encoded(part.slice(0, -1))}\n` : `${encoded(part)}<wbr\n>`))
    .join("")
    .replace(/(?:<wbr\n>|\n)$/, "");
}

/** For a place between tags, and for an address, which holds no quotes. */
function encoded(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? "");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
