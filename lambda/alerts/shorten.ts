/**
 * Shortening an alert to what a medium can carry, without breaking its JSON and saying so in `notes`. The record's
 * largest fields go first: they are in CloudTrail still, while title, summary, actor and ids are what a person acts on.
 *
 *     shortenAlert(alert, (candidate) => JSON.stringify(candidate).length <= 262_144)
 */
import { cutText } from "../record/cut-text.ts";
import type { Alert } from "./alert-schema.ts";

/** Kept whenever they are short: they tell what the record is. */
const IDENTIFYING: ReadonlySet<string> = new Set([
  "eventID",
  "eventName",
  "eventSource",
  "eventTime",
  "awsRegion",
  "recipientAccountId",
  "sourceIPAddress",
  "errorCode",
]);
const SMALL_FIELD = 256;
const FEW = 20;
const SHORT = 256;

/**
 * The alert itself when it fits, else the least shortened form that fits. The last form is at most about 40 KB of
 * JSON; a medium with less room than that must pick fields instead.
 */
export function shortenAlert(alert: Alert, fits: (candidate: Alert) => boolean): Alert {
  if (fits(alert)) return alert;
  const withoutFields = dropLargeFields(alert, fits);
  if (fits(withoutFields)) return withoutFields;
  return smallest(alert);
}

function dropLargeFields(alert: Alert, fits: (candidate: Alert) => boolean): Alert {
  const sizes = Object.entries(alert.record)
    .map(([key, value]) => ({ key, size: (JSON.stringify(value) ?? "").length }))
    .filter(({ key, size }) => size > SMALL_FIELD || !IDENTIFYING.has(key))
    .toSorted((a, b) => b.size - a.size);
  const keys = sizes.map(({ key }) => key);
  const without = (count: number): Alert => withoutLargest(alert, keys.slice(0, count));
  // The fewest that must go, by halving: a record of 10,000 small fields must not be written 10,000 times.
  let few = 0;
  let enough = keys.length;
  while (few + 1 < enough) {
    const middle = (few + enough) >> 1;
    if (fits(without(middle))) enough = middle;
    else few = middle;
  }
  return without(enough);
}

function withoutLargest(alert: Alert, keys: readonly string[]): Alert {
  const dropped = new Set(keys);
  const record = Object.fromEntries(Object.entries(alert.record).filter(([key]) => !dropped.has(key)));
  const told = keys
    .slice(0, FEW)
    .map((key) => cutText(key, 64))
    .join(", ");
  const more = keys.length > FEW ? ` and ${keys.length - FEW} more` : "";
  return withNote({ ...alert, record }, `left out of the record for size: ${told}${more}`);
}

/** What is left when everything that may be long has gone. */
function smallest(alert: Alert): Alert {
  const record = Object.fromEntries(
    Object.entries(alert.record)
      .filter(([key]) => IDENTIFYING.has(key))
      .map(([key, value]) => [key, typeof value === "string" ? cutText(value, SHORT) : null]),
  );
  const shorter = cutTexts({ ...alert, record, resources: alert.resources.slice(0, FEW) }) as Alert;
  return withNote(shorter, "left out for size: most of the record, and the ends of long texts and lists");
}

/** Cuts texts to 256 and lists to 20; summary and title are bounded already. */
function cutTexts(value: unknown, key = ""): unknown {
  if (typeof value === "string") return key === "summary" || key === "title" ? value : cutText(value, SHORT);
  if (Array.isArray(value)) return value.slice(0, FEW).map((child: unknown) => cutTexts(child));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, cutTexts(child, name)]));
}

function withNote(alert: Alert, cut: string): Alert {
  return {
    ...alert,
    notes: [
      ...(alert.notes ?? []),
      `This message was shortened to fit: ${cut}. CloudTrail has the whole record.`,
    ],
  };
}
