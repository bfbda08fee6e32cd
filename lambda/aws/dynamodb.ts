/**
 * What is used of an AWS client, and nothing else of it: esbuild cannot leave out what a package exports when the package
 * itself is imported dynamically, and all of them together would be a third of the bundle. One such module a client.
 */
export {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
export { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
