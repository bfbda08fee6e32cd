/**
 * How a call can have been made. Apart from how that is found out, because the alert's schema, the selectors and the
 * configuration of routes all name them.
 */
export const CHANNEL_NAMES = [
  "console",
  "cloudshell",
  "cli",
  "sdk",
  "terraform",
  "pulumi",
  "cdk",
  "cloudformation",
  "service",
  "unknown",
] as const;
