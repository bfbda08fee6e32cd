/**
 * Tests again whenever a rule file changes, until somebody has had enough. What is between two good states (a file half
 * written, a folder that is being renamed) is reported like anything else and ends nothing.
 */
import { printable } from "../../lambda/loader/problem.ts";
import { counted } from "../words.ts";
import { formatReport } from "./report-changes.ts";
import type { TestReport } from "./report-schema.ts";
import { watchFolder } from "./watch-folder.ts";

/** What watching works with and whom it tells. */
export type WatchOptions = {
  readonly dir: string;
  /** Runs the tests. What it throws at the first run ends the watching; later it is told, and the next change awaited. */
  readonly run: () => Promise<TestReport>;
  /** Results. */
  readonly show: (lines: readonly string[]) => void;
  /** Words for people. */
  readonly say: (line: string) => void;
  readonly summary: (report: TestReport) => string;
  /** Ends it. */
  readonly signal: AbortSignal;
};

const MAX_NAMED = 5;

/**
 * Watches until the signal, and gives the report of the last run.
 * @throws WatchError when the folder is gone or cannot be watched.
 */
export async function watchTests(options: WatchOptions): Promise<TestReport> {
  const { dir, run, show, say, summary, signal } = options;
  // Before the first run: what is saved while it runs counts.
  const folder = watchFolder(dir);
  try {
    let report = await run();
    show(formatReport(report));
    say(`${summary(report)} Watching ${printable(dir)}: Ctrl-C ends.`);
    for (;;) {
      const changed = await folder.changes(signal);
      if (changed === undefined) return report;
      say(`\nchanged: ${namesOf(changed)}`);
      try {
        const next = await run();
        show(formatReport(next, report));
        report = next;
        say(summary(report));
      } catch (error) {
        say(printable(error instanceof Error ? error.message : String(error)));
      }
    }
  } finally {
    folder.close();
  }
}

function namesOf(files: readonly string[]): string {
  const names = files.slice(0, MAX_NAMED).map(printable).join(", ");
  const more = files.length - MAX_NAMED;
  return more > 0 ? `${names} and ${counted(more, "other file")}` : names;
}
