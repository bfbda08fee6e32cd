/**
 * Where a person finds the record: the CloudTrail console's page of one event, whose host differs by partition.
 * Event history holds management events only, so data and network-activity records get no link.
 */
import { textAt } from "../record/untrusted.ts";
import type { CloudTrailRecord } from "../record/record.ts";

const REGION = /^[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/;

/** The console's address for a record; undefined where there is no such page or it is not known. */
export function recordLink(record: CloudTrailRecord): string | undefined {
  const region = textAt(record, "awsRegion");
  const eventId = textAt(record, "eventID");
  const category = textAt(record, "eventCategory");
  if (region === undefined || eventId === undefined || eventId.length > 128) return undefined;
  if (category !== undefined && category !== "Management") return undefined;
  const host = REGION.test(region) ? consoleHost(region) : undefined;
  if (host === undefined) return undefined;
  return `https://${region}.${host}/cloudtrailv2/home?region=${region}#/events/${encoded(eventId)}`;
}

/** `encodeURIComponent` leaves these five alone, and a `)` would end the address where markdown holds it. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function consoleHost(region: string): string | undefined {
  if (region.startsWith("cn-")) return "console.amazonaws.cn";
  if (region.startsWith("us-gov-")) return "console.amazonaws-us-gov.com";
  // The isolated partitions' consoles are not public.
  return region.includes("-iso") ? undefined : "console.aws.amazon.com";
}
