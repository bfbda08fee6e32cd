/**
 * The secrets of a local run, made up: every secret and every parameter has the same text, with a value for each kind of
 * destination. The local run has no real ones and must not ask for any.
 */

const VALUES = {
  apiKey: "local-datadog-api-key",
  url: "https://hooks.slack.com/services/T00000000/B00000000/local",
  token: "xoxb-local",
  routingKey: "0123456789abcdef0123456789abcdef",
  signingKey: "local-signing-key",
} as const;

/** What each kind of destination finds in its secret. */
export const LOCAL_SECRETS: Readonly<typeof VALUES> = VALUES;
/** The text of every secret. */
export const LOCAL_SECRET_TEXT: string = JSON.stringify(VALUES);
