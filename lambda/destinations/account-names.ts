/**
 * What accounts are called, put into what a destination is told: here and nowhere earlier, like the link to the case
 * (`case-link.ts`), so that an alert stays what its record and rule make it, and a new name holds from then on.
 *
 *     { accountId: "123456789012", region: "eu-west-1" }
 *     // { accountId: "123456789012", accountName: "production", region: "eu-west-1" }
 */
import type { Destination } from "./destination.ts";

/** The destination, told of the account's name with every alert; itself when no account has one. */
export function nameAccounts(
  destination: Destination,
  names: Readonly<Record<string, string>> | undefined,
): Destination {
  if (names === undefined) return destination;
  const known = new Map(Object.entries(names));
  return {
    ...destination,
    deliver: (notice, deadline) => {
      const { alert } = notice;
      const accountName = known.get(alert.cloud.accountId ?? "");
      return destination.deliver(
        accountName === undefined
          ? notice
          : { ...notice, alert: { ...alert, cloud: { ...alert.cloud, accountName } } },
        deadline,
      );
    },
  };
}
