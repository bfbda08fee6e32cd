/** Records for tests of reading: small, whole, and told apart by their number. */

/** A CloudTrail record with a number in its eventID. */
export function sampleRecord(number: number, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    eventVersion: "1.11",
    userIdentity: { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/dana", userName: "dana" },
    eventTime: "2026-11-02T09:00:00Z",
    eventSource: "ec2.amazonaws.com",
    eventName: "StopInstances",
    awsRegion: "eu-central-1",
    sourceIPAddress: "192.0.2.7",
    requestParameters: { instancesSet: { items: [{ instanceId: "i-1" }] } },
    readOnly: false,
    eventID: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
    eventType: "AwsApiCall",
    recipientAccountId: "123456789012",
    ...fields,
  };
}

/** Several of them. */
export function sampleRecords(howMany: number): Record<string, unknown>[] {
  return Array.from({ length: howMany }, (_, number) => sampleRecord(number));
}
