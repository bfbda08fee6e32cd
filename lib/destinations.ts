/**
 * What the configured destinations mean to the stack: the environment that the Lambda reads them from, and the
 * secrets that its role may read. A secret is named by its name or its ARN, and the Lambda asks for it by just that:
 * an ARN made of the name "datadog-apikey" would look whole, and Secrets Manager would search for a secret "datadog".
 * IAM knows ARNs only, and those end with six characters that Secrets Manager chose.
 *
 *   "prod/datadog"                    → may read arn:…:secret:prod/datadog-??????
 *   "arn:…:secret:prod/datadog"       → the same, of that Region and account
 *   "arn:…:secret:prod/datadog-a1B2c3" → may read this, and …-a1B2c3-??????, should that be the end of a name
 */
import { ArnFormat, type Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { EngineConfig } from "./config.ts";
import { TOPIC_DESTINATION } from "./config-schema.ts";
import { looksWhole } from "./secret-names.ts";

/** Lambda's limit on all environment variables together, in bytes, less what their names take. */
const MAX_ENVIRONMENT_BYTES = 4096 - 100;
/** Longer than any ARN of a topic: measured in place of the one that only CloudFormation knows. */
const LONGEST_TOPIC_ARN = `arn:aws-us-gov:sns:us-gov-west-1:123456789012:${"x".repeat(256)}`;

/** The destinations as the Lambda reads them: plain data, the topic first. */
function destinationList(config: EngineConfig, topicArn: string): unknown[] {
  return [
    { id: TOPIC_DESTINATION, type: "sns", topicArn },
    ...Object.entries(config.destinations).map(([id, { type, site, secret }]) => ({
      id,
      type,
      site,
      apiKeySecret: secret,
    })),
  ];
}

/** The value of ENGINE_DESTINATIONS. Throws when it would not fit Lambda's environment. */
export function describeDestinations(config: EngineConfig, topicArn: string, stack: Stack): string {
  const bytes = Buffer.byteLength(JSON.stringify(destinationList(config, LONGEST_TOPIC_ARN)));
  if (bytes > MAX_ENVIRONMENT_BYTES) {
    throw new Error(
      `cdk.json engine.destinations: all destinations together take ${bytes} bytes of the Lambda's environment, which ` +
        `holds ${MAX_ENVIRONMENT_BYTES}. Configure fewer destinations.`,
    );
  }
  return stack.toJsonString(destinationList(config, topicArn));
}

/** The secrets that the destinations name, as they were configured, each once. */
export function listSecrets(config: EngineConfig): string[] {
  return [...new Set(Object.values(config.destinations).map(({ secret }) => secret))];
}

/** The permissions to read exactly the configured secrets, and to decrypt them where they have a key of their own. */
export function secretPermissions(config: EngineConfig, stack: Stack): PolicyStatement[] {
  const secrets = [...new Set(listSecrets(config).flatMap((secret) => permittedArns(secret, stack)))];
  const keys = [
    ...new Set(Object.values(config.destinations).flatMap(({ secretKeyArn }) => secretKeyArn ?? [])),
  ];
  const statements: PolicyStatement[] = [];
  if (secrets.length > 0) {
    statements.push(
      new PolicyStatement({
        sid: "ReadSecrets",
        actions: ["secretsmanager:GetSecretValue"],
        resources: secrets,
      }),
    );
  }
  if (keys.length > 0) {
    statements.push(
      new PolicyStatement({
        sid: "DecryptSecrets",
        actions: ["kms:Decrypt"],
        resources: keys,
        conditions: {
          StringLike: {
            "kms:ViaService": `secretsmanager.*.${stack.urlSuffix}`,
            "kms:EncryptionContext:SecretARN": secrets,
          },
        },
      }),
    );
  }
  return statements;
}

/** The secret's ARN as IAM compares it; both readings of one that may or may not be whole. */
function permittedArns(secret: string, stack: Stack): string[] {
  const arn = secret.startsWith("arn:")
    ? secret
    : stack.formatArn({
        service: "secretsmanager",
        resource: "secret",
        resourceName: secret,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
  return looksWhole(secret) ? [arn, `${arn}-??????`] : [`${arn}-??????`];
}
