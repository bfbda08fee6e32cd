/** What is used of an AWS client: see `dynamodb.ts`. */
export { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
