/**
 * What every answer of `replay` needs: the rules of the working tree, the records, one moment as of which suppressions
 * hold, and words on stderr. The answers differ in what they collect and print.
 */
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import { createEngine } from "../../lambda/engine/engine.ts";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import type { RuleSet } from "../../lambda/engine/rule.ts";
import { JQ } from "../../lambda/jq/lazy-jq.ts";
import type { Side } from "../../lib/replay/compare.ts";
import { createLineWriter } from "../../lib/replay/line-writer.ts";
import { type Item, readBatches } from "../../lib/replay/records.ts";
import type { Tally } from "../../lib/replay/replay.ts";
import { createReporter, type Reporter } from "../../lib/replay/reporter.ts";
import type { Sources } from "../../lib/replay/sources.ts";
import { summarize } from "../../lib/replay/summary.ts";
import type { Io } from "../command.ts";
import { readRules } from "../rules.ts";
import type { Request } from "./request.ts";

/** A replay that can begin. */
export type Session = {
  readonly request: Request;
  readonly io: Io;
  readonly reporter: Reporter;
  readonly ruleSet: RuleSet;
  /** The moment of this run, in milliseconds since 1970. */
  readonly at: number;
  /** Compiles a rule set, with its event patterns unless they are to be skipped. */
  side(ruleSet: RuleSet): Side;
  /** The records; to be read once. */
  batches(): AsyncIterable<readonly Item[]>;
  /** Says what the replay came to. A report shows the counts of each rule itself. */
  finish(tally: Tally): void;
};

/** Reads the rules, or gives undefined when they must not be used: all that is wrong has then been said. */
export function openSession(request: Request, io: Io): Session | undefined {
  const { all, budget } = request;
  const reporter = createReporter(io.stderr);
  const ruleSet = readRules(request.rules, reporter.say);
  if (ruleSet === undefined) return undefined;
  const at = Date.now();
  let sources: Sources | undefined;
  return {
    request,
    io,
    reporter,
    ruleSet,
    at,
    side(rules) {
      const engine = createEngine(rules, JQ);
      if (all) return { engine };
      const { eventRules } = deriveEventRules(rules, budget === undefined ? {} : { budget });
      return { engine, delivering: compileEventRules(eventRules) };
    },
    batches: () =>
      readBatches(request.paths, {
        stdin: io.stdin,
        onSources(found) {
          sources = found;
          reporter.sources(found);
        },
        onProgress: reporter.progress,
      }),
    finish(tally) {
      reporter.finish();
      const shown = request.answer.kind === "alerts" ? tally : { ...tally, perRule: new Map() };
      for (const line of summarize(shown, { sources, all, suppressions: ruleSet.suppressions, at }))
        reporter.say(line);
    },
  };
}

/** Prints a report on stdout. */
export async function print(io: Io, text: string): Promise<void> {
  const writer = createLineWriter(io.stdout);
  await writer.write(text);
  await writer.flush();
}
