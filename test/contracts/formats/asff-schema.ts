/**
 * What BatchImportFindings takes of a finding, from its own definitions and not from our mapping: the Security Hub user
 * guide, "Required top-level ASFF attributes" and "Optional top-level ASFF attributes", and the API's model in
 * `@aws-sdk/client-securityhub` (AwsSecurityFinding, Resource, AwsApiCallAction). What is the customer's to set (Severity,
 * Types, Note, Workflow, VerificationState, UserDefinedFields) is left out of it, so that it fails.
 */
import { isIPv4 } from "node:net";
import { z } from "zod";

/** Every text of the format is NonEmptyString: `.*\S.*`. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^.*\S.*$/);
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const url = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .regex(/^[\x21-\x7e]+$/);
const PRODUCT = /^arn:aws(?:-cn|-us-gov)?:securityhub:[a-z0-9-]{1,16}:(\d{12}):product\/\1\/default$/;
const TYPE =
  /^(?:TTPs|Effects|Unusual Behaviors|Software and Configuration Checks|Sensitive Data Identifications)(?:\/[^/]+){0,2}$/;

const resource = z.strictObject({
  Type: text(256),
  Id: text(512),
  Partition: z.enum(["aws", "aws-cn", "aws-us-gov"]),
  Region: z
    .string()
    .regex(/^[a-z0-9-]{1,16}$/)
    .optional(),
  ResourceRole: text(64).optional(),
});

const apiCall = z.strictObject({
  Api: text(128),
  ServiceName: text(128),
  CallerType: z.enum(["remoteIp", "domain"]).optional(),
  RemoteIpDetails: z.strictObject({ IpAddressV4: z.string().refine(isIPv4) }).optional(),
  DomainDetails: z.strictObject({ Domain: text(128 * 2) }).optional(),
  FirstSeen: time,
  LastSeen: time,
});

export const asffSchema = z
  .strictObject({
    SchemaVersion: z.literal("2018-10-08"),
    Id: text(512),
    ProductArn: z.string().regex(PRODUCT),
    ProductName: text(128),
    CompanyName: text(128),
    GeneratorId: text(512),
    AwsAccountId: z.string().regex(/^\d{12}$/),
    CreatedAt: time,
    UpdatedAt: time,
    FirstObservedAt: time,
    LastObservedAt: time,
    Title: text(256),
    Description: text(1024),
    SourceUrl: url.optional(),
    Remediation: z
      .strictObject({
        Recommendation: z.strictObject({ Text: text(512).optional(), Url: url.optional() }),
      })
      .optional(),
    FindingProviderFields: z.strictObject({
      Severity: z.strictObject({
        Label: z.enum(["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]),
        Original: text(64),
      }),
      Types: z.array(z.string().regex(TYPE)).min(1).max(50),
    }),
    Resources: z.array(resource).min(1).max(32),
    Action: z.strictObject({ ActionType: z.literal("AWS_API_CALL"), AwsApiCallAction: apiCall }),
    RecordState: z.enum(["ACTIVE", "ARCHIVED"]),
    ProductFields: z
      .record(text(128), text(2048))
      .refine((fields) => Object.keys(fields).length <= 50, "more than 50 product fields"),
  })
  .refine(
    ({ ProductArn, AwsAccountId }) => ProductArn.split(":")[4] === AwsAccountId,
    "another account's product",
  )
  .refine((finding) => Buffer.byteLength(JSON.stringify(finding)) <= 240_000, "more than 240 KB");
