/**
 * MITRE ATT&CK for Enterprise, v19: ids, names and tactics of its 222 techniques and 475 sub-techniques, so that a rule
 * cannot name one that does not exist and coverage is counted in MITRE's own terms. v19 (April 2026) split Defense
 * Evasion into Stealth and Defense Impairment and gave many of its techniques new ids; whoever writes an old one is
 * told the new one.
 *
 *   techniqueOf("T1685.002")?.fullName      // "Disable or Modify Tools: Disable or Modify Cloud Log"
 *   replacementOf("T1562.008")              // { id: "T1685.002", since: "v19" }
 *   formerIdsOf("T1685.002")                // ["T1562.008"]
 *
 * The data beside this file were taken down from published listings that were generated from MITRE's
 * enterprise-attack-19.2.json, not from that bundle itself, which is too large to carry. What speaks for them: two
 * listings agree; 222 + 475 are MITRE's own counts; with the 149 replaced and 12 withdrawn ids they make 858, the number
 * of techniques in the bundle. What is less sure: a sub-technique has its parent's tactics here, as MITRE demands of
 * itself; and in which version an id was replaced is known for v19 only. For a new version of ATT&CK, take
 * `attack-pattern` (name, external_id, kill_chain_phases, revoked, x_mitre_deprecated) and the `revoked-by`
 * relationships from https://github.com/mitre-attack/attack-stix-data.
 */
import data from "./attack-techniques.json" with { type: "json" };

/** A tactic: what an attacker is after. */
export type Tactic = {
  readonly id: string;
  /** The name inside STIX and Navigator layers, e.g. `defense-impairment`. */
  readonly key: string;
  readonly name: string;
};

/** A technique or sub-technique. */
export type Technique = {
  readonly id: string;
  readonly name: string;
  /** A sub-technique's name alone can mean anything ("Cloud Accounts"): with its parent's in front. */
  readonly fullName: string;
  readonly parent?: string;
  /** In the order of the matrix. */
  readonly tactics: readonly Tactic[];
  /** Its page at MITRE's. */
  readonly url: string;
};

/** The version of ATT&CK that the data are of. */
export const ATTACK_VERSION = data.version;
/** The part of the version that changes ids. */
export const ATTACK_MAJOR = ATTACK_VERSION.split(".")[0] ?? ATTACK_VERSION;

/** All tactics, in the order of the matrix. */
export const TACTICS: readonly Tactic[] = data.tactics;

const entries: Readonly<Record<string, readonly string[]>> = data.techniques;
const replacedInV19: Readonly<Record<string, string>> = data.replacedInV19;
const replacedBefore: Readonly<Record<string, string>> = data.replacedBefore;
const withdrawn: ReadonlySet<string> = new Set(data.withdrawn);

/** Every id of a technique or sub-technique, in order. */
export const TECHNIQUE_IDS: readonly string[] = Object.keys(entries);

/** The technique of an id, or undefined when v19 has none. */
export function techniqueOf(id: string): Technique | undefined {
  const entry = Object.hasOwn(entries, id) ? entries[id] : undefined;
  if (entry === undefined) return undefined;
  const [name = id, ...keys] = entry;
  const [parent = id, suffix] = id.split(".");
  return {
    id,
    name,
    fullName: suffix === undefined ? name : `${entries[parent]?.[0] ?? parent}: ${name}`,
    ...(suffix === undefined ? {} : { parent }),
    tactics: TACTICS.filter(({ key }) => keys.includes(key)),
    url: `https://attack.mitre.org/techniques/${id.replace(".", "/")}/`,
  };
}

/** The sub-techniques of a technique, in order. */
export function subtechniquesOf(id: string): readonly Technique[] {
  return TECHNIQUE_IDS.flatMap((one) => {
    const technique = one.startsWith(`${id}.`) ? techniqueOf(one) : undefined;
    return technique === undefined ? [] : [technique];
  });
}

/** What an id of an earlier version is today; undefined when it was never replaced. */
export function replacementOf(id: string): { readonly id: string; readonly since?: "v19" } | undefined {
  const inV19 = Object.hasOwn(replacedInV19, id) ? replacedInV19[id] : undefined;
  if (inV19 !== undefined) return { id: inV19, since: "v19" };
  const before = Object.hasOwn(replacedBefore, id) ? replacedBefore[id] : undefined;
  return before === undefined ? undefined : { id: before };
}

/** The ids that a technique of v19 had in v18, for tools that still count in them; none where nothing changed. */
export function formerIdsOf(id: string): readonly string[] {
  return Object.entries(replacedInV19).flatMap(([old, now]) => (now === id ? [old] : []));
}

/** Whether MITRE took the technique out of ATT&CK and put nothing in its place. */
export function isWithdrawn(id: string): boolean {
  return withdrawn.has(id);
}
