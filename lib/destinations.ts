/**
 * What the configured destinations mean to the stack: what the Lambda reads of them, and what its role must be allowed.
 * A secret is named by its name or its ARN, and the Lambda asks for it by just that: an ARN made of the name
 * "datadog-apikey" would look whole, and Secrets Manager would search for a secret "datadog". IAM knows ARNs only, and
 * those end with six characters that Secrets Manager chose.
 *
 *   "prod/datadog"                    → may read arn:…:secret:prod/datadog-??????
 *   "arn:…:secret:prod/datadog"       → the same, of that Region and account
 *   "arn:…:secret:prod/datadog-a1B2c3" → may read this, and …-a1B2c3-??????, should that be the end of a name
 *   "ssm:/prod/datadog"               → may read arn:…:parameter/prod/datadog
 */
import { ArnFormat, type Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ConfigFile } from "../lambda/config.ts";
import type { Permission } from "../lambda/destinations/destination-type.ts";
import { DESTINATION_TYPES } from "../lambda/destinations/registry.ts";
import type { EngineConfig } from "./config-schema.ts";
import { isForwardedTo } from "./layout-schema.ts";
import { secretsOf, type SecretUse, settingsForLambda, TOPIC_DESTINATION } from "./destination-schema.ts";
import { routingOf } from "./routing.ts";
import { looksWhole } from "./secret-names.ts";

const PARAMETER = "ssm:";

/** What the Lambda reads from `config.json`: the topic first, without its ARN, which only CloudFormation knows. */
export function configFile(config: EngineConfig): ConfigFile {
  return {
    destinations: [
      { id: TOPIC_DESTINATION, type: "sns" },
      ...Object.entries(config.destinations).map(([id, destination]) => settingsForLambda(id, destination)),
    ],
    routing: routingOf(config),
    keepDays: config.keepDays,
    ...(config.caseUrl === undefined ? {} : { caseUrl: config.caseUrl }),
    ...(config.lookupEvents === undefined ? {} : { lookupEvents: lookupsOf(config.lookupEvents) }),
    ...(config.organisation === undefined ? {} : { organisation: config.organisation }),
    ...(config.accounts === undefined ? {} : { accounts: config.accounts }),
    ...(config.canary === undefined || !isForwardedTo(config) ? {} : { canaries: config.canary }),
  };
}

function lookupsOf({ requestsPerMinute, regions }: NonNullable<EngineConfig["lookupEvents"]>) {
  return { requestsPerMinute, ...(regions === undefined ? {} : { regions }) };
}

/** The secrets that the destinations refer to, as they were configured, each once, with what they hold. */
export function listSecrets(config: EngineConfig): Record<string, string> {
  return Object.fromEntries(allSecrets(config).map(({ reference, holds }) => [reference, holds]));
}

/** The addresses that mail is sent from, with the Region of each where it is not the stack's. */
export function listSenders(config: EngineConfig): { readonly from: string; readonly region?: string }[] {
  return Object.values(config.destinations).flatMap(({ type, from, region }) =>
    type === "ses" && typeof from === "string"
      ? [{ from, ...(typeof region === "string" ? { region } : {}) }]
      : [],
  );
}

/** What the role must be allowed for the destinations: their own calls, and reading exactly their secrets. */
export function destinationPermissions(config: EngineConfig, stack: Stack): PolicyStatement[] {
  return [...ownPermissions(config, stack), ...secretPermissions(config, stack)];
}

function ownPermissions(config: EngineConfig, stack: Stack): PolicyStatement[] {
  let number = 0;
  return Object.entries(config.destinations).flatMap(([id, destination]) => {
    const settings = settingsForLambda(id, destination);
    const permissions = DESTINATION_TYPES.get(destination.type)?.permissions(settings) ?? [];
    return permissions.map(({ actions, resources, conditions }: Permission) => {
      number++;
      return new PolicyStatement({
        sid: `Deliver${number}To${id.replaceAll(/[^a-z0-9]/g, "")}`,
        actions: [...actions],
        resources: resources.map((resource) => inStack(resource, stack)),
        ...(conditions === undefined ? {} : { conditions }),
      });
    });
  });
}

/** With the stack's partition, Region and account in place of their names. */
function inStack(resource: string, { partition, region, account }: Stack): string {
  return resource
    .replaceAll("${Partition}", () => partition)
    .replaceAll("${Region}", () => region)
    .replaceAll("${Account}", () => account);
}

function secretPermissions(config: EngineConfig, stack: Stack): PolicyStatement[] {
  const [parameters, secrets] = split(allSecrets(config), ({ reference }) => reference.startsWith(PARAMETER));
  const statements: PolicyStatement[] = [];
  const parameterArns = unique(parameters.map(({ reference }) => parameterArn(reference, stack)));
  const secretArns = unique(secrets.flatMap(({ reference }) => permittedArns(reference, stack)));
  if (secretArns.length > 0)
    statements.push(read("ReadSecrets", "secretsmanager:GetSecretValue", secretArns));
  if (parameterArns.length > 0) statements.push(read("ReadParameters", "ssm:GetParameter", parameterArns));
  const decrypt = (
    sid: string,
    of: readonly SecretUse[],
    service: string,
    context: string,
    arns: string[],
  ) => {
    const keys = unique(of.flatMap(({ keyArn }) => keyArn ?? []));
    if (keys.length === 0) return;
    const statement = read(sid, "kms:Decrypt", keys);
    statement.addConditions({
      StringLike: {
        "kms:ViaService": `${service}.*.${stack.urlSuffix}`,
        [`kms:EncryptionContext:${context}`]: arns,
      },
    });
    statements.push(statement);
  };
  decrypt("DecryptSecrets", secrets, "secretsmanager", "SecretARN", secretArns);
  decrypt("DecryptParameters", parameters, "ssm", "PARAMETER_ARN", parameterArns);
  return statements;
}

function read(sid: string, action: string, resources: string[]): PolicyStatement {
  return new PolicyStatement({ sid, actions: [action], resources });
}

function allSecrets({ destinations }: EngineConfig): SecretUse[] {
  return Object.values(destinations).flatMap((destination) => secretsOf(destination));
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

/** A name with a slash in front has only that one in its ARN. */
function parameterArn(reference: string, stack: Stack): string {
  const name = reference.slice(PARAMETER.length).replace(/^\//, "");
  return stack.formatArn({ service: "ssm", resource: "parameter", resourceName: name });
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

function split<T>(values: readonly T[], test: (value: T) => boolean): [T[], T[]] {
  return [values.filter((value) => test(value)), values.filter((value) => !test(value))];
}
