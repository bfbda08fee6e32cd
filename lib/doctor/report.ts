/**
 * What the doctor says. One check gives one or more results; each that is not "ok" names its cure. The schema is the
 * published shape of `engine doctor --format json`.
 */
import { z } from "zod";

/** One result of one check. */
const checkResultSchema = z.strictObject({
  check: z.enum([
    "stack",
    "trail",
    "region",
    "event-rules",
    "subscriptions",
    "secrets",
    "senders",
    "table",
    "deliveries",
    "dead-letters",
  ]),
  status: z
    .enum(["ok", "warn", "fail"])
    .describe("fail: alerts are lost. warn: some are, or nobody would notice."),
  message: z.string().describe("What was found."),
  cure: z.string().optional().describe("What to do about it; absent when all is well."),
});

/** The whole report. */
export const doctorReportSchema = z.strictObject({
  stack: z.string(),
  region: z.string(),
  account: z.string().optional().describe("Absent when the credentials could not be used."),
  findings: z.int().nonnegative().describe("How many results are not ok."),
  results: z.array(checkResultSchema),
});

export type CheckResult = z.infer<typeof checkResultSchema>;
export type CheckName = CheckResult["check"];
export type DoctorReport = z.infer<typeof doctorReportSchema>;

/** A result that needs nothing done. */
export function ok(check: CheckName, message: string): CheckResult {
  return { check, status: "ok", message };
}

/** A result that costs some alerts, or would hide a failure. */
export function warn(check: CheckName, message: string, cure: string): CheckResult {
  return { check, status: "warn", message, cure };
}

/** A result that costs alerts. */
export function fail(check: CheckName, message: string, cure: string): CheckResult {
  return { check, status: "fail", message, cure };
}

/** The report for people, one result a paragraph. */
export function formatReport(report: DoctorReport): string {
  const lines = report.results.flatMap(({ check, status, message, cure }) => [
    `${status.padEnd(4)}  ${check}: ${message}`,
    ...(cure === undefined ? [] : [`      cure: ${cure}`]),
  ]);
  const place = `stack ${report.stack}, ${report.region}${report.account === undefined ? "" : `, account ${report.account}`}`;
  const verdict = report.findings === 0 ? "all is well" : `${report.findings} to mend`;
  return `${lines.join("\n")}\n${place}: ${verdict}\n`;
}
