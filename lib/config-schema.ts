/**
 * The shape of `engine` in the context of cdk.json, and its defaults: what an empty configuration deploys is written
 * here and nowhere else. Every message is a whole sentence with its cure, since it is all that the reader gets.
 *
 *   "context": { "engine": {
 *     "subscribe": ["security@example.com"],
 *     "destinations": { "datadog": { "type": "datadog", "site": "datadoghq.eu", "secret": "prod/datadog-api-key" } }
 *   } }
 */
import { z } from "zod";
import { DATADOG_SITES } from "../lambda/destinations/datadog-sites.ts";
import { didYouMean } from "../lambda/loader/nearest.ts";
import { quote } from "../lambda/loader/problem.ts";

/** The id of the destination that every stack has: the alerts topic. */
export const TOPIC_DESTINATION = "topic";

/** The retentions that CloudWatch Logs takes, in days (API reference, PutRetentionPolicy). */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** In seconds: one delivery to Datadog with a key that must be read again, and all its attempts, may take about 40. */
const SHORTEST_TIMEOUT = 60;

const MAIL_ADDRESS = /^[^\s@<>(),;:"[\]\\]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,253})\.[a-z]{2,63}$/i;
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]{1,519}$/;
const SECRET_NAME = /^[\w/+=.@-]{1,512}$/;
const KMS_KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]{1,128}$/;
const DESTINATION_ID = /^[a-z][a-z0-9-]{0,31}$/;
/** What API keys look like and names do not: one long run of hex digits (Datadog's have 32 and 40), or a `ddapi_…`. */
const SECRET_VALUE = /^(?:pub)?[0-9a-f]{32,}$|^dd(?:api|app)?_\w{16,}$/i;

function whole(smallest: number, largest: number, unit: string) {
  return z
    .int({
      error: (issue) =>
        `${quote(issue.input)} is no whole number. Give ${unit} from ${smallest} to ${largest}.`,
    })
    .min(smallest, {
      error: (issue) => `${quote(issue.input)} is too small. Give ${unit} from ${smallest} to ${largest}.`,
    })
    .max(largest, {
      error: (issue) => `${quote(issue.input)} is too large. Give ${unit} from ${smallest} to ${largest}.`,
    });
}

const mailAddress = z
  .string({ error: "This is no text. Write an e-mail address." })
  .refine((text) => MAIL_ADDRESS.test(text), {
    error: (issue) => `${quote(issue.input)} is no e-mail address. Write it as name@example.com.`,
  });

const mailAddresses = z
  .array(mailAddress, { error: 'This is no list. Write e-mail addresses in brackets: ["name@example.com"].' })
  .max(50, { error: "More than 50 addresses. Subscribe a mailing list instead." });

/** A secret by its name or ARN. What was written is never repeated in a message: it may be the secret itself. */
const secret = z
  .string({ error: "This is no text. Give the name or the ARN of a secret in AWS Secrets Manager." })
  .superRefine((text, context) => {
    if (SECRET_VALUE.test(text)) {
      context.addIssue({
        code: "custom",
        message:
          "This looks like an API key itself, and cdk.json is no place for it. Revoke the key if this file was ever " +
          "shared, store a new one with `aws secretsmanager create-secret`, and write that secret's name or ARN here.",
      });
    } else if (text.startsWith("arn:") ? !SECRET_ARN.test(text) : !SECRET_NAME.test(text)) {
      context.addIssue({
        code: "custom",
        message:
          "This is no name and no ARN of a secret. Write a name such as prod/datadog-api-key, or the ARN that " +
          "`aws secretsmanager describe-secret` shows.",
      });
    }
  });

/** A Datadog destination. */
const datadogSchema = z.strictObject({
  type: z.literal("datadog"),
  site: z
    .string({ error: "This is no text. Give the Datadog site of your account, e.g. datadoghq.eu." })
    .refine((site) => DATADOG_SITES.includes(site), {
      error: (issue) =>
        `${quote(issue.input)} is no Datadog site. ${didYouMean(String(issue.input), DATADOG_SITES)}`,
    }),
  secret,
  secretKeyArn: z
    .string()
    .regex(KMS_KEY_ARN, {
      error: "This is no ARN of a KMS key. Write it as arn:aws:kms:REGION:ACCOUNT:key/ID.",
    })
    .optional(),
});

/** The destinations that can be configured, by their `type`. */
export const destinationSchemas = { datadog: datadogSchema } as const;

const destinationId = z
  .string()
  .regex(DESTINATION_ID, {
    error: "This is no id of a destination. Use lower-case letters, digits and hyphens, at most 32.",
  })
  .refine((id) => id !== TOPIC_DESTINATION, {
    error: `The id "${TOPIC_DESTINATION}" belongs to the alerts topic that every stack has. Choose another id.`,
  });

/** The whole of `engine`. */
export const engineConfigSchema = z.strictObject({
  rules: z
    .string({ error: "This is no text. Give the folder of the rules." })
    .min(1, { error: "This is empty. Give the folder of the rules." })
    .default("rules"),
  destinations: z
    .record(destinationId, z.discriminatedUnion("type", [datadogSchema]), {
      error: 'This is no object. Write destinations by id: { "datadog": { "type": "datadog", … } }.',
    })
    .default({}),
  subscribe: mailAddresses.default([]),
  operations: z.strictObject({ subscribe: mailAddresses.optional() }).default({}),
  eventRules: z
    .strictObject({ budget: whole(1, 299, "a number of EventBridge rules").default(100) })
    .prefault({}),
  detector: z
    .strictObject({
      memoryMb: whole(128, 10_240, "MB").default(512),
      timeoutSeconds: whole(SHORTEST_TIMEOUT, 900, "seconds").default(SHORTEST_TIMEOUT),
    })
    .prefault({}),
  logRetentionDays: z
    .literal([...LOG_RETENTION_DAYS], {
      error: (issue) =>
        `${quote(issue.input)} is no retention that CloudWatch Logs takes. Use one of ${LOG_RETENTION_DAYS.join(", ")}.`,
    })
    .default(30),
});

/** The checked configuration with its defaults filled in. */
export type EngineConfig = z.infer<typeof engineConfigSchema>;
