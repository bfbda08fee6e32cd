/**
 * The dotted key under which a rule names a fact, parsed once.
 *
 * Keys are those of the `flat` package (`requestParameters.ipPermissions.items.0.fromPort`). Two spellings are added
 * because people write them: `items[0]` for one element and `items[*]` for all. A numeric key without brackets stays
 * ambiguous, as it is in flat: it is an element of a list or a key of an object.
 *
 *     parseFactPath("requestParameters.ipPermissions.items[*].fromPort").segments
 *     // key requestParameters, key ipPermissions, key items, each, key fromPort
 */

/** One step of a path: a key, `[n]`, or `[*]`. */
export type Segment =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "each" };

/** A parsed fact name. */
export type FactPath = {
  readonly text: string;
  /** The first key: a field of the CloudTrail record, or the name of a derived fact. */
  readonly root: string;
  readonly segments: readonly Segment[];
  /** Whether `[*]` occurs: such a fact is always a list. */
  readonly each: boolean;
};

/** A fact name that cannot be read; the message says what is wrong and how to mend it. */
export class FactPathError extends Error {
  override readonly name = "FactPathError";
}

const MAX_SEGMENTS = 32;
const STEP = /([^.[\]]+)|\[(\*|\d{1,9})\]|\./gy;

/**
 * Parses the name of a fact.
 * @throws FactPathError when it is no dotted key.
 */
export function parseFactPath(text: string): FactPath {
  const segments: Segment[] = [];
  let expectKey = true;
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const at = STEP.lastIndex;
    const step = STEP.exec(text);
    if (step === null) throw new FactPathError(badCharacter(text, at));
    const [token, key, bracket] = step;
    if (key !== undefined) {
      segments.push({ kind: "key", key });
      expectKey = false;
    } else if (bracket !== undefined) {
      if (expectKey)
        throw new FactPathError(
          `"${text}" has [${bracket}] without a name in front of it: write list[${bracket}].`,
        );
      segments.push(bracket === "*" ? { kind: "each" } : { kind: "index", index: Number(bracket) });
    } else if (token === ".") {
      if (expectKey)
        throw new FactPathError(
          `"${text}" has an empty part at character ${at + 1}: take the extra dot out.`,
        );
      expectKey = true;
    }
    const next = text[STEP.lastIndex];
    if (key === undefined && bracket !== undefined && next !== undefined && next !== "." && next !== "[") {
      throw new FactPathError(`"${text}" lacks a dot after [${bracket}]: write [${bracket}].${next}…`);
    }
  }
  const first = segments[0];
  if (first === undefined || first.kind !== "key")
    throw new FactPathError(
      "The name of a fact is empty: write a field of the CloudTrail record, e.g. eventName.",
    );
  if (expectKey) throw new FactPathError(`"${text}" ends with a dot: take it out.`);
  if (segments.length > MAX_SEGMENTS)
    throw new FactPathError(`"${text}" has ${segments.length} parts; at most ${MAX_SEGMENTS} are read.`);
  return { text, root: first.key, segments, each: segments.some((segment) => segment.kind === "each") };
}

function badCharacter(text: string, at: number): string {
  return `"${text}" cannot be read at character ${at + 1} (${JSON.stringify(text[at])}): a fact is a dotted key such as requestParameters.groupId, items[0] or items[*].`;
}
