/**
 * What was touched. CloudTrail lists resources for some calls only; of the others the request names it, by a parameter
 * that ends in "Id", "Name" or "Arn".
 *
 *     resourcesOf(alert, 300)   // { text: "sg-0a1b2c3d (groupId)", many: false }
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import { isObject, valueAt } from "../record/untrusted.ts";

const IDENTIFYING = /(?:id|ids|identifier|name|arn)$/i;
/** Parameters that end so and name nothing: they make a retry harmless or turn a page. */
const NO_RESOURCE = /token|request|dryrun/i;
const MAX_NAME = 256;

/** As many of an alert's resources as fit into `room` characters, and how many do not; empty if none is known. */
export function resourcesOf(alert: Alert, room: number): { readonly text: string; readonly many: boolean } {
  const names = alert.resources.length > 0 ? alert.resources.map(({ arn }) => arn) : namedInRequest(alert);
  const shown = names.map((name) => showText(name, Math.min(MAX_NAME, room)));
  const many = names.length > 1;
  const whole = shown.join(", ");
  if (whole.length <= room) return { text: whole, many };
  let few = shown.length - 1;
  const text = (): string => `${shown.slice(0, few).join(", ")} and ${shown.length - few} more`;
  while (few > 1 && text().length > room) few--;
  return { text: text(), many };
}

function namedInRequest({ record }: Alert): string[] {
  const request = valueAt(record, "requestParameters");
  if (!isObject(request)) return [];
  return Object.entries(request).flatMap(([key, value]) =>
    typeof value === "string" && value !== "" && IDENTIFYING.test(key) && !NO_RESOURCE.test(key)
      ? [`${value} (${key})`]
      : [],
  );
}
