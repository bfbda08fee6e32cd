/** What is used of an AWS client by what fills lists: see `dynamodb.ts`. */
export { DynamoDBClient, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
export { unmarshall } from "@aws-sdk/util-dynamodb";
