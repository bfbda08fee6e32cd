/**
 * Whether the secrets are there: in Secrets Manager, or as SecureString parameters of SSM. A secret is asked for by the
 * name or ARN that the detector asks with, read, to know that it can be, and judged by its shape; no part of it is ever
 * shown.
 */
import { DescribeSecretCommand, GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { type SecretField, valueIn } from "../../lambda/destinations/secret-value.ts";
import { looksWhole } from "../secret-names.ts";
import { type DoctorClients, describeError } from "./clients.ts";
import type { Deployed } from "./deployed.ts";
import { type CheckResult, fail, ok } from "./report.ts";

const PARAMETER = "ssm:";
/** What destinations look for in a secret; which of them does not matter here. */
const FIELDS: readonly SecretField[] = ["apiKey", "url", "token", "routingKey", "signingKey"];
const WHOLE =
  " If it is there: an ARN that ends with a hyphen and six characters is taken for whole; give the secret's name, or the ARN that `aws secretsmanager describe-secret` shows.";

/** Whether each secret exists, can be read by whoever runs the doctor, and holds something like a secret. */
export async function checkSecrets(clients: DoctorClients, deployed: Deployed): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const [reference, holds] of Object.entries(deployed.secrets)) {
    results.push(
      reference.startsWith(PARAMETER)
        ? await checkParameter(clients, reference, holds)
        : await checkSecret(clients, reference, holds),
    );
  }
  return results;
}

async function checkSecret(clients: DoctorClients, secret: string, holds: string): Promise<CheckResult> {
  const client = clients.secretsManager(secret);
  try {
    const { DeletedDate } = await client.send(new DescribeSecretCommand({ SecretId: secret }));
    if (DeletedDate !== undefined) {
      return fail(
        "secrets",
        `${secret} is marked for deletion.`,
        `Restore it: \`aws secretsmanager restore-secret --secret-id ${secret}\`.`,
      );
    }
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secret }));
    return judge(secret, holds, SecretString);
  } catch (error) {
    return isMissing(error)
      ? fail(
          "secrets",
          `There is no secret ${secret} in this Region.`,
          `Create it with ${holds}: \`aws secretsmanager create-secret --name NAME --secret-string file://secret.txt\`.${looksWhole(secret) ? WHOLE : ""}`,
        )
      : fail(
          "secrets",
          `${secret} cannot be read: ${describeError(error)}.`,
          "Allow secretsmanager:DescribeSecret and GetSecretValue on it (and kms:Decrypt on its key) to whoever runs the doctor, and see that its resource policy lets the detector's role in.",
        );
  }
}

async function checkParameter(
  { ssm }: DoctorClients,
  reference: string,
  holds: string,
): Promise<CheckResult> {
  const Name = reference.slice(PARAMETER.length);
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
    if (Parameter?.Type !== "SecureString") {
      return fail(
        "secrets",
        `${reference} is no SecureString: it is stored in clear, and the detector does not take it.`,
        `Store a new value: \`aws ssm put-parameter --name ${Name} --type SecureString --overwrite --value file://secret.txt\`.`,
      );
    }
    return judge(reference, holds, Parameter.Value);
  } catch (error) {
    return isMissing(error)
      ? fail(
          "secrets",
          `There is no parameter ${Name} in this Region.`,
          `Create it with ${holds}: \`aws ssm put-parameter --name ${Name} --type SecureString --value file://secret.txt\`.`,
        )
      : fail(
          "secrets",
          `${reference} cannot be read: ${describeError(error)}.`,
          "Allow ssm:GetParameter on it (and kms:Decrypt on its key) to whoever runs the doctor.",
        );
  }
}

function judge(reference: string, holds: string, text: string | undefined): CheckResult {
  return FIELDS.some((field) => valueIn(text, field) !== undefined)
    ? ok("secrets", `${reference} can be read and holds a value.`)
    : fail(
        "secrets",
        `${reference} can be read, but holds nothing that could be ${holds}.`,
        'Store it as plain text in one line, or as JSON: {"value":"…"}.',
      );
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === "ResourceNotFoundException" || error.name === "ParameterNotFound")
  );
}
