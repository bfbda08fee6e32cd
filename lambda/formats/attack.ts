/**
 * The techniques that a rule names, with names, tactics and addresses of ATT&CK, for formats that want more than ids. It
 * brings 50 KB of data along: only formats that are loaded when an alert needs them may import it.
 *
 *     attackPoints(["T1685.002"])
 *     // [{ tactics: [{ id: "TA0112", … }], technique: { id: "T1685", … }, subtechnique: { id: "T1685.002", … } }]
 */
import { type Tactic, techniqueOf } from "../attack/attack-techniques.ts";

export { ATTACK_VERSION } from "../attack/attack-techniques.ts";

/** A tactic, technique or sub-technique; name and page are absent where ATT&CK of this version has no such id. */
export type Named = { readonly id: string; readonly name?: string; readonly url?: string };

/** What one id of a rule stands for. A technique serves several tactics; none is known of an id that is not there. */
export type AttackPoint = {
  readonly tactics: readonly Named[];
  readonly technique: Named;
  readonly subtechnique?: Named;
};

const TECHNIQUE_ID = /^T\d{4}(?:\.\d{3})?$/;

/** The points of the ids that have the form of one, each once. */
export function attackPoints(ids: readonly string[]): AttackPoint[] {
  return [...new Set(ids)].filter((id) => TECHNIQUE_ID.test(id)).map(pointOf);
}

function pointOf(id: string): AttackPoint {
  const parent = id.slice(0, 5);
  return {
    tactics: (techniqueOf(id)?.tactics ?? []).map(namedTactic),
    technique: named(parent),
    ...(id === parent ? {} : { subtechnique: named(id) }),
  };
}

function named(id: string): Named {
  const known = techniqueOf(id);
  return known === undefined ? { id } : { id, name: known.name, url: known.url };
}

function namedTactic({ id, name }: Tactic): Named {
  return { id, name, url: `https://attack.mitre.org/tactics/${id}/` };
}
