/**
 * Alerts to an SNS topic: the alert document as indented JSON, title and summary first, because mail subscribers read
 * it as it is; a subject for their inbox; and message attributes, so that a subscription can filter without parsing.
 * Or, for a topic that feeds Slack or Teams through Amazon Q, the only document that Amazon Q shows.
 *
 *     Subject: [HIGH] ec2.amazonaws.com: Security group opened to the internet
 *     { "title": "ec2.amazonaws.com: Security group …", "summary": "alice opened sg-0a1b …", "severity": "high", … }
 */
import type { PublishCommandInput } from "@aws-sdk/client-sns";
import {
  AWS_CALL_LIMITS,
  AWS_MAX_ATTEMPTS,
  AWS_ONE_ATTEMPT,
  awsBudget,
  awsDeliveryError,
  once,
  regionOfArn,
} from "./aws-client.ts";
import { FORMAT_NAMES, openFormat } from "../formats/formats.ts";
import type { Destination, Notice } from "./destination.ts";
import { declareDestination } from "./destination-type.ts";
import type { Checked, Settings } from "./settings.ts";
import { toAmazonQMessage, toMessage } from "./sns-message.ts";

/** Publishes one message before a deadline (ms since 1970); the port through which tests see what would be sent. */
export type Publish = (input: PublishCommandInput, deadline: number) => Promise<unknown>;

const settings = {
  topicArn: {
    kind: "text",
    description: "the ARN of an SNS topic",
    pattern: /^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?$/,
    example: "arn:aws:sns:eu-west-1:123456789012:alerts",
  },
  format: {
    kind: "choice",
    description:
      "the alert document in a format (alert, unless set; json is its older name), or what Amazon Q shows in Slack and Teams",
    values: [...FORMAT_NAMES, "json", "amazon-q"],
    optional: true,
  },
} as const satisfies Settings;

/** The registry's entry. */
export const sns = declareDestination({
  description: "A message to an SNS topic: the alert document, or a notification for Amazon Q.",
  settings,
  check: ({ topicArn, format }) =>
    format === "amazon-q" && topicArn.endsWith(".fifo")
      ? ["format amazon-q needs a standard topic: a FIFO topic has no subscription that Amazon Q could be"]
      : [],
  permissions: ({ topicArn }) => [{ actions: ["sns:Publish"], resources: [topicArn] }],
  make: (checked) => makeSns(checked),
});

/** Makes the destination of one topic. */
export function makeSns(
  { id, topicArn, format = "alert", endpoint }: Checked<typeof settings>,
  publish: Publish = publisher(topicArn, endpoint),
): Destination {
  const message = async (notice: Notice): Promise<PublishCommandInput> =>
    format === "amazon-q"
      ? toAmazonQMessage(topicArn, notice)
      : toMessage(topicArn, notice, await openFormat(format === "json" ? "alert" : format));
  return {
    id,
    type: "sns",
    // A message that was published cannot be changed.
    updates: false,
    async deliver(notice, deadline) {
      try {
        await publish(await message(notice), deadline);
        return undefined;
      } catch (error) {
        throw awsDeliveryError(error, id, `publishing to ${topicArn}`);
      }
    },
  };
}

/** Loads the SDK at the first message. */
function publisher(topicArn: string, endpoint: string | undefined): Publish {
  const connect = once(async (): Promise<Publish> => {
    const { PublishCommand, SNSClient } = await import("../aws/sns.ts");
    const region = regionOfArn(topicArn);
    const client = new SNSClient({
      // Only a FIFO topic recognises a second copy.
      ...(topicArn.endsWith(".fifo")
        ? { maxAttempts: AWS_MAX_ATTEMPTS, requestHandler: AWS_CALL_LIMITS }
        : AWS_ONE_ATTEMPT),
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    return (input, deadline) =>
      client.send(new PublishCommand(input), {
        abortSignal: AbortSignal.timeout(awsBudget(deadline)),
      });
  });
  return async (input, deadline) => (await connect())(input, deadline);
}
