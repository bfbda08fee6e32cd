/** `replay --compare REV`: which alerts appear, disappear or change between a revision's rules and the working tree's. */
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { formatProblem, printable } from "../../lambda/loader/problem.ts";
import { compare, type Side } from "../../lib/replay/compare.ts";
import { comparisonMarkdown } from "../../lib/replay/compare-markdown.ts";
import type { CompareReport } from "../../lib/replay/compare-schema.ts";
import { formatComparison } from "../../lib/replay/compare-text.ts";
import { createDifferences } from "../../lib/replay/differences.ts";
import { runGit } from "../../lib/replay/git.ts";
import { ruleChanges } from "../../lib/replay/rule-changes.ts";
import { RevisionError, type RulesAtRevision, rulesAtRevision } from "../../lib/replay/rules-at-revision.ts";
import { createSpan, notingTimes } from "../../lib/replay/time-span.ts";
import { UsageError } from "../command.ts";
import type { Answer, ReportFormat } from "./request.ts";
import { print, type Session } from "./session.ts";

/** Prints the comparison and gives the exit code. Throws a UsageError when there is nothing to compare with. */
export async function printComparison(
  session: Session,
  { revision, examples, format }: Extract<Answer, { kind: "compare" }>,
): Promise<number> {
  const { request, io, reporter, ruleSet, at } = session;
  const then = await rulesThen(request.rules, revision);
  for (const problem of then.problems) reporter.say(formatProblem(problem));
  const changes = ruleChanges(then.ruleSet, ruleSet, then.unread);
  const span = createSpan();
  const { include: counted } = request;
  const differences = createDifferences({ changes, unread: then.unread, counted, examples });
  const { tally, records } = await compare(notingTimes(session.batches(), span), {
    before: sideThen(session, then),
    after: session.side(ruleSet),
    at,
    differences,
    onUnreadable: reporter.complain,
    onFailedRule: (side, place, ruleId, message) =>
      reporter.complain(place, `rule ${ruleId}${side === "before" ? ` at ${revision}` : ""}: ${message}`),
    onBatch: reporter.tick,
  });
  reporter.finish();
  const report: CompareReport = {
    revision: {
      name: revision,
      commit: then.commit,
      problems: then.problems.map(({ severity: _severity, ...problem }) => problem),
      unread: [...then.unread],
    },
    counted: [...counted],
    patterns: !request.all,
    records: { read: tally.read, withoutTime: span.withoutTime(), unreadable: tally.unreadable, ...records },
    span: span.report(),
    rules: { before: then.ruleSet.rules.length, after: ruleSet.rules.length, ...changes },
    ...differences.report(),
  };
  await print(io, present(report, format));
  reporter.say("With the rules of the working tree:");
  session.finish(tally);
  const whole = tally.unreadable + records.failed.before + records.failed.after + then.problems.length === 0;
  return whole ? 0 : 1;
}

/** That there is no such revision is wrong use, like a folder that is not there. */
async function rulesThen(dir: string, revision: string): Promise<RulesAtRevision> {
  try {
    return await rulesAtRevision(dir, revision, runGit);
  } catch (error) {
    if (error instanceof RevisionError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function sideThen(session: Session, { ruleSet, revision }: RulesAtRevision): Side {
  try {
    return session.side(ruleSet);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`With the rules at ${printable(revision)}: ${message}`, { cause: error });
  }
}

function present(report: CompareReport, format: ReportFormat): string {
  if (format === "json") return safeJson(report, 2);
  return format === "markdown" ? comparisonMarkdown(report).trimEnd() : formatComparison(report).join("\n");
}
