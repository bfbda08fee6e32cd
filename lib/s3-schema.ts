/**
 * Log files from S3 as `engine` in cdk.json says it: which buckets, how new objects in them are told of, and whether
 * EventBridge is the other way in or there is none.
 *
 *   "s3": {
 *     "buckets": [{ "name": "acme-trail", "prefix": "AWSLogs/o-abcde12345/", "notify": "sns", "topicArn": "arn:aws:sns:…" }],
 *     "reconcile": { "graceMinutes": 30 }
 *   }
 */
import { z } from "zod";
import { quote } from "../lambda/loader/problem.ts";
import { accountId } from "./layout-schema.ts";

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const TOPIC = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/;
const QUEUE = /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}$/;
const KEY = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]{1,128}$/;

function arn(pattern: RegExp, what: string, example: string) {
  return z.string({ error: `This is no text. Write the ARN of ${what} in quotes.` }).regex(pattern, {
    error: (issue) => `${quote(issue.input)} is no ARN of ${what}. Write it as ${example}.`,
  });
}

/** In minutes: a trail takes about five to write, and EventBridge may be asked again for some. */
const DEFAULT_GRACE = 30;
/** Minutes; less than five, and most of what a trail writes would come before EventBridge had its chance. */
const graceMinutes = z
  .int({ error: (issue) => `${quote(issue.input)} is no whole number. Give minutes from 5 to 600.` })
  .min(5, { error: (issue) => `${quote(issue.input)} is too small. Give minutes from 5 to 600.` })
  .max(600, { error: (issue) => `${quote(issue.input)} is too large. Give minutes from 5 to 600.` });

/** One bucket. */
export const s3BucketSchema = z
  .strictObject({
    name: z.string({ error: "This is no text. Write the name of a bucket in quotes." }).regex(BUCKET, {
      error: (issue) =>
        `${quote(issue.input)} is no name of a bucket. Write it without s3:// and without a slash.`,
    }),
    prefix: z
      .string({ error: "This is no text. Write what keys begin with, in quotes." })
      .regex(/^[^/*?][^*?]{0,500}$/, {
        error: (issue) =>
          `${quote(issue.input)} is no beginning of a key. Write it without a slash in front and without wildcards: "AWSLogs/123456789012/".`,
      })
      .optional(),
    notify: z.literal(["eventbridge", "sns", "sqs"], {
      error: (issue) =>
        `${quote(issue.input)} is no way to be told of objects. Write "eventbridge", "sns" with a topicArn, or "sqs" with a queueArn.`,
    }),
    topicArn: arn(TOPIC, "a topic", '"arn:aws:sns:eu-west-1:123456789012:trail"').optional(),
    queueArn: arn(QUEUE, "a queue", '"arn:aws:sqs:eu-west-1:123456789012:trail"').optional(),
    kmsKeyArn: arn(KEY, "a KMS key", '"arn:aws:kms:eu-west-1:123456789012:key/…" (no alias)').optional(),
    accountId: accountId.optional(),
  })
  .superRefine(({ notify, topicArn, queueArn }, context) => {
    const complain = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: [path], message });
    if (notify === "sns" && topicArn === undefined)
      complain("notify", '"sns" needs the topic: add "topicArn", or be told by "eventbridge".');
    if (notify === "sqs" && queueArn === undefined)
      complain("notify", '"sqs" needs the queue: add "queueArn", or be told by "eventbridge".');
    if (notify !== "sns" && topicArn !== undefined)
      complain(
        "topicArn",
        `A topic is not asked with "notify": "${notify}". Take it out, or write "notify": "sns".`,
      );
    if (notify !== "sqs" && queueArn !== undefined)
      complain(
        "queueArn",
        `A queue is not asked with "notify": "${notify}". Take it out, or write "notify": "sqs".`,
      );
  });

/** All of `s3`. */
export const s3Schema = z
  .strictObject(
    {
      buckets: z
        .array(s3BucketSchema, {
          error: 'This is no list. Write [{ "name": "my-trail", "notify": "eventbridge" }].',
        })
        .min(1, { error: "This is empty. Name the bucket that your trail writes to, or leave s3 out." })
        .max(20, { error: "More than 20 buckets. One trail of the organisation writes for all accounts." }),
      only: z
        .boolean({ error: "This is neither true nor false. Write true to have no EventBridge rules made." })
        .default(false),
      reconcile: z
        .strictObject(
          { graceMinutes: graceMinutes.default(DEFAULT_GRACE) },
          { error: 'This is no object. Write { "graceMinutes": 30 }.' },
        )
        .optional(),
    },
    { error: 'This is no object. Write { "buckets": [{ "name": "my-trail", "notify": "eventbridge" }] }.' },
  )
  .superRefine(({ only, reconcile, buckets }, context) => {
    if (only && reconcile !== undefined) {
      const message =
        'There is nothing to compare with where S3 is the only way in. Take it out, or take out "only".';
      context.addIssue({ code: "custom", path: ["reconcile"], message });
    }
    for (const [index, { name, prefix }] of buckets.entries()) {
      const first = buckets.findIndex((other) => other.name === name && other.prefix === prefix);
      if (first === index) continue;
      const message = `${quote(name)} is there twice with the same prefix. Take one out.`;
      context.addIssue({ code: "custom", path: ["buckets", index, "name"], message });
    }
  });

/** How long log files wait, in minutes; undefined where nothing waits. */
export function graceOf({ only, reconcile }: z.infer<typeof s3Schema>): number | undefined {
  return only ? undefined : (reconcile?.graceMinutes ?? DEFAULT_GRACE);
}
