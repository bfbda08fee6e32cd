/**
 * Under which product a finding goes that is not imported by ourselves, as in a message or a file: the default product
 * of the account and Region that the alert is about, which are who may import it. An alert that names no account or Region
 * gets the account 000000000000 and us-east-1, which nobody owns: the format demands an ARN, and a guess would be worse.
 *
 *     productArnOf(alert)   // "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default"
 */
import type { Alert } from "../alerts/alert-schema.ts";

const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/;

/** The ARN of the product. */
export function productArnOf({ cloud: { accountId = "", region = "" } }: Alert): string {
  const account = ACCOUNT.test(accountId) ? accountId : "000000000000";
  const place = REGION.test(region) ? region : "us-east-1";
  return `arn:${partitionOf(place)}:securityhub:${place}:${account}:product/${account}/default`;
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
