/** What is used of an AWS client: see `dynamodb.ts`. */
export { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
