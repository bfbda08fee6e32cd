/** The rules of the AWS Security Finding Format that a finding of ours could break (SDK; FACTS § 6), for tests. */
import type { AwsSecurityFinding } from "@aws-sdk/client-securityhub";
import { expect } from "vitest";

export const PRODUCT = "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const TYPE =
  /^(?:TTPs|Effects|Unusual Behaviors|Software and Configuration Checks|Sensitive Data Identifications)(?:\/[^/]+){0,2}$/;

export function sizeOf(finding: object): number {
  return Buffer.byteLength(JSON.stringify(finding));
}

/** Fails when Security Hub would refuse the finding. */
export function checkFinding(finding: AwsSecurityFinding): void {
  const { Resources = [], ProductFields = {}, FindingProviderFields, Action, Remediation } = finding;
  expect(sizeOf(finding)).toBeLessThanOrEqual(240_000);
  expect(finding).toMatchObject({
    SchemaVersion: "2018-10-08",
    ProductArn: PRODUCT,
    AwsAccountId: "123456789012",
  });
  const lengths: readonly (readonly [string | undefined, number])[] = [
    [finding.Id, 512],
    [finding.GeneratorId, 512],
    [finding.Title, 256],
    [finding.Description, 1024],
    [FindingProviderFields?.Severity?.Original, 64],
    [Action?.AwsApiCallAction?.Api, 128],
    [Action?.AwsApiCallAction?.ServiceName, 128],
    ...Resources.flatMap(({ Id, Type }) => [[Id, 512] as const, [Type, 256] as const]),
    ...Object.entries(ProductFields).flatMap(([key, value]) => [[key, 128] as const, [value, 2048] as const]),
    ...(Remediation === undefined ? [] : [[Remediation.Recommendation?.Text, 512] as const]),
  ];
  for (const [text, limit] of lengths) {
    expect(text).toMatch(/\S/);
    expect(text?.length).toBeLessThanOrEqual(limit);
    expect(text).not.toMatch(/\p{Cc}/u);
  }
  expect(Object.keys(ProductFields).length).toBeLessThanOrEqual(50);
  expect(Resources.length).toBeGreaterThan(0);
  expect(Resources.length).toBeLessThanOrEqual(32);
  expect(new Set(Resources.map(({ Id }) => Id)).size).toBe(Resources.length);
  for (const { Region } of Resources) if (Region !== undefined) expect(Region).toMatch(/^[a-z0-9-]{1,16}$/);
  const { CreatedAt, UpdatedAt, FirstObservedAt, LastObservedAt } = finding;
  for (const time of [CreatedAt, UpdatedAt, FirstObservedAt, LastObservedAt]) expect(time).toMatch(TIME);
  expect(["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]).toContain(
    FindingProviderFields?.Severity?.Label,
  );
  const types = FindingProviderFields?.Types ?? [];
  expect(types.length).toBeGreaterThan(0);
  expect(types.length).toBeLessThanOrEqual(50);
  for (const type of types) expect(type).toMatch(TYPE);
  for (const url of [finding.SourceUrl, Remediation?.Recommendation?.Url]) {
    if (url !== undefined) expect(url).toMatch(/^https:\/\/[\x21-\x7e]+$/);
  }
  // Severity and Types at the top are the customer's; a Note or Workflow of ours would be ignored or in the way.
  for (const theirs of ["Severity", "Types", "Note", "Workflow", "VerificationState"]) {
    expect(finding).not.toHaveProperty(theirs);
  }
}
