/**
 * The shape of `destinations` in cdk.json, made from what each kind of destination declares of itself
 * (`lambda/destinations/registry.ts`): a new kind is known here without a line of its own. Every secret may have a KMS
 * key of its own, which only the stack needs to know.
 *
 *   slack declares { secret, api?, channel? }
 *   // "slack": { "type": "slack", "secret": "prod/slack", "secretKeyArn": "arn:aws:kms:…", "api": "bot", "channel": "C0123456789" }
 */
import { z } from "zod";
import type { DestinationSettings } from "../lambda/destinations/destination-type.ts";
import { DESTINATION_TYPES } from "../lambda/destinations/registry.ts";
import { looksLikeSecret } from "../lambda/destinations/looks-like-secret.ts";
import { isSecretReference, type Setting, type Settings } from "../lambda/destinations/settings.ts";
import { didYouMean } from "../lambda/words/nearest.ts";
import { quote } from "../lambda/loader/problem.ts";

const KMS_KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]{1,128}$/;
const DESTINATION_ID = /^[a-z][a-z0-9-]{0,31}$/;
/** What follows the name of a secret's setting in the name of the setting for its key. */
const KEY = "KeyArn";

/** The id of the destination that every stack has: the alerts topic. */
export const TOPIC_DESTINATION = "topic";

/** A configured destination as cdk.json has it. */
export type DestinationConfig = { readonly type: string; readonly [setting: string]: unknown };

/** A secret that a destination refers to. */
export type SecretUse = {
  /** The name or ARN of a secret, or `ssm:/name`. */
  readonly reference: string;
  /** What it holds, for messages: "the API key". */
  readonly holds: string;
  /** The ARN of its KMS key, where it has one of its own. */
  readonly keyArn: string | undefined;
};

const keySchema = z
  .string({ error: "This is no text. Give the ARN of the secret's KMS key." })
  .regex(KMS_KEY_ARN, {
    error: "This is no ARN of a KMS key. Write it as arn:aws:kms:REGION:ACCOUNT:key/ID.",
  });

/** The schemas of all kinds, by their `type`. */
export const destinationSchemas: ReadonlyMap<string, z.ZodObject> = new Map(
  [...DESTINATION_TYPES].map(([type, { settings }]) => [type, schemaOf(type, settings)]),
);

/** Destinations by id. */
export const destinationsSchema = z.record(
  z
    .string()
    .regex(DESTINATION_ID, {
      error: "This is no id of a destination. Use lower-case letters, digits and hyphens, at most 32.",
    })
    .refine((id) => id !== TOPIC_DESTINATION, {
      error: `The id "${TOPIC_DESTINATION}" belongs to the alerts topic that every stack has. Choose another id.`,
    }),
  z.discriminatedUnion("type", unionMembers()),
  { error: 'This is no object. Write destinations by id: { "datadog": { "type": "datadog", … } }.' },
) as unknown as z.ZodType<Readonly<Record<string, DestinationConfig>>>;

/** The settings as the Lambda gets them: without what only the stack needs to know. */
export function settingsForLambda(id: string, destination: DestinationConfig): DestinationSettings {
  const declared = DESTINATION_TYPES.get(destination.type)?.settings ?? {};
  const kept = Object.entries(destination).filter(([name]) => Object.hasOwn(declared, name));
  return { id, type: destination.type, ...Object.fromEntries(kept) };
}

/** The secrets that a destination refers to. */
export function secretsOf(destination: DestinationConfig): SecretUse[] {
  const declared = DESTINATION_TYPES.get(destination.type)?.settings ?? {};
  return Object.entries(declared).flatMap(([name, setting]) => {
    const reference = destination[name];
    if (setting.kind !== "secret" || typeof reference !== "string") return [];
    const keyArn = destination[name + KEY];
    return [{ reference, holds: setting.holds, keyArn: typeof keyArn === "string" ? keyArn : undefined }];
  });
}

function unionMembers(): [z.ZodObject, ...z.ZodObject[]] {
  const [first, ...rest] = [...destinationSchemas.values()];
  if (first === undefined) throw new TypeError("the registry holds no kind of destination");
  return [first, ...rest];
}

function schemaOf(type: string, settings: Settings): z.ZodObject {
  const shape: Record<string, z.ZodType> = { type: z.literal(type) };
  for (const [name, setting] of Object.entries(settings)) {
    const value = valueSchema(setting);
    shape[name] = setting.optional === true ? value.optional() : value;
    if (setting.kind === "secret") shape[name + KEY] = keySchema.optional();
  }
  return z.strictObject(shape).superRefine((given, context) => {
    // What one setting alone cannot tell; it would repeat what was said of each.
    if (context.issues.length > 0) return;
    for (const problem of DESTINATION_TYPES.get(type)?.check({ ...given, id: type, type }) ?? [])
      context.addIssue({ code: "custom", message: `${problem}.` });
  });
}

/** For an error: somebody may have put a secret where a name belongs. */
function shown(value: unknown): string {
  return looksLikeSecret(value) ? "What looks like a secret" : quote(value);
}

function valueSchema(setting: Setting): z.ZodType {
  const { kind, description } = setting;
  if (kind === "text") {
    return z
      .string({ error: (issue) => `${shown(issue.input)} is no text. Give ${description}.` })
      .regex(setting.pattern, {
        error: (issue) => `${shown(issue.input)} will not do. Give ${description}, e.g. ${setting.example}.`,
      });
  }
  if (kind === "texts") {
    return z
      .array(
        z
          .string({ error: (issue) => `${shown(issue.input)} is no text. Write it in quotes.` })
          .regex(setting.pattern, {
            error: (issue) => `${shown(issue.input)} will not do here: this is ${description}.`,
          }),
        { error: `This is no list. Give ${description}, in brackets.` },
      )
      .max(setting.max, { error: `These are more than ${setting.max}. Leave some out.` });
  }
  if (kind === "choice") {
    return z.literal([...setting.values], {
      error: (issue) =>
        `${shown(issue.input)} is none of the choices for ${description}. ${didYouMean(looksLikeSecret(issue.input) ? "" : String(issue.input), setting.values)}`,
    });
  }
  // What was written is never repeated: it may be the secret itself.
  return z.custom<string>(isSecretReference, {
    error:
      "This is no name or ARN of a secret in AWS Secrets Manager, and no ssm:/name of a SecureString parameter. " +
      `Store ${setting.holds} with \`aws secretsmanager create-secret\` and write that secret's name here. If the ` +
      "secret itself stood here, cdk.json is no place for it: replace it with a new one if this file was ever shared.",
  });
}
