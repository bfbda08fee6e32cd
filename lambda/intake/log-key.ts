/**
 * What the key of an S3 object says of it. Trails write records, digests and Insights under names of their own, other
 * services write into the same buckets, and S3 itself writes keys in notifications as forms are encoded.
 *
 *     AWSLogs/123456789012/CloudTrail/eu-west-1/2026/11/20/123456789012_CloudTrail_…_Unique16.json.gz          "records"
 *     AWSLogs/o-abcde12345/123456789012/CloudTrail-Digest/eu-west-1/2026/11/20/….json.gz                      "digest"
 *     AWSLogs/123456789012/elasticloadbalancing/…                                                             "other"
 */

/** What an object holds, as far as its key tells. */
export type KeyKind = "records" | "digest" | "insight" | "other";

const AWS_LOGS = /(?:^|\/)AWSLogs\/(?:o-[a-z0-9]{10,32}\/)?\d{12}\/([^/]+)\//;

/** What the key says. What stands in no folder of AWS's naming, such as a copy of log files, counts by its ending. */
export function kindOfKey(key: string): KeyKind {
  if (/(?:^|\/)CloudTrail-Digest\//.test(key)) return "digest";
  if (/(?:^|\/)CloudTrail-Insight\//.test(key)) return "insight";
  if (!/\.json(?:\.gz)?$/i.test(key)) return "other";
  const service = AWS_LOGS.exec(key)?.[1];
  return service === undefined || /^CloudTrail(?:-|$)/.test(service) ? "records" : "other";
}

/** The key in a notification of S3: a plus for a blank, the rest as in URLs. What is not so encoded stays as it is. */
export function decodeNotifiedKey(key: string): string {
  const spaced = key.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
