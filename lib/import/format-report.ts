/** The report of an import as people read it: the files, what to add to cdk.json, what to run, what did not come along. */
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { printable } from "../../lambda/loader/problem.ts";
import { counted } from "../words.ts";
import type { ImportReport } from "./report-schema.ts";

/** So many files are shown whole; of more the names will do. */
const MOST_SHOWN = 12;
const STATES = {
  new: "new",
  same: "is there already",
  changed: "overwritten",
  kept: "kept, differs",
} as const;

/** The text of a report. @param full whether files are shown whole however many there are */
export function formatReport(report: ImportReport, full: boolean): string {
  const { files, destinations, config, commands, remarks } = report;
  const showsText = full || files.length <= MOST_SHOWN;
  const lines: string[] = [];
  for (const file of files) {
    lines.push(`${printable(file.path)} (${STATES[file.state]})`);
    for (const line of contentOf(file, showsText)) lines.push(`    ${printable(line)}`);
  }
  const ids = Object.keys(destinations);
  if (ids.length > 0) {
    const where =
      config === undefined ? "Add to engine.destinations of cdk.json:" : `${printable(config.path)}:`;
    const shown = config === undefined ? (safeJson(destinations, 2) ?? "").split("\n") : config.diff;
    lines.push(
      "",
      where,
      ...(shown.length === 0 ? ["nothing changes"] : shown).map((line) => `    ${printable(line)}`),
    );
  }
  if (commands.length > 0)
    lines.push("", "To run, once:", ...commands.map((command) => `    ${printable(command)}`));
  if (remarks.length > 0) {
    lines.push("");
    for (const { kind, file, line, subject, message } of remarks)
      lines.push(
        `${printable(file)}:${line} ${kind === "refused" ? "REFUSED" : "changed"} ${printable(subject)}: ${printable(message)}`,
      );
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** What changes in a file, or all of a new one. */
function contentOf(
  { state, text, diff }: ImportReport["files"][number],
  showsText: boolean,
): readonly string[] {
  if (diff.length > 0) return diff;
  if (!showsText || state !== "new") return [];
  const written = text.trimEnd().split("\n");
  return written.map((line) => `+ ${line}`);
}

/** One sentence of how it went. */
export function summarize({
  rules,
  tests,
  lists,
  refused,
  destinations,
  written,
  into,
}: ImportReport): string {
  const parts = [
    `${counted(rules, "rule")} (${tests} with a test)`,
    ...(lists > 0 ? [counted(lists, "list")] : []),
    ...(Object.keys(destinations).length > 0
      ? [counted(Object.keys(destinations).length, "destination")]
      : []),
  ];
  const done = written ? `Written to ${into}` : `Would be written to ${into}`;
  return `${done}: ${parts.join(", ")}. ${refused === 0 ? "Nothing" : refused} refused.${written ? "" : " --write writes it."}`;
}
