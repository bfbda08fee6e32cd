/**
 * The report of `publish` for people: lines for a terminal, or Markdown for a pull request. What stands in rules was
 * written by colleagues, but it is shown as what strangers wrote is: inert and on one line.
 */
import { showText } from "../../lambda/alerts/show-text.ts";
import { codeSpan, createPage } from "../replay/markdown.ts";
import { textTable } from "../replay/text-table.ts";
import { counted } from "../words.ts";
import type { Change, Changes, PublishReport } from "./publish-schema.ts";

const MAX_ID = 200;

/** One line of a report: how deep it stands, its words, and what is quoted from the rules. */
type Line = { readonly indent?: boolean; readonly words: string; readonly quoted?: readonly string[] };

/** The report as lines for a terminal. */
export function formatPublish(report: PublishReport): string {
  const lines = linesOf(report).map(
    ({ indent, words, quoted = [] }) =>
      `${indent === true ? "    " : ""}${fill(words, quoted, (text) => showText(text, 500))}`,
  );
  return [...lines, ...versionLines(report)].map((line) => `${line}\n`).join("");
}

/** The report as Markdown, within what GitHub takes. */
export function publishMarkdown(report: PublishReport): string {
  const page = createPage();
  page.add(`### Publishing rules to ${codeSpan(report.stack, MAX_ID)}\n`);
  const lines = linesOf(report);
  const fitting = lines.findIndex(({ indent, words, quoted = [] }) => {
    const text = fill(words, quoted, (one) => codeSpan(one, 500));
    return !page.add(`${indent === true ? "  " : ""}- ${text}`);
  });
  if (fitting !== -1) page.leftOut(counted(lines.length - fitting, "more line"));
  return page.text();
}

/** Puts quoted texts in place of each {}. */
function fill(words: string, quoted: readonly string[], show: (text: string) => string): string {
  let at = 0;
  return words.replaceAll("{}", () => show(quoted[at++] ?? ""));
}

function linesOf(report: PublishReport): Line[] {
  const { changes, refused, waiting, warnings, effect, done, next, inForce, action } = report;
  return [
    { words: "In force: {}.", quoted: [inForce] },
    ...(changes === undefined ? [] : changeLines(changes)),
    ...warnings.map((text) => ({ words: "Note: {}.", quoted: [text] })),
    ...waiting.map((id) => ({
      words: "{} waits: EventBridge delivers its records after the next deployment only.",
      quoted: [id],
    })),
    ...refused.map((text) => ({ words: "Refused: {}.", quoted: [text] })),
    ...(done && next !== undefined
      ? [{ words: `${action === "rollback" ? "Rolled back to" : "Published as"} {}.`, quoted: [next] }]
      : []),
    ...(effect === "" ? [] : [{ words: effect }]),
  ];
}

function changeLines({ added, removed, renamed, edited, shared, routing, destinations }: Changes): Line[] {
  return [
    ...added.map((id) => ({ words: "+ {} (new rule)", quoted: [id] })),
    ...removed.map((id) => ({ words: "- {} (gone)", quoted: [id] })),
    ...renamed.map(({ from, to }) => ({ words: "~ {} (was {})", quoted: [to, from] })),
    ...edited.flatMap(({ rule, changes }) => [{ words: "~ {}", quoted: [rule] }, ...fieldLines(changes)]),
    ...shared.map((name) => ({ words: "~ {} (new, gone or edited)", quoted: [name] })),
    ...(routing.length === 0 ? [] : [{ words: "~ routes" }, ...fieldLines(routing)]),
    ...destinations.flatMap(({ destination, changes }) => [
      { words: "~ the destination {}", quoted: [destination] },
      ...fieldLines(changes),
    ]),
  ];
}

function fieldLines(changes: readonly Change[]): Line[] {
  return changes.map(({ field, before, after }) => {
    if (before === undefined) return { indent: true, words: "{}: now {}", quoted: [field, after ?? ""] };
    if (after === undefined) return { indent: true, words: "{}: no more {}", quoted: [field, before] };
    return { indent: true, words: "{}: {} → {}", quoted: [field, before, after] };
  });
}

function versionLines({ versions }: PublishReport): string[] {
  if (versions === undefined) return [];
  if (versions.length === 0) return ["Nothing was ever published: the deployed rules are in force."];
  const heads = ["VERSION", "PUBLISHED", "RULES", "STATE", "REVISION", "BY"].map((head) => ({ head }));
  return textTable(
    heads,
    versions.map(({ versionId, created, rules, state, revision, by }) =>
      [versionId, created, rules, state, revision.slice(0, 20), by].map((cell) => showText(cell, MAX_ID)),
    ),
  );
}
