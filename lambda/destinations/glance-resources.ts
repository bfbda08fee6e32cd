/**
 * What was touched. CloudTrail lists resources for some calls only; of the others the request names it, or for what was
 * just made the response does, by a field that ends in "Id", "Name" or "Arn".
 *
 *     resourcesOf(alert, 300)   // { text: "sg-0a1b2c3d (groupId)", many: false }
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import { isObject, valueAt } from "../record/untrusted.ts";
import { leaves } from "./leaves.ts";

const IDENTIFYING = /(?:id|identifier|name|arn)$/i;
/** Fields that end so and name nothing: they make a retry harmless, turn a page, or say who asked. */
const NO_RESOURCE = /token|request|owner|account|principal|requester/i;
const MAX_NAME = 256;
const MAX_NAMES = 3;
/** Names stand near the top, in a list at the deepest (`instancesSet.items.0.instanceId`). */
const MAX_DEPTH = 4;
const MAX_LEAVES = 500;

/** As many of an alert's resources as fit into `room` characters, and how many do not; empty if none is known. */
export function resourcesOf(alert: Alert, room: number): { readonly text: string; readonly many: boolean } {
  const names = alert.resources.length > 0 ? alert.resources.map(({ arn }) => arn) : namedInRecord(alert);
  const shown = names.map((name) => showText(name, Math.min(MAX_NAME, room)));
  const many = names.length > 1;
  const whole = shown.join(", ");
  if (whole.length <= room) return { text: whole, many };
  let few = shown.length - 1;
  const text = (): string => `${shown.slice(0, few).join(", ")} and ${shown.length - few} more`;
  while (few > 1 && text().length > room) few--;
  return { text: text(), many };
}

function namedInRecord({ record }: Alert): string[] {
  const requested = namesIn(valueAt(record, "requestParameters"));
  return requested.length > 0 ? requested : namesIn(valueAt(record, "responseElements"));
}

function namesIn(part: unknown): string[] {
  const names = new Set<string>();
  if (!isObject(part)) return [];
  let seen = 0;
  for (const { path, value } of leaves(part)) {
    if (++seen > MAX_LEAVES || names.size === MAX_NAMES) break;
    const keys = path.split(".");
    const key = keys.findLast((one) => !/^\d+$/.test(one)) ?? "";
    const isName = keys.length <= MAX_DEPTH && IDENTIFYING.test(key) && !NO_RESOURCE.test(key);
    if (isName && !/^(?:|null|true|false|\{\}|\[\])$/.test(value)) names.add(`${value} (${key})`);
  }
  return [...names];
}
