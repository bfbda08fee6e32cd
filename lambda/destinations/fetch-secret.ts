/**
 * Where secrets are: a name or ARN is one of Secrets Manager, `ssm:/name` a parameter of SSM. The SDK's part for either
 * is loaded at the first secret of its kind: a cold start that alerts nobody pays for none.
 */
import { AWS_BUDGET_MS, AWS_CALL_LIMITS, AWS_MAX_ATTEMPTS, regionOfArn } from "./aws-client.ts";

const PARAMETER = "ssm:";

/** A parameter that is no SecureString: whoever may read parameters reads it in clear. */
class NotSecureError extends Error {
  override readonly name = "NotSecureString";
}

/** The text of a secret; undefined when it has none (a binary one). Throws the SDK's errors. */
export async function fetchSecretFromAws(reference: string): Promise<string | undefined> {
  return reference.startsWith(PARAMETER)
    ? await fetchParameter(reference.slice(PARAMETER.length))
    : await fetchSecretValue(reference);
}

const CLIENT = { maxAttempts: AWS_MAX_ATTEMPTS, requestHandler: AWS_CALL_LIMITS } as const;

async function fetchSecretValue(id: string): Promise<string | undefined> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import("../aws/secrets-manager.ts");
  const region = id.startsWith("arn:") ? regionOfArn(id) : undefined;
  const client = new SecretsManagerClient({ ...CLIENT, ...(region === undefined ? {} : { region }) });
  try {
    const found = await client.send(new GetSecretValueCommand({ SecretId: id }), {
      abortSignal: AbortSignal.timeout(AWS_BUDGET_MS),
    });
    return found.SecretString;
  } finally {
    client.destroy();
  }
}

async function fetchParameter(name: string): Promise<string | undefined> {
  const { GetParameterCommand, SSMClient } = await import("../aws/ssm.ts");
  const client = new SSMClient(CLIENT);
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }), {
      abortSignal: AbortSignal.timeout(AWS_BUDGET_MS),
    });
    if (Parameter !== undefined && Parameter.Type !== "SecureString") {
      throw new NotSecureError(
        "the parameter is in clear: store it again with --type SecureString --overwrite",
      );
    }
    return Parameter?.Value;
  } finally {
    client.destroy();
  }
}
