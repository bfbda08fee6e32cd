/**
 * What clients of Lacework's API take of an alert in a list, from their own sources and not from our mapping:
 * lacework/go-sdk `api/alerts.go` (field names and Go types; a wrong type is an error), lacework/python-sdk, and for what a
 * list row holds the samples in SEKOIA-IO/intake-formats `Lacework/lacework-cloud-security/tests/`. The description is read
 * by the grok patterns of `ingest/parser.yml` there: `sekoiaReads` are those, as regular expressions.
 */
import { z } from "zod";

/** RFC 3339 with exactly three digits: Python's SDK demands a fraction, Sekoia.io's connector too. */
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const text = z.string().min(1);

const unnumbered = {
  alertName: text,
  alertType: text,
  severity: z.enum(["Critical", "High", "Medium", "Low", "Info"]),
  status: z.enum(["Open", "Closed"]),
  startTime: time,
  endTime: time,
  lastUserUpdatedTime: z.union([z.literal(""), z.literal("0"), time]),
  internetExposure: z.literal("UnknownInternetExposure"),
  reachability: z.literal("UnknownReachability"),
  derivedFields: z.strictObject({
    category: z.enum(["Policy", "Anomaly", "Composite"]),
    sub_category: z.enum(["Cloud Activity", "File", "Platform"]),
    source: z.enum(["AWS", "aws", "GCP", "Agent", ""]),
  }),
  alertInfo: z
    .strictObject({
      subject: text,
      description: text,
      customerCount: z.int(),
      isExpectedLWBehavior: z.boolean(),
    })
    .refine(({ subject, description }) => subject.includes(description), "the subject lacks the description"),
  policyId: text,
  evolvingAlert: z.boolean(),
  tagMetadata: z.array(z.never()),
};

/** A row of a list. */
export const laceworkSchema = z.strictObject({ alertId: z.int().positive(), ...unnumbered });
/** The same where there is no number: everything else holds. */
export const unnumberedLaceworkSchema = z.strictObject(unnumbered);

const USER = "[a-zA-Z0-9._-]+";
const HEADER = `\\s*For account:\\s*(?<account>${USER})\\s*(?:\\((?<company>.*?)\\)\\s*)?:\\s*`;
const EMAIL = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-zA-Z0-9.-]+";
const SIGHTING = new RegExp(
  `^${HEADER}.* (?<sight>[+-]?\\d+) times\\s*by user\\s*(?<user>${USER})(?::(?:(?<email>${EMAIL})|.*?))?\\s*`,
);

/** What the parser takes out of a description. */
export function sekoiaReads(
  description: string,
):
  | { readonly account: string; readonly sight: number; readonly user: string; readonly email?: string }
  | undefined {
  const groups = SIGHTING.exec(description)?.groups;
  if (groups === undefined) return undefined;
  const { account = "", sight = "", user = "", email } = groups;
  return { account, sight: Number(sight), user, ...(email === undefined ? {} : { email }) };
}
