/** What is used of an AWS client: see `dynamodb.ts`. */
export { ChangeMessageVisibilityCommand, SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
