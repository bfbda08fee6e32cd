/**
 * Where in a record the values of a fact stand: each under its own key, as `flat` writes it, so that a page can light
 * them. It goes the ways that `resolveFact` goes, and a property test holds the two together.
 *
 *     locateFact({ items: [{ port: 22 }, { port: 80 }] }, parseFactPath("items[*].port"))
 *     // { key: "items.0.port", value: 22 }, { key: "items.1.port", value: 80 }
 */
import type { FactPath, Segment } from "./fact-path.ts";
import { isObject } from "./untrusted.ts";

/** A value and the flattened key under which it stands. */
export type Located = { readonly key: string; readonly value: unknown };

/** All values of a fact in the record; several of one key where keys of the record collide. None when it is absent. */
export function locateFact(root: unknown, { segments }: FactPath): readonly Located[] {
  const found: Located[] = [];
  visit({ key: "", value: root }, segments, 0, found);
  return found;
}

/** What is one level below a value: none below a plain one. */
export function locatedBelow({ key, value }: Located): readonly Located[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([name, child]) => ({ key: join(key, name), value: child as unknown }));
}

function visit(place: Located, segments: readonly Segment[], at: number, found: Located[]): void {
  const segment = segments[at];
  const { key, value } = place;
  if (segment === undefined) {
    if (value !== undefined) found.push(place);
  } else if (segment.kind === "each") {
    // What CloudTrail collapsed from a list of one element stands where the list would.
    const elements = Array.isArray(value) ? locatedBelow(place) : isFilled(value) ? [place] : [];
    for (const element of elements) visit(element, segments, at + 1, found);
  } else if (segment.kind === "index") {
    if (Array.isArray(value))
      visit(
        { key: join(key, String(segment.index)), value: value[segment.index] as unknown },
        segments,
        at + 1,
        found,
      );
    else if (segment.index === 0 && isFilled(value)) visit(place, segments, at + 1, found);
  } else {
    visitKey(place, segments, at, segment.key, found);
  }
}

function visitKey(
  { key, value }: Located,
  segments: readonly Segment[],
  at: number,
  name: string,
  found: Located[],
): void {
  if (Array.isArray(value)) {
    const index = /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : value.length;
    if (index < value.length)
      visit({ key: join(key, name), value: value[index] as unknown }, segments, at + 1, found);
    return;
  }
  if (!isObject(value)) return;
  if (Object.hasOwn(value, name))
    visit({ key: join(key, name), value: value[name] }, segments, at + 1, found);
  let dotted = name;
  for (let next = at + 1; next < segments.length; next++) {
    const segment = segments[next];
    if (segment?.kind !== "key") break;
    dotted += `.${segment.key}`;
    if (Object.hasOwn(value, dotted))
      visit({ key: join(key, dotted), value: value[dotted] }, segments, next + 1, found);
  }
}

function join(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}.${name}`;
}

function isFilled(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
