/**
 * Alerts as mail by SES v2. A mail needs no account at anybody's, but an identity that is verified in SES, and while the
 * account is in SES's sandbox, recipients that are verified too: what SES refuses for that has its cure in the error.
 *
 *     const destination = makeSes({ id: "mail", from: "alerts@example.com", to: ["security@example.com"] });
 *     await destination.deliver(notice, deadline);   // "<0102018f…@eu-west-1.amazonses.com>", the mail's Message-ID
 */
import type { SendEmailCommandInput } from "@aws-sdk/client-sesv2";
import { AWS_ONE_ATTEMPT, awsBudget, once } from "./aws-client.ts";
import type { Destination } from "./destination.ts";
import { declareDestination, type Permission } from "./destination-type.ts";
import { sesError } from "./ses-error.ts";
import type { Checked, Settings } from "./settings.ts";

/** Sends one mail before a deadline (ms since 1970) and gives its Message-ID; the port for tests. */
export type SendMail = (mail: SendEmailCommandInput, deadline: number) => Promise<string | undefined>;

/** SES sends one message to 50 recipients at most. */
const MAX_RECIPIENTS = 50;
const ADDRESS =
  /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?=.{1,255}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i;

const settings = {
  from: {
    kind: "text",
    description: "the address that mails come from, of an identity that is verified in SES",
    pattern: ADDRESS,
    example: "alerts@example.com",
  },
  to: {
    kind: "texts",
    description: "who gets the mails",
    pattern: ADDRESS,
    example: '["security@example.com"]',
    max: MAX_RECIPIENTS,
  },
  region: {
    kind: "text",
    description: "the Region in which the identity is verified (the engine's, unless set)",
    pattern: /^[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/,
    example: "eu-west-1",
    optional: true,
  },
  configurationSet: {
    kind: "text",
    description: "the name of an SES configuration set",
    pattern: /^[\w-]{1,64}$/,
    example: "alerts",
    optional: true,
  },
} as const satisfies Settings;

type SesSettings = Checked<typeof settings>;

/** The registry's entry. */
export const ses = declareDestination({
  description: "An e-mail by Amazon SES, as HTML and text.",
  settings,
  check: ({ to }) => [
    ...(to.length === 0 ? ["to must name at least one address"] : []),
    ...(new Set(to.map((address) => address.toLowerCase())).size < to.length
      ? ["to names an address twice"]
      : []),
  ],
  permissions: (checked) => [sendPermission(checked)],
  make: (checked) => makeSes(checked),
});

/** Makes the destination of one sender and its recipients. */
export function makeSes(checked: SesSettings, send: SendMail = sender(checked)): Destination {
  const { id, from } = checked;
  return {
    id,
    type: "ses",
    // A mail that was sent cannot be changed.
    updates: false,
    async deliver(notice, deadline) {
      try {
        const { toMail } = await import("./mail-message.ts");
        return await send(toMail(checked, notice), deadline);
      } catch (error) {
        throw sesError(error, id, from);
      }
    },
  };
}

/**
 * SES looks for the permission on the sender's identity, which may be the address or a domain above it, and in its
 * sandbox on each recipient's. The condition holds all of it to mails from this one address.
 */
function sendPermission({ from, to, region, configurationSet }: SesSettings): Permission {
  const arn = `arn:\${Partition}:ses:${region ?? "${Region}"}:\${Account}`;
  const identities = [...identitiesOf(from), ...to.flatMap((address) => identitiesOf(address).slice(0, 2))];
  return {
    actions: ["ses:SendEmail"],
    resources: [
      ...[...new Set(identities)].map((identity) => `${arn}:identity/${identity}`),
      ...(configurationSet === undefined ? [] : [`${arn}:configuration-set/${configurationSet}`]),
    ],
    conditions: { StringEquals: { "ses:FromAddress": from } },
  };
}

/** "a@b.example.com" → itself, "b.example.com", "example.com". */
function identitiesOf(address: string): string[] {
  const labels = address.slice(address.lastIndexOf("@") + 1).split(".");
  const domains = labels.slice(0, -1).map((_, at) => labels.slice(at).join("."));
  return [address, ...domains];
}

/** Loads the SDK at the first mail. */
function sender({ region, endpoint }: SesSettings): SendMail {
  const connect = once(async (): Promise<SendMail> => {
    const { SESv2Client, SendEmailCommand } = await import("../aws/ses.ts");
    const client = new SESv2Client({
      ...AWS_ONE_ATTEMPT,
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    return async (mail, deadline) => {
      const { MessageId } = await client.send(new SendEmailCommand(mail), {
        abortSignal: AbortSignal.timeout(awsBudget(deadline)),
      });
      return MessageId === undefined ? undefined : messageId(MessageId, await client.config.region());
    };
  });
  return async (mail, deadline) => (await connect())(mail, deadline);
}

/** The Message-ID that SES gave the mail. */
function messageId(id: string, region: string): string {
  return `<${id}@${region === "us-east-1" ? "email" : region}.amazonses.com>`;
}
