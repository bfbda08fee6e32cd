/**
 * The record that every case of a rule test begins with: somebody with the role `deployer` made a successful write
 * from the AWS CLI. It is the dullest record there is, so whatever makes a rule fire stands in the case itself: not
 * from the console, no errorCode, readOnly false, no service in between.
 *
 * Where the records of a source look otherwise, so does its base record: a sign-in is one of the console in a browser,
 * S3 writes user agents in brackets, and IAM has one host for all Regions.
 */
import type { CloudTrailRecord } from "../../lambda/record/record.ts";

const ACCOUNT = "123456789012";

/** What records of `_global` tests come from unless a case says otherwise. */
const GLOBAL_BASE_SOURCE = "ec2.amazonaws.com";

/** Services with one host for all Regions, whose records are all of us-east-1. */
const GLOBAL_SERVICES: ReadonlySet<string> = new Set(["cloudfront", "iam", "route53"]);

const CLI =
  "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.13.7 cfg/retry-mode#standard";
const BROWSER =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

/** What differs in the records of a source. */
function ownShape(source: string): Readonly<Record<string, unknown>> {
  if (source === "s3.amazonaws.com") return { userAgent: `[${CLI}]` };
  if (source !== "signin.amazonaws.com") return {};
  return {
    eventName: "ConsoleLogin",
    eventType: "AwsConsoleSignIn",
    userAgent: BROWSER,
    responseElements: { ConsoleLogin: "Success" },
    additionalEventData: { LoginTo: "https://console.aws.amazon.com/console/home", MobileVersion: "No" },
  };
}

function hostOf(source: string): string {
  const service = source.replace(/\.amazonaws\.com$/, "");
  if (service === "signin") return "us-east-1.signin.aws.amazon.com";
  return GLOBAL_SERVICES.has(service) ? source : `${service}.us-east-1.amazonaws.com`;
}

/**
 * A fresh base record, shaped as CloudTrail writes it (event version 1.11), its `eventTime` always the same.
 * @param eventSource null for `_global` rules
 */
export function baseRecord(eventSource: string | null): CloudTrailRecord {
  const source = eventSource ?? GLOBAL_BASE_SOURCE;
  return {
    eventVersion: "1.11",
    userIdentity: {
      type: "AssumedRole",
      principalId: "AROAEXAMPLEDEPLOYER00:ada",
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/ada`,
      accountId: ACCOUNT,
      accessKeyId: "ASIAEXAMPLEKEY000000",
      sessionContext: {
        sessionIssuer: {
          type: "Role",
          principalId: "AROAEXAMPLEDEPLOYER00",
          arn: `arn:aws:iam::${ACCOUNT}:role/deployer`,
          accountId: ACCOUNT,
          userName: "deployer",
        },
        attributes: { creationDate: "2026-11-20T08:30:00Z", mfaAuthenticated: "false" },
      },
    },
    eventTime: "2026-11-20T09:00:00Z",
    eventSource: source,
    eventName: "UpdateExample",
    awsRegion: "us-east-1",
    sourceIPAddress: "192.0.2.10",
    userAgent: CLI,
    requestParameters: null,
    responseElements: null,
    requestID: "6f1d2c3b-4a59-4e68-9a77-0b1c2d3e4f50",
    eventID: "1c9e2f3a-5b6d-4c7e-8f90-a1b2c3d4e5f6",
    readOnly: false,
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: "Management",
    tlsDetails: {
      tlsVersion: "TLSv1.3",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      clientProvidedHostHeader: hostOf(source),
    },
    ...ownShape(source),
  };
}
