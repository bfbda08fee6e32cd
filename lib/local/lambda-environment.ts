/**
 * The environment of a function in the local run: what the template gives it, what the Lambda runtime adds on AWS,
 * and, as the only difference, where the services are: endpoints on 127.0.0.1 in place of AWS's and Datadog's.
 */
import type { LocalFunctionSpec } from "./local-stack.ts";
import { LOCAL_CREDENTIALS } from "./queues.ts";

/** Where the stand-ins listen. */
export type LocalEndpoints = { readonly queues: string; readonly secrets: string; readonly datadog: string };

/** The template's variables with Datadog destinations sent to the stand-in. */
export function withLocalEndpoints(
  environment: Readonly<Record<string, string>>,
  endpoints: LocalEndpoints,
): Record<string, string> {
  const destinations: unknown = JSON.parse(environment["ENGINE_DESTINATIONS"] ?? "[]");
  if (!Array.isArray(destinations)) return { ...environment };
  const local = destinations.map((destination: { readonly type?: unknown }) =>
    destination.type === "datadog"
      ? Object.assign(destination, { endpoint: endpoints.datadog })
      : destination,
  );
  return { ...environment, ENGINE_DESTINATIONS: JSON.stringify(local) };
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
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secrets,
  };
}
