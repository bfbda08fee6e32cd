/**
 * Runs the doctor on a healthy account with something spoiled. What holds for every report is checked here: it has the
 * published shape, each finding has its cure, and nothing of a secret is in it.
 */
import { expect } from "vitest";
import { examine } from "../../../lib/doctor/examine.ts";
import { type CheckResult, type DoctorReport, doctorReportSchema } from "../../../lib/doctor/report.ts";
import { type Answers, CANARY_KEY, healthyAccount, makeClients } from "./account.ts";

/** The report on an account that answers otherwise in what is given. */
export async function examineWith(
  changes: Answers,
  region = "eu-west-1",
  asked: string[] = [],
): Promise<DoctorReport> {
  const report = await examine(
    makeClients({ ...healthyAccount(), ...changes }, asked),
    "CloudTrailEngine",
    region,
  );
  expect(JSON.stringify(report)).not.toContain(CANARY_KEY);
  expect(doctorReportSchema.parse(report)).toEqual(report);
  for (const { status, cure } of report.results) expect(cure === undefined).toBe(status === "ok");
  return report;
}

/** The results that are not ok, each of which is a finding. */
export async function findingsOf(changes: Answers, region?: string): Promise<CheckResult[]> {
  const report = await examineWith(changes, region);
  const found = report.results.filter(({ status }) => status !== "ok");
  expect(report.findings).toBe(found.length);
  return found;
}
