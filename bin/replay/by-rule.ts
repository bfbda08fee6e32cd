/** `replay --by rule`: the noise table instead of alerts. */
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { createByRule } from "../../lib/replay/by-rule.ts";
import { byRuleMarkdown } from "../../lib/replay/by-rule-markdown.ts";
import type { ByRuleReport } from "../../lib/replay/by-rule-schema.ts";
import { formatByRule } from "../../lib/replay/by-rule-text.ts";
import { collectJqErrors } from "../../lib/replay/jq-errors.ts";
import { replay } from "../../lib/replay/replay.ts";
import type { ReportFormat } from "./request.ts";
import { print, type Session } from "./session.ts";

/** Prints the table and gives the exit code. */
export async function printByRule(session: Session, format: ReportFormat): Promise<number> {
  const { request, io, reporter, ruleSet, at } = session;
  const table = createByRule(ruleSet, request.include);
  const jqErrors = collectJqErrors();
  const tally = await replay(table.watch(session.batches()), {
    ...session.side(ruleSet),
    at,
    onAlert: table.add,
    onUnreadable: reporter.complain,
    onFailedRule: (place, ruleId, message) => reporter.complain(place, `rule ${ruleId}: ${message}`),
    onJqError: jqErrors.add,
    onBatch: reporter.tick,
  });
  reporter.finish();
  await print(io, present(table.report(tally, !request.all), format));
  for (const line of jqErrors.lines()) reporter.say(line);
  session.finish(tally);
  return tally.unreadable === 0 && tally.failed === 0 ? 0 : 1;
}

function present(report: ByRuleReport, format: ReportFormat): string {
  if (format === "json") return safeJson(report, 2);
  return format === "markdown" ? byRuleMarkdown(report).trimEnd() : formatByRule(report).join("\n");
}
