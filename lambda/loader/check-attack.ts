/**
 * Checks the ATT&CK ids of a rule. A wrong id is silent otherwise: the rule works, and only the coverage report and
 * whoever reads the alert are misled. Ids of before v19 are still in every blog post, so each is answered with the id
 * it has today.
 *
 *   attack: [T1562.008]    // T1562.008 is T1685.002 since ATT&CK v19. Write T1685.002 (Disable or Modify Tools: …).
 */
import {
  isWithdrawn,
  replacementOf,
  subtechniquesOf,
  type Technique,
  TECHNIQUE_IDS,
  techniqueOf,
} from "../attack/attack-techniques.ts";
import { nearest } from "../words/nearest.ts";
import type { Report } from "./report.ts";

const ALL = "https://attack.mitre.org/techniques/enterprise/ lists all.";
const ID = /^T\d{4}(\.\d{3})?$/;

/** Reports each id that is none of ATT&CK v19. What is no id at all is left to the schema. */
export function checkAttack(report: Report, attack: unknown): void {
  if (!Array.isArray(attack)) return;
  const seen = new Set<unknown>();
  for (const [index, id] of attack.entries()) {
    if (typeof id !== "string" || !ID.test(id)) continue;
    const path = ["attack", index];
    const wrong = explainId(id);
    if (wrong !== undefined) report.add(path, wrong.message, wrong.cure);
    else if (seen.has(id))
      report.add(path, `${id} is there already.`, "Delete one of the two.", { severity: "warning" });
    seen.add(id);
  }
}

type Advice = { readonly message: string; readonly cure: string };

function explainId(id: string): Advice | undefined {
  if (techniqueOf(id) !== undefined) return undefined;
  const replaced = replacementOf(id);
  const now = replaced === undefined ? undefined : techniqueOf(replaced.id);
  if (replaced !== undefined && now !== undefined) {
    const since = replaced.since === undefined ? "now" : `since ATT&CK ${replaced.since}`;
    return { message: `${id} is ${now.id} ${since}.`, cure: `Write ${named(now)}.` };
  }
  if (isWithdrawn(id))
    return {
      message: `${id} was withdrawn from ATT&CK.`,
      cure: `Choose a technique that still exists: ${ALL}`,
    };
  return { message: `${id} is no technique of Enterprise ATT&CK v19.`, cure: cureFor(id) };
}

/** What was probably meant, from the half of the id that is known. */
function cureFor(id: string): string {
  const [written = id, suffix] = id.split(".");
  const parent = techniqueOf(written) ?? techniqueOf(replacementOf(written)?.id ?? "");
  if (suffix === undefined || parent === undefined) {
    const meant = near(written).map((one) => techniqueOf(`${one}.${suffix}`) ?? techniqueOf(one));
    const choices = meant.flatMap((one) => (one === undefined ? [] : [named(one)]));
    return choices.length === 0 ? ALL : `Did you mean ${choices.join(" or ")}?`;
  }
  const subtechniques = subtechniquesOf(parent.id);
  if (subtechniques.length === 0) return `${named(parent)} has no sub-techniques: write ${parent.id}.`;
  const choices = subtechniques.map((one) => `${one.id} (${one.name})`).join(", ");
  return `${parent.id} has ${choices}.`;
}

/** Numbers have many neighbours: a few of them, for the reader to choose by name. */
function near(id: string): readonly string[] {
  const left = new Set(TECHNIQUE_IDS.filter((one) => !one.includes(".")));
  const found: string[] = [];
  for (let one = nearest(id, left); one !== undefined && found.length < 4; one = nearest(id, left)) {
    left.delete(one);
    found.push(one);
  }
  return found;
}

function named({ id, fullName }: Technique): string {
  return `${id} (${fullName})`;
}
