/** What is used of an AWS client: see `dynamodb.ts`. */
export { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
