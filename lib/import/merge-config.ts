/**
 * Puts destinations into the text of cdk.json and leaves the rest of it as it stands: the file is people's, with their
 * order and line breaks. They are put in front of those that are there, below the objects that are there.
 *
 *   mergeDestinations('{ "context": {} }', [{ id: "mail", settings: { type: "ses", … }, … }])
 *   // { text: '{ "context": { "engine": { "destinations": { "mail": … } } } }', taken: [] }
 */
import { isMap, parseDocument } from "yaml";
import { isObject, valueAt } from "../../lambda/record/untrusted.ts";
import type { DestinationDraft } from "./model.ts";
import { Refusal } from "./model.ts";

const KEYS = ["context", "engine", "destinations"];

/** The new text, and the ids that already stand for another destination there: they are not put in. */
export type MergedConfig = { readonly text: string; readonly taken: readonly string[] };

/** The destinations as they stand in cdk.json. */
export function destinationsObject(drafts: readonly DestinationDraft[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(drafts.map(({ id, settings }) => [id, settings]));
}

/**
 * Merges destinations into the text of a cdk.json.
 * @throws Refusal when the text is no JSON object, or one on the way is none.
 */
export function mergeDestinations(text: string, drafts: readonly DestinationDraft[]): MergedConfig {
  let data: unknown;
  try {
    data = JSON.parse(text) as unknown;
  } catch {
    throw new Refusal("The file is no JSON.");
  }
  const there = valueAt(data, ...KEYS);
  const known = isObject(there) ? there : {};
  const isSame = (draft: DestinationDraft): boolean =>
    JSON.stringify(known[draft.id]) === JSON.stringify(draft.settings);
  const taken = drafts
    .filter((draft) => Object.hasOwn(known, draft.id) && !isSame(draft))
    .map(({ id }) => id);
  const fresh = drafts.filter(({ id }) => !Object.hasOwn(known, id));
  if (fresh.length === 0) return { text, taken };
  return { text: insert(text, data, destinationsObject(fresh)), taken };
}

function insert(text: string, data: unknown, added: Readonly<Record<string, unknown>>): string {
  let depth = 0;
  while (
    depth < KEYS.length &&
    Object.hasOwn(Object(valueAt(data, ...KEYS.slice(0, depth))), KEYS[depth] ?? "")
  )
    depth++;
  if (!isObject(valueAt(data, ...KEYS.slice(0, depth))))
    throw new Refusal(`${["cdk.json", ...KEYS.slice(0, depth)].join(".")} is no object.`);
  const content = KEYS.slice(depth).reduceRight<unknown>((inner, key) => ({ [key]: inner }), added);
  const document = parseDocument(text);
  const node = depth === 0 ? document.contents : document.getIn(KEYS.slice(0, depth), true);
  if (!isMap(node) || node.range === undefined || node.range === null)
    throw new Refusal("The file is no JSON object.");
  const start = node.range[0] + 1;
  const indent = "  ".repeat(depth + 1);
  const written = JSON.stringify(content, null, 2)
    .replace(/^\{\n/, "")
    .replace(/\n\}$/, "")
    .split("\n")
    .map((line) => `${"  ".repeat(depth)}${line}`)
    .join("\n");
  const isEmpty = node.items.length === 0;
  const rest = text.slice(start);
  return `${text.slice(0, start)}\n${written}${isEmpty ? `\n${indent.slice(2)}${rest.trimStart()}` : `,${rest}`}`;
}
