/**
 * Where a rule names a key that the record does not have: the key beside it that was most likely meant. A rule that
 * says `groupID` where CloudTrail writes `groupId` never matches, and nothing else ever says why.
 *
 *   nearKey({ requestParameters: { groupId: "sg-1" } }, parseFactPath("requestParameters.groupID"))
 *   // requestParameters.groupId
 */
import { nearest } from "../words/nearest.ts";
import type { FactPath } from "../record/fact-path.ts";

/** Records are hostile: one with a million keys must take no longer to look at than others. */
const MAX_KEYS = 300;

/** The dotted key that was most likely meant; undefined when nothing is missing, or nothing near is there. */
export function nearKey(root: unknown, { segments }: FactPath): string | undefined {
  let node = root;
  let path = "";
  for (const segment of segments) {
    if (segment.kind !== "key") {
      const index = segment.kind === "index" ? segment.index : 0;
      path += segment.kind === "index" ? `[${index}]` : "[*]";
      if (Array.isArray(node)) node = (node as readonly unknown[])[index];
      continue;
    }
    if (typeof node !== "object" || node === null || Array.isArray(node)) return undefined;
    const { key } = segment;
    if (!Object.hasOwn(node, key)) {
      const found = nearest(key, firstKeys(node));
      return found === undefined ? undefined : joined(path, found);
    }
    path = joined(path, key);
    node = (node as Readonly<Record<string, unknown>>)[key];
  }
  return undefined;
}

function firstKeys(node: object): readonly string[] {
  const keys: string[] = [];
  for (const key in node) {
    if (keys.push(key) === MAX_KEYS) break;
  }
  return keys;
}

function joined(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
