/**
 * Whether mail can be sent: SES takes mail only from an address, or a domain above it, that its owner has verified, and
 * in its sandbox only to such addresses.
 */
import { GetAccountCommand, GetEmailIdentityCommand } from "@aws-sdk/client-sesv2";
import type { DoctorClients } from "./clients.ts";
import type { Deployed } from "./deployed.ts";
import { type CheckResult, fail, ok, warn } from "./report.ts";

/** Each sender: verified itself or by its domain, in a Region whose sandbox the account has left. */
export async function checkSenders(clients: DoctorClients, deployed: Deployed): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { from, region } of deployed.senders) {
    const ses = clients.ses(region);
    const where = region === undefined ? "this Region" : region;
    const verified = await firstVerified(ses, from);
    if (verified === undefined) {
      results.push(
        fail(
          "senders",
          `SES in ${where} takes no mail from ${from}: neither the address nor its domain is verified.`,
          `Verify it: \`aws sesv2 create-email-identity --email-identity ${from}${region === undefined ? "" : ` --region ${region}`}\`, then follow the link in the mail that SES sends there.`,
        ),
      );
      continue;
    }
    const { ProductionAccessEnabled, SendingEnabled } = await ses.send(new GetAccountCommand({}));
    if (SendingEnabled === false) {
      results.push(
        fail(
          "senders",
          `SES in ${where} sends nothing for this account any more.`,
          "Read why under Account dashboard in the SES console, and answer AWS's review there.",
        ),
      );
    } else if (ProductionAccessEnabled !== true) {
      results.push(
        warn(
          "senders",
          `SES in ${where} is in its sandbox: mail from ${from} reaches verified addresses only, 200 a day.`,
          "Ask for production access in the SES console, or verify every recipient's address.",
        ),
      );
    } else results.push(ok("senders", `SES sends mail from ${from} (${verified} is verified).`));
  }
  return results;
}

/** The address itself, or the nearest domain above it, that is verified for sending. */
async function firstVerified(
  ses: ReturnType<DoctorClients["ses"]>,
  from: string,
): Promise<string | undefined> {
  const labels = from.slice(from.lastIndexOf("@") + 1).split(".");
  const domains = labels.slice(0, -1).map((_, at) => labels.slice(at).join("."));
  for (const EmailIdentity of [from, ...domains]) {
    try {
      const { VerifiedForSendingStatus } = await ses.send(new GetEmailIdentityCommand({ EmailIdentity }));
      if (VerifiedForSendingStatus === true) return EmailIdentity;
    } catch (error) {
      if (!(error instanceof Error && error.name === "NotFoundException")) throw error;
    }
  }
  return undefined;
}
