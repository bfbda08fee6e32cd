/**
 * A stand-in for Secrets Manager that knows one call, GetSecretValue, and gives every secret the same made-up value:
 * the local run has no real secrets and must not ask for any.
 */
import { refusal, serve } from "./local-server.ts";
import type { LocalServer } from "./local-server.ts";

/** Starts the stand-in; every secret has the value given. */
export function startSecrets(value: string): Promise<LocalServer> {
  return serve({
    contentTypes: ["application/x-amz-json-1.1"],
    limit: 65_536,
    answer: (request) => {
      if (request.headers["x-amz-target"] !== "secretsmanager.GetSecretValue") {
        return refusal(
          400,
          "UnknownOperationException",
          "the local Secrets Manager knows only GetSecretValue",
        );
      }
      const secret = secretId(request.body);
      if (secret === undefined) return refusal(400, "ValidationException", "SecretId is required");
      const body = {
        ARN: secret,
        Name: secret,
        VersionId: "00000000-0000-4000-8000-000000000001",
        SecretString: value,
      };
      return { status: 200, type: "application/x-amz-json-1.1", body: JSON.stringify(body) };
    },
  });
}

function secretId(body: string): string | undefined {
  try {
    const request: unknown = JSON.parse(body);
    const id =
      typeof request === "object" && request !== null
        ? (request as Record<string, unknown>)["SecretId"]
        : undefined;
    return typeof id === "string" && id !== "" ? id : undefined;
  } catch {
    return undefined;
  }
}
