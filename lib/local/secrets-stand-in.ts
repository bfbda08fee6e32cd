/**
 * A stand-in for Secrets Manager and SSM that knows one call of each, GetSecretValue and GetParameter, and gives every
 * secret the same made-up text.
 */
import { LOCAL_SECRET_TEXT } from "./local-secrets.ts";
import { refusal, serve } from "./local-server.ts";
import type { LocalServer } from "./local-server.ts";
import { json, objectIn, textIn } from "./stand-in.ts";

const TYPE = "application/x-amz-json-1.1";

/** Starts the stand-in. */
export function startSecrets(): Promise<LocalServer> {
  return serve({
    contentTypes: [TYPE],
    limit: 65_536,
    answer: ({ headers, body }) => {
      const target = headers["x-amz-target"];
      const request = objectIn(body);
      if (target === "secretsmanager.GetSecretValue") {
        const secret = textIn(request, "SecretId");
        if (secret === "") return refusal(400, "ValidationException", "SecretId is required");
        const VersionId = "00000000-0000-4000-8000-000000000001";
        return json(200, { ARN: secret, Name: secret, VersionId, SecretString: LOCAL_SECRET_TEXT }, TYPE);
      }
      if (target === "AmazonSSM.GetParameter") {
        const Name = textIn(request, "Name");
        if (Name === "") return refusal(400, "ValidationException", "Name is required");
        return json(200, { Parameter: { Name, Type: "SecureString", Value: LOCAL_SECRET_TEXT } }, TYPE);
      }
      return refusal(
        400,
        "UnknownOperationException",
        "the local Secrets Manager and SSM know only GetSecretValue and GetParameter",
      );
    },
  });
}
