/** What is used of an AWS client: see `dynamodb.ts`. */
export { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
