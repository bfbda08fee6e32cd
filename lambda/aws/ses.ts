/** What is used of an AWS client: see `dynamodb.ts`. */
export { SendEmailCommand, SESv2Client } from "@aws-sdk/client-sesv2";
