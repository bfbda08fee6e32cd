/**
 * The environment of a function in the local run: what the template gives it, what the Lambda runtime adds on AWS,
 * and, as the only difference, where the services are: endpoints on 127.0.0.1 in place of AWS's and the destinations' own.
 */
import type { LocalFunctionSpec } from "./local-stack.ts";
import { LOCAL_CREDENTIALS } from "./queues.ts";

/** Where the stand-ins of the AWS services listen that the Lambda uses for itself. */
export type LocalEndpoints = {
  readonly queues: string;
  readonly tables: string;
  readonly secrets: string;
  readonly scheduler: string;
};

/** The variable that sends a destination to its stand-in (`lambda/config.ts`). */
export function endpointVariable(id: string): string {
  return `ENGINE_ENDPOINT_${id.toUpperCase().replaceAll("-", "_")}`;
}

/** What the Lambda runtime sets ("Defined runtime environment variables"), and the SDK's own variables for endpoints. */
export function runtimeEnvironment(
  spec: LocalFunctionSpec,
  region: string,
  endpoints: LocalEndpoints,
): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    _HANDLER: spec.handler,
    TZ: ":UTC",
    AWS_ENDPOINT_URL_SNS: endpoints.queues,
    AWS_ENDPOINT_URL_SQS: endpoints.queues,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.tables,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secrets,
    AWS_ENDPOINT_URL_SSM: endpoints.secrets,
    AWS_ENDPOINT_URL_SCHEDULER: endpoints.scheduler,
  };
}
