/** What is used of an AWS client by what fills lists: see `dynamodb.ts`. */
export { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
