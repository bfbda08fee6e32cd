/** What is used of an AWS client: see `dynamodb.ts`. */
export {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
} from "@aws-sdk/client-resource-groups-tagging-api";
