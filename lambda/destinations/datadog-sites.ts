/**
 * Datadog's sites (FACTS § 5, DDS): each is a separate Datadog with keys of its own. The list is closed on purpose: a
 * typo must not send alerts and an API key to a stranger's host.
 */
export const DATADOG_SITES: readonly string[] = [
  "datadoghq.com",
  "us3.datadoghq.com",
  "us5.datadoghq.com",
  "ap1.datadoghq.com",
  "ap2.datadoghq.com",
  "uk1.datadoghq.com",
  "datadoghq.eu",
  "ddog-gov.com",
  "us2.ddog-gov.com",
];
