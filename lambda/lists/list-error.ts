/** A list could not be filled; the message says why, and what helps, in words that may be shown. */
export class ListError extends Error {
  override readonly name = "ListError";
}
