/**
 * Keeps what comes from a record from becoming a link. A mail program makes links by itself of whatever looks like one,
 * so it is not enough to write none: an attacker would put an address into a session name and have it shown, to be
 * clicked, in an alert that people trust. So addresses are written as analysts write them.
 *
 *     unlinked("https://evil.example and \\\\192.0.2.1\\share")   // "https[:]//evil.example and [\\]192.0.2.1\\share"
 */

/** The text with addresses, and Windows shares, whose opening would give a password away, taken apart. */
export function unlinked(text: string): string {
  return text
    .replace(/:\/\//g, "[:]//")
    .replace(/\\\\(?=[\w[])/g, "[\\\\]")
    .replace(/\b(www|ftp)\./gi, "$1[.]");
}

/** What stands above the answers of an investigation. */
export const FOUND_OUT = "What was found out";

/** What the mail that closes a window says of itself. */
export const WINDOW_CLOSED =
  "This sums up what happened while repeats were held back. The first mail of this thread told of the first one.";
