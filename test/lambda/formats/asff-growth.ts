/** Alerts that grow to each limit of a finding and past it, for the contract of the Security Hub destination. */
import type { AwsSecurityFinding } from "@aws-sdk/client-securityhub";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { firstOf, type Limit } from "../../contracts/destinations.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { sizeOf } from "./asff-limits.ts";

const LEFT_OUT = "cloudtrail-engine/recordFieldsLeftOut";
/** The finding that was sent. */
export const findingOf = (body: string): AwsSecurityFinding => JSON.parse(body) as AwsSecurityFinding;
const endsCut = (text: string | undefined): boolean => text?.endsWith("…") === true;

function limit(
  of: string,
  max: number,
  measure: (finding: AwsSecurityFinding) => number,
  saysCut: (finding: AwsSecurityFinding) => boolean,
  grow: (padding: number) => Alert,
): Limit {
  return {
    of,
    max,
    measure: (body) => measure(findingOf(body)),
    saysCut: (body) => saysCut(findingOf(body)),
    grow: (padding) => firstOf(grow(padding)),
  };
}

const x = (length: number): string => "x".repeat(length);

const VALUE = "record/requestParameters.big";
const KEY = /^record\/requestParameters\.k/;

/** Every field as large as the format lets it be, but for the last one, which grows. */
function hugeAlert(padding: number): Alert {
  const wide = "€".repeat(3000);
  const alert = sampleAlert({}, { tags: [wide], falsePositives: wide, description: wide, runbook: wide });
  const request = Object.fromEntries(
    Array.from({ length: 31 }, (_, at) => [`${at}${wide.slice(0, 105)}`, wide.slice(0, 1990)]),
  );
  return {
    ...alert,
    notes: [wide.slice(0, 900)],
    resources: Array.from({ length: 13 }, (_, at) => ({ arn: `${at}${wide}` })),
    record: { requestParameters: request, eventName: "X", eventSource: "y", pad: x(padding + 1) },
  };
}

/** Every limit of a finding that an alert can reach. */
export const ASFF_LIMITS: readonly Limit[] = [
  limit(
    "the title's 256 characters",
    256,
    ({ Title = "" }) => Title.length,
    ({ Title }) => endsCut(Title),
    (padding) => sampleAlert({}, { name: x(padding + 1) }),
  ),
  limit(
    "the description's 1,024 characters",
    1024,
    ({ Description = "" }) => Description.length,
    ({ Description }) => endsCut(Description),
    (padding) => sampleAlert({}, { description: x(padding + 1) }),
  ),
  limit(
    "the recommendation's 512 characters",
    512,
    ({ Remediation }) => Remediation?.Recommendation?.Text?.length ?? 0,
    ({ Remediation }) => endsCut(Remediation?.Recommendation?.Text),
    (padding) => sampleAlert({}, { runbook: x(padding + 1) }),
  ),
  limit(
    "the generator's 512 characters",
    512,
    ({ GeneratorId = "" }) => GeneratorId.length,
    ({ GeneratorId }) => endsCut(GeneratorId),
    (padding) => sampleAlert({}, { id: x(padding + 1) }),
  ),
  limit(
    "a product field's value of 2,048 characters",
    2048,
    ({ ProductFields }) => ProductFields?.[VALUE]?.length ?? 0,
    ({ ProductFields }) => endsCut(ProductFields?.[VALUE]),
    (padding) => sampleAlert({ requestParameters: { big: x(padding + 1) } }),
  ),
  limit(
    "a product field's key of 128 characters",
    128,
    ({ ProductFields = {} }) => Object.keys(ProductFields).find((key) => KEY.test(key))?.length ?? 0,
    ({ ProductFields = {} }) => endsCut(Object.keys(ProductFields).find((key) => KEY.test(key))),
    (padding) => sampleAlert({ requestParameters: { [`k${x(padding)}`]: "1" } }),
  ),
  limit(
    "50 product fields",
    50,
    ({ ProductFields = {} }) => Object.keys(ProductFields).length,
    ({ ProductFields = {} }) => LEFT_OUT in ProductFields,
    (padding) => ({
      ...sampleAlert(),
      record: Object.fromEntries(Array.from({ length: padding + 1 }, (_, at) => [`k${at}`, "1"])),
    }),
  ),
  limit(
    "32 resources",
    32,
    ({ Resources = [] }) => Resources.length,
    ({ ProductFields = {} }) => "cloudtrail-engine/resourcesLeftOut" in ProductFields,
    (padding) => ({
      ...sampleAlert(),
      resources: Array.from({ length: padding }, (_, at) => ({ arn: `arn:aws:s3:::bucket-${at}` })),
    }),
  ),
  limit(
    "a finding's 240,000 bytes",
    240_000,
    (finding) => sizeOf(finding),
    ({ ProductFields = {} }) => LEFT_OUT in ProductFields,
    hugeAlert,
  ),
];
