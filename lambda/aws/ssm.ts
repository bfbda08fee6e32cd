/** What is used of an AWS client: see `dynamodb.ts`. */
export { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
