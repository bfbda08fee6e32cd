/**
 * Which Regions and accounts belong to the engine, as `engine` in cdk.json says it. One stack in one Region is the whole
 * layout until somebody writes more:
 *
 *   "regions": ["us-east-1", "eu-central-1"]        further Regions of this account, forwarded to the stack's own
 *   "accounts": { "123456789012": "production" }    names, for alerts and reports
 *   "hub": { "accounts": ["210987654321"] }         accounts that forward to this stack; or { "organizationId": "o-…" }
 *   "spoke": { "hubBusArn": "arn:aws:events:eu-west-1:123456789012:event-bus/default" }
 *                                                   no engine here: everything is forwarded to the hub
 *
 * What may not stand side by side is in `lib/check-layout.ts`.
 */
import { z } from "zod";
import { showText } from "../lambda/alerts/show-text.ts";
import { quote } from "../lambda/loader/problem.ts";

const REGION = /^[a-z]{2,4}(?:-[a-z]+)+-\d$/;
const ACCOUNT = /^\d{12}$/;
const BUS_ARN = /^arn:(aws[a-z-]*):events:([a-z]{2,4}(?:-[a-z]+)+-\d):(\d{12}):event-bus\/default$/;

/** A bus holds a policy of 10 KB, in which an account takes some 35 characters (API reference, PutPermission). */
const MAX_HUB_ACCOUNTS = 200;
/** What a line of an alert has room for. */
const MAX_NAME = 64;

/** A Region by its code. */
export const region = z
  .string({ error: "This is no text. Write a Region in quotes." })
  .regex(REGION, { error: (issue) => `${quote(issue.input)} is no Region. Write it as eu-west-1.` });

/** An account id with its zeros. */
export const accountId = z
  .string({
    error: (issue) =>
      `${quote(issue.input)} is no text. Write an account id in quotes, for its zeros: "123456789012".`,
  })
  .regex(ACCOUNT, {
    error: (issue) =>
      `${quote(issue.input)} is no account id. Write its twelve digits in quotes: "123456789012".`,
  });

/** Further Regions whose records are forwarded. */
export const regionsSchema = z
  .array(region, { error: 'This is no list. Write Regions in brackets: ["us-east-1"].' })
  .max(40, { error: "More than 40 Regions. Name those in use." });

const accountName = z
  .string({ error: (issue) => `${quote(issue.input)} is no text. Write the account's name in quotes.` })
  .min(1, { error: "This is empty. Write the account's name, or leave the account out." })
  .max(MAX_NAME, { error: `This name is longer than ${MAX_NAME} characters. Shorten it.` })
  .refine((name) => name.trim() === name && showText(name, MAX_NAME) === name, {
    error:
      "This name holds a line break, a hidden character or a space at its end, which messages cannot show. Write plain text.",
  });

/** What accounts are called, by id. */
export const accountsSchema = z.record(accountId, accountName, {
  error: 'This is no object. Write { "123456789012": "production" }.',
});

/** Whose records this stack takes. */
export const hubSchema = z.strictObject(
  {
    accounts: z
      .array(accountId, { error: 'This is no list. Write account ids in brackets: ["123456789012"].' })
      .min(1, {
        error: "This is empty. Name the accounts that forward to this one, or leave it out.",
      })
      .max(MAX_HUB_ACCOUNTS, {
        error: `More than ${MAX_HUB_ACCOUNTS} accounts, which the policy of an event bus cannot hold. Write "organizationId" instead.`,
      })
      .optional(),
    organizationId: z
      .string({ error: "This is no text. Write the organisation's id in quotes." })
      .regex(/^o-[a-z0-9]{10,32}$/, {
        error: (issue) =>
          `${quote(issue.input)} is no id of an organisation. Write what \`aws organizations describe-organization\` shows as Id, such as o-a1b2c3d4e5.`,
      })
      .optional(),
  },
  {
    error:
      'This is no object. Write { "accounts": ["123456789012"] }, or { "organizationId": "o-a1b2c3d4e5" }.',
  },
);

/** Where a spoke forwards to. */
export const spokeSchema = z.strictObject(
  {
    hubBusArn: z
      .string({ error: "This is no text. Write the ARN of the hub's default event bus in quotes." })
      .regex(BUS_ARN, {
        error: (issue) =>
          `${quote(issue.input)} is no ARN of a default event bus. Write what the hub's stack shows as HubBusArn: ` +
          "arn:aws:events:eu-west-1:123456789012:event-bus/default.",
      }),
  },
  {
    error:
      'This is no object. Write { "hubBusArn": "arn:aws:events:eu-west-1:123456789012:event-bus/default" }.',
  },
);

/** An event bus taken apart; undefined when the text is no ARN of a default bus. */
export function readBusArn(
  arn: string,
): { readonly partition: string; readonly region: string; readonly account: string } | undefined {
  const [, partition, busRegion, account] = BUS_ARN.exec(arn) ?? [];
  if (partition === undefined || busRegion === undefined || account === undefined) return undefined;
  return { partition, region: busRegion, account };
}

/** The partition that a Region belongs to; events cross no partition's border. */
export function partitionOf(name: string): string {
  const [, partition = "aws"] =
    (
      [
        ["cn-", "aws-cn"],
        ["us-gov-", "aws-us-gov"],
        ["us-isob-", "aws-iso-b"],
        ["us-isof-", "aws-iso-f"],
        ["us-iso-", "aws-iso"],
        ["eu-isoe-", "aws-iso-e"],
        ["eusc-", "aws-eusc"],
      ] as const
    ).find(([prefix]) => name.startsWith(prefix)) ?? [];
  return partition;
}

/** Whether anything is forwarded to the engine's own stack: from further Regions, or from spokes. */
export function isForwardedTo({
  regions = [],
  hub,
}: {
  readonly regions?: readonly string[] | undefined;
  readonly hub?: unknown;
}): boolean {
  return regions.length > 0 || hub !== undefined;
}
