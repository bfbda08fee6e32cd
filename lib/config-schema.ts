/**
 * The shape of `engine` in the context of cdk.json, and its defaults: what an empty configuration deploys is written
 * here and nowhere else. Every message is a whole sentence with its cure, since it is all that the reader gets.
 *
 *   "context": { "engine": {
 *     "subscribe": ["security@example.com"],
 *     "destinations": { "datadog": { "type": "datadog", "site": "datadoghq.eu", "secret": "prod/datadog-api-key" } },
 *     "routes": [{ "when": { "severity": ["info", "low"] }, "to": ["datadog"] }]
 *   } }
 */
import { z } from "zod";
import { problemOfCaseUrl } from "../lambda/destinations/case-link.ts";
import { quote } from "../lambda/loader/problem.ts";
import { destinationsSchema } from "./destination-schema.ts";
import { accountId, accountsSchema, hubSchema, region, regionsSchema, spokeSchema } from "./layout-schema.ts";
import { routesSchema } from "./routes-schema.ts";
import { s3Schema } from "./s3-schema.ts";

/** The retentions that CloudWatch Logs takes, in days (API reference, PutRetentionPolicy). */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** In seconds: one delivery to Datadog with a key that must be read again, and all its attempts, may take about 40. */
const SHORTEST_TIMEOUT = 60;

const MAIL_ADDRESS = /^[^\s@<>(),;:"[\]\\]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,253})\.[a-z]{2,63}$/i;

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

function yesOrNo(what: string) {
  return z.boolean({
    error: (issue) => `${quote(issue.input)} is neither true nor false. Write true for ${what}.`,
  });
}

/** The whole of `engine`. */
export const engineConfigSchema = z.strictObject({
  rules: z
    .string({ error: "This is no text. Give the folder of the rules." })
    .min(1, { error: "This is empty. Give the folder of the rules." })
    .default("rules"),
  destinations: destinationsSchema.default({}),
  routes: routesSchema.default([]),
  routeMatch: z
    .literal(["first", "all"], {
      error: (issue) =>
        `${quote(issue.input)} is no way to take routes. Write "first" for the first that fits, or "all" for all that fit.`,
    })
    .default("first"),
  defaultRoute: z
    .array(z.string({ error: "This is no text. Write the id of a destination in quotes." }), {
      error: 'This is no list. Write ids of destinations in brackets: ["topic"].',
    })
    .optional(),
  keepDays: whole(30, 3650, "days").default(90),
  stateIndexes: whole(1, 3, "indexes").optional(),
  caseUrl: z
    .unknown()
    .superRefine((given, context) => {
      const problem = problemOfCaseUrl(given);
      if (problem !== undefined) context.addIssue({ code: "custom", message: `This ${problem}.` });
    })
    .transform((given) => String(given))
    .optional(),
  lookupEvents: z
    .strictObject(
      {
        requestsPerMinute: whole(1, 60, "requests a minute"),
        regions: z
          .array(region, { error: 'This is no list. Write Regions in brackets: ["eu-west-1"].' })
          .min(1, { error: "This is empty. Name every Region in use, or leave it out." })
          .max(40, { error: "More than 40 Regions. Name those in use." })
          .optional(),
      },
      {
        error:
          'This is no object. Write { "requestsPerMinute": 20 } to have CloudTrail\'s history asked so often at most.',
      },
    )
    .optional(),
  organisation: z
    .strictObject(
      {
        accounts: z
          .array(accountId, { error: 'This is no list. Write account ids in brackets: ["123456789012"].' })
          .min(1, { error: "This is empty. Name the accounts of the organisation, or leave it out." })
          .max(10_000, { error: "More than 10,000 accounts. Leave it out." }),
      },
      { error: 'This is no object. Write { "accounts": ["123456789012"] }.' },
    )
    .optional(),
  regions: regionsSchema.optional(),
  accounts: accountsSchema.optional(),
  hub: hubSchema.optional(),
  spoke: spokeSchema.optional(),
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
  dashboard: yesOrNo("a CloudWatch dashboard").default(false),
  canary: z
    .strictObject(
      {
        every: whole(5, 1440, "minutes").default(15),
        within: whole(5, 120, "minutes").default(15),
      },
      { error: 'This is no object. Write { "every": 15 } for a canary every 15 minutes.' },
    )
    .optional(),
  api: z
    .strictObject({}, { error: "This is no object. Write {} for the API behind an IAM-only function URL." })
    .optional(),
  liveRules: z
    .strictObject(
      {
        allowWaiting: yesOrNo("rules that wait for the next deployment").default(false),
        bucket: z
          .string({ error: "This is no text. Write the name of a bucket in quotes." })
          .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, {
            error: (issue) =>
              `${quote(issue.input)} is no name of a bucket. Give one with versioning, or leave it out to have one made.`,
          })
          .optional(),
      },
      { error: "This is no object. Write {} to have rules published without deploying." },
    )
    .optional(),
  s3: s3Schema.optional(),
  lacework: z
    .strictObject(
      { concurrency: whole(1, 100, "requests at a time").default(5) },
      { error: 'This is no object. Write { "concurrency": 5 }: how many requests it answers at a time.' },
    )
    .optional(),
});

/** The checked configuration with its defaults filled in. */
export type EngineConfig = z.infer<typeof engineConfigSchema>;
