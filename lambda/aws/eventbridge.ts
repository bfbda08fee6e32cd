/** What is used of an AWS client: see `dynamodb.ts`. */
export { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
