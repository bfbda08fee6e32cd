/**
 * The shape of `routes`: which alerts go where. What can only be judged with the rules at hand (globs that match none,
 * routes that nothing reaches) is in `lib/check-routes.ts`.
 *
 *   { "when": { "severity": ["critical"], "rules": ["iam.amazonaws.com/*"] }, "to": ["pager", "slack"] }
 */
import { z } from "zod";
import { SEVERITIES } from "../lambda/engine/rule.ts";
import { didYouMean } from "../lambda/words/nearest.ts";
import { quote } from "../lambda/loader/problem.ts";
import { CHANNEL_NAMES } from "../lambda/record/channel-names.ts";

const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/;

function texts(what: string, example: string) {
  return (item: z.ZodType<string>) =>
    z
      .array(item, { error: `This is no list. Write ${what} in brackets: ["${example}"].` })
      .min(1, { error: `This list is empty, so no alert would fit. Name ${what}, or leave it out.` })
      .optional();
}

function oneOf(what: string, known: readonly string[]) {
  return z
    .string({ error: (issue) => `${quote(issue.input)} is no text. Write it in quotes.` })
    .refine((text) => known.includes(text), {
      error: (issue) => `${quote(issue.input)} is no ${what}. ${didYouMean(String(issue.input), known)}`,
    });
}

function like(pattern: RegExp, what: string, example: string) {
  return z
    .string({ error: (issue) => `${quote(issue.input)} is no text. Write ${what} in quotes: "${example}".` })
    .regex(pattern, { error: (issue) => `${quote(issue.input)} is no ${what}. Write it as "${example}".` });
}

const anyText = z
  .string({ error: (issue) => `${quote(issue.input)} is no text. Write it in quotes.` })
  .min(1, { error: "This is empty. Take it out." });

/** Ids of destinations, at least one. */
const destinationIdsSchema = z
  .array(anyText, { error: 'This is no list. Write ids of destinations in brackets: ["topic"].' })
  .min(1, { error: 'This list is empty: such alerts would reach nobody. Name a destination, e.g. "topic".' });

const whenSchema = z.strictObject(
  {
    severity: texts("severities", "critical")(oneOf("severity", SEVERITIES)),
    rules: texts("rule ids, * for any characters,", "iam.amazonaws.com/*")(anyText),
    tags: texts("tags of rules", "cis-4.10")(anyText),
    accounts: texts("account ids", "123456789012")(like(ACCOUNT, "account id", "123456789012")),
    regions: texts("Regions", "eu-west-1")(like(REGION, "Region", "eu-west-1")),
    channels: texts("channels", "console")(oneOf("channel", CHANNEL_NAMES)),
  },
  {
    error:
      'This is no object. Write what an alert must be like: { "severity": ["critical"] }; {} fits every alert.',
  },
);

/** One route. */
export const routeSchema = z.strictObject(
  { when: whenSchema.default({}), to: destinationIdsSchema },
  { error: 'This is no object. Write { "when": { … }, "to": ["topic"] }.' },
);

/** All routes, in their order. */
export const routesSchema = z.array(routeSchema, {
  error: 'This is no list. Write routes in brackets: [{ "when": { … }, "to": ["topic"] }].',
});
