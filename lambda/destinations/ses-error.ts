/**
 * What SES's refusals mean: whether waiting helps, and what a person has to do. An identity that is not verified will
 * not be by the next attempt; a quota that is used up will be back.
 *
 *     MessageRejected: Email address is not verified. …  → for good; "verify them in SES in that Region, …"
 */
import { awsDeliveryError } from "./aws-client.ts";
import { DeliveryError } from "./destination.ts";

const HOUR_MS = 3_600_000;

/** What is known about a refusal beyond what its status says. */
type Meaning = {
  readonly retryable: boolean;
  readonly cure: string;
  readonly retryAfter?: number;
};

/** The DeliveryError of an error of the SDK. */
export function sesError(cause: unknown, destination: string, from: string): DeliveryError {
  const error = awsDeliveryError(cause, destination, `sending mail from ${from}`);
  const meaning = meaningOf(cause);
  if (meaning === undefined) return error;
  const { cure, ...rest } = meaning;
  return new DeliveryError(`${error.message}; ${cure}`, {
    destination,
    status: error.status,
    cause,
    ...rest,
  });
}

function meaningOf(error: unknown): Meaning | undefined {
  if (!(error instanceof Error)) return undefined;
  switch (error.name) {
    case "MessageRejected":
      return /not verified/i.test(error.message)
        ? {
            retryable: false,
            cure: "verify these identities in SES in that Region, and while the account is in SES's sandbox every recipient as well; then `engine redrive`",
          }
        : { retryable: false, cure: "SES did not like the message itself; the alert is in the table" };
    case "MailFromDomainNotVerifiedException":
      return {
        retryable: false,
        cure: "mend the DNS records of the identity's custom MAIL FROM domain in SES; then `engine redrive`",
      };
    case "AccountSuspendedException":
      return {
        retryable: false,
        cure: "AWS has stopped this account's mail for good: answer its case in the Support Center, or use another destination",
      };
    case "SendingPausedException":
      return { retryable: true, cure: "resume sending in SES, of the account or of the configuration set" };
    case "TooManyRequestsException":
    case "LimitExceededException":
      return /quota/i.test(error.message)
        ? {
            retryable: true,
            retryAfter: HOUR_MS,
            cure: "request a higher daily quota in SES; in its sandbox it is 200 mails",
          }
        : { retryable: true, cure: "SES lets this account send only so many mails a second" };
    default:
      return undefined;
  }
}
