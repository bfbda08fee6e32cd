/**
 * Counts which techniques of ATT&CK the rules watch, by what each rule says in `attack`. A staged rule is counted apart:
 * its alerts go nowhere, so a technique that only staged rules name is not watched.
 *
 *   coverageOf(ruleSet).tactics.find(({ key }) => key === "stealth")?.techniques
 *   // [{ id: "T1078.004", name: "Valid Accounts: Cloud Accounts", rules: ["_global/root-used", …], staged: [] , … }]
 */
import type { Rule, RuleSet } from "../../lambda/engine/rule.ts";
import {
  ATTACK_VERSION,
  formerIdsOf,
  type Technique,
  TACTICS,
  TECHNIQUE_IDS,
  techniqueOf,
} from "../../lambda/attack/attack-techniques.ts";
import type { Coverage, TechniqueCoverage } from "./coverage-schema.ts";

/** The coverage of a rule set that was validated: an id that ATT&CK does not have would not be counted. */
export function coverageOf({ rules }: Pick<RuleSet, "rules">): Coverage {
  const named = TECHNIQUE_IDS.flatMap((id) => {
    const naming = rules.filter(({ attack = [] }) => attack.includes(id));
    const technique = naming.length === 0 ? undefined : techniqueOf(id);
    return technique === undefined ? [] : [{ technique, covered: cover(technique, naming) }];
  });
  const staged = rules.filter(isStaged).length;
  const without = rules.filter(({ attack = [] }) => attack.length === 0);
  return {
    attackVersion: ATTACK_VERSION,
    totals: {
      rules: rules.length,
      active: rules.length - staged,
      staged,
      withoutTechnique: without.length,
      techniques: named.filter(({ covered }) => covered.rules.length > 0).length,
      techniquesOfAttack: TECHNIQUE_IDS.length,
    },
    tactics: TACTICS.map(({ id, key, name }) => ({
      id,
      key,
      name,
      techniques: named
        .filter(({ technique }) => technique.tactics.some((tactic) => tactic.id === id))
        .map(({ covered }) => covered),
    })),
    withoutTechnique: without.map(({ id }) => id),
  };
}

function cover({ id, fullName, url }: Technique, naming: readonly Rule[]): TechniqueCoverage {
  return {
    id,
    name: fullName,
    url,
    formerIds: [...formerIdsOf(id)],
    rules: naming.filter((rule) => !isStaged(rule)).map((rule) => rule.id),
    staged: naming.filter(isStaged).map((rule) => rule.id),
  };
}

function isStaged({ mode }: Rule): boolean {
  return mode === "staged";
}
