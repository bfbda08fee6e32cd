/**
 * The link to an alert's case, put into what a destination is told: here and nowhere earlier, so that an alert stays what
 * its record and rule make it, and a changed address holds for every message from then on, old alerts' too.
 *
 *     caseLink("https://security.example.com/alerts/{id}", "5f2a…")   // "https://security.example.com/alerts/5f2a…"
 */
import type { Destination } from "./destination.ts";

const PLACE = "{id}";
/** A link stands on one line of a mail, which has 998 bytes, and in one button of a chat. */
const MAX_LENGTH = 500;

/** What is wrong with a `caseUrl`, as the end of a sentence with its cure; undefined when it is fine. */
export function problemOfCaseUrl(given: unknown): string | undefined {
  const cure =
    "write https:// and your page's address with {id} in it, as https://security.example.com/alerts/{id}";
  if (typeof given !== "string") return `must be a text; ${cure}`;
  if (given.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters; ${cure}`;
  if (!given.includes(PLACE)) return `has no {id}, where the alert's id belongs; ${cure}`;
  const filled = given.replaceAll(PLACE, "0".repeat(32));
  const url = /[\s\p{Cc}\\]/u.test(given) || !URL.canParse(filled) ? undefined : new URL(filled);
  if (url === undefined) return `is no address; ${cure}`;
  if (url.username !== "" || url.password !== "")
    return `holds a user name or password, which everybody who gets a message would read; ${cure}`;
  if (!/^[^/]*\/\/[^/?#{]+[/?#]/.test(given)) return `must have {id} after the host's name; ${cure}`;
  return isLinkable(url) ? undefined : `must be https, or http on 127.0.0.1; ${cure}`;
}

/** The address of a case. */
export function caseLink(caseUrl: string, alertId: string): string {
  return caseUrl.replaceAll(PLACE, encodeURIComponent(alertId));
}

/** The destination, told of the case's address with every alert; itself when there is none. */
export function linkCases(destination: Destination, caseUrl: string | undefined): Destination {
  if (caseUrl === undefined) return destination;
  return {
    ...destination,
    deliver: ({ alert, ...notice }, deadline) => {
      const links = { ...alert.links, case: caseLink(caseUrl, alert.id) };
      return destination.deliver({ ...notice, alert: { ...alert, links } }, deadline);
    },
  };
}

/** Whether a message may link there: https, or the page that runs on the reader's own machine. */
export function isLinkable({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && hostname === "127.0.0.1");
}
