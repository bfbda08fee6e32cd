/** What is used of an AWS client: see `dynamodb.ts`. */
export {
  BatchImportFindingsCommand,
  DescribeHubCommand,
  SecurityHubClient,
} from "@aws-sdk/client-securityhub";
