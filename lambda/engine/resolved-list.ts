/**
 * A list as conditions compare with it. Normalising puts it in the place of its name, so that predicates, selectors and
 * whoever explains a rule have the values at hand; it knows the name it came by, which is what people are shown and
 * what json-rules-engine is given: that clones the value of every condition of a rule that matches.
 *
 *     const office = new ResolvedList("office", { kind: "cidr", values: ["192.0.2.0/24"], description: "…" });
 *     office.has("192.0.2.7")   // true
 *
 * A look-up costs the same for ten values and for ten thousand.
 *
 * The values of a dynamic list are not known here. It answers as a list of which nothing is known: a comparison with it
 * holds, whichever side of a `not:` it stands on, for every text that any values could make it hold for. So candidates
 * and selectors never rest on what the list holds today; the judge is given a list with the values of the time.
 */
import { compileCidrs } from "./cidr.ts";
import { compileLikes } from "./like.ts";
import type { List, RuleSet } from "./rule.ts";

/** A list with its name. */
export class ResolvedList {
  readonly name: string;
  readonly kind: List["kind"];
  readonly values: readonly string[];
  /** Whether its values are not known here. */
  readonly dynamic: boolean;
  #includes: ((text: string) => boolean) | undefined;
  #none: ResolvedList | undefined;

  constructor(name: string, { kind, values, dynamic }: List) {
    this.name = name;
    this.kind = kind;
    this.values = values;
    this.dynamic = dynamic !== undefined;
    if (this.dynamic) this.#includes = () => true;
  }

  /**
   * The list as a comparison meets it that holds for what is in the list (`wanted`) or for what is not: a dynamic one
   * then has every text, or none.
   */
  inSense(wanted: boolean): ResolvedList {
    if (!this.dynamic || wanted) return this;
    return (this.#none ??= new ResolvedList(this.name, { kind: "exact", values: [], description: "" }));
  }

  /** Whether a fact is in the list; what is no text never is. */
  has(fact: unknown): boolean {
    // Compiled when the first record asks: most lists of a rule set are asked by no record of a cold start.
    return typeof fact === "string" && (this.#includes ??= compile(this.kind, this.values))(fact);
  }

  /** In JSON, and so wherever people read it, a list is its name. */
  toJSON(): string {
    return this.name;
  }
}

function compile(kind: List["kind"], values: readonly string[]): (text: string) => boolean {
  switch (kind) {
    case "wildcard":
      return compileLikes(values);
    case "cidr":
      return compileCidrs(values);
    default: {
      const known = new Set(values);
      return (text) => known.has(text);
    }
  }
}

const resolved = new WeakMap<RuleSet["lists"], Map<string, ResolvedList>>();

/** The list of a rule set by its name, the same one each time; undefined when there is none. */
export function resolveList(name: string, lists: RuleSet["lists"]): ResolvedList | undefined {
  const known = resolved.get(lists) ?? new Map<string, ResolvedList>();
  resolved.set(lists, known);
  const found = known.get(name);
  if (found !== undefined) return found;
  const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
  if (list === undefined) return undefined;
  const made = new ResolvedList(name, list);
  known.set(name, made);
  return made;
}
