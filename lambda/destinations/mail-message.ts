/**
 * A notice as a mail for SES: subject, text, HTML, and the headers that make the mails of one alert a thread.
 *
 * SES gives every mail a Message-ID of its own, so mails refer to one that nobody sent, made of the alert's id, and the
 * closing mail also to the first one, whose id is its receipt. Gmail wants the same subject as well: so the subject has
 * no count in it.
 *
 * The subject is plain text: SES encodes it (RFC 2047) for the `Charset` it comes with. A part that looks encoded already
 * would pass through, and a mail program would decode it to whatever it hides, so "=?" is taken apart.
 */
import type { MessageHeader, SendEmailCommandInput } from "@aws-sdk/client-sesv2";
import { showText } from "../alerts/show-text.ts";
import type { Notice } from "./destination.ts";
import { fitText } from "./fit-text.ts";
import { mailHtml } from "./mail-html.ts";
import { mailText } from "./mail-text.ts";

/** Longer ones are cut by every mail program; a line of a mail has 998 bytes, and a character up to four. */
const MAX_SUBJECT = 150;
const MESSAGE_ID = /^<[\x21-\x3b\x3d\x3f-\x7e]{1,400}>$/;
const URGENT: ReadonlySet<string> = new Set(["high", "critical"]);

/** From whom to whom. */
export type Envelope = {
  readonly from: string;
  readonly to: readonly string[];
  readonly configurationSet?: string;
};

/** What SES is asked to send. */
export function toMail({ from, to, configurationSet }: Envelope, notice: Notice): SendEmailCommandInput {
  return {
    FromEmailAddress: from,
    Destination: { ToAddresses: [...to] },
    ...(configurationSet === undefined ? {} : { ConfigurationSetName: configurationSet }),
    Content: {
      Simple: {
        Subject: utf8(subjectOf(notice)),
        Body: { Text: utf8(mailText(notice)), Html: utf8(mailHtml(notice)) },
        Headers: headersOf(from, notice),
      },
    },
  };
}

function utf8(Data: string): { Data: string; Charset: string } {
  return { Data, Charset: "UTF-8" };
}

function subjectOf({ alert, kind }: Notice): string {
  const level = `${kind === "first" ? "" : "Re: "}[${alert.severity.toUpperCase()}] `;
  const title = showText(alert.title, 4 * MAX_SUBJECT).replace(/=\?/g, "= ?");
  // Measured without "Re: ", so that both mails of a thread are cut alike.
  return level + fitText(title, MAX_SUBJECT - level.replace(/^Re: /, "").length);
}

function headersOf(from: string, { alert, kind, receipt }: Notice): MessageHeader[] {
  const thread = `<${alert.id}.alert@${from.slice(from.lastIndexOf("@") + 1)}>`;
  const first = receipt !== undefined && MESSAGE_ID.test(receipt) ? receipt : undefined;
  const headers = {
    References: first === undefined ? thread : `${thread} ${first}`,
    ...(kind === "first" ? {} : { "In-Reply-To": first ?? thread }),
    // Out-of-office programs must not answer it.
    "Auto-Submitted": "auto-generated",
    ...(URGENT.has(alert.severity) ? { Importance: "high" } : {}),
  };
  return Object.entries(headers).map(([Name, Value]) => ({ Name, Value }));
}
