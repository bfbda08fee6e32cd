/**
 * The coverage as a layer of the ATT&CK Navigator, layer format 4.5: the matrix with each watched technique coloured by
 * how many active rules watch it. A technique is named without a tactic, which Navigator shows under each of its
 * tactics; the parents of sub-techniques are there only to be unfolded. Navigator drops metadata and links with an
 * empty text and complains of any field of another type, so nothing is written that has nothing to say.
 *
 *   { "techniqueID": "T1685.002", "score": 3, "comment": "3 active rules.", "metadata": [{ "name": "…", "value": "…" }], … }
 */
import type { RuleSet } from "../../lambda/engine/rule.ts";
import { ATTACK_MAJOR } from "../../lambda/attack/attack-techniques.ts";
import { counted } from "../words.ts";
import type { Coverage, TechniqueCoverage } from "./coverage-schema.ts";

type LayerTechnique = {
  readonly techniqueID: string;
  readonly score?: number;
  readonly comment?: string;
  readonly showSubtechniques?: true;
  readonly metadata?: readonly { readonly name: string; readonly value: string }[];
  readonly links?: readonly { readonly label: string; readonly url: string }[];
};

const FEW = "#cfe3f7";
const MANY = "#1f5fa8";

/** The layer of a rule set and its coverage: plain JSON data. */
export function navigatorLayer(coverage: Coverage, { rules }: Pick<RuleSet, "rules">) {
  const covered = new Map(
    coverage.tactics.flatMap(({ techniques }) => techniques).map((one) => [one.id, one] as const),
  );
  const parents = new Set(
    [...covered.keys()].flatMap((id) => (id.includes(".") ? [id.split(".")[0] ?? id] : [])),
  );
  const ids = [...new Set([...covered.keys(), ...parents])].toSorted();
  const names = new Map(rules.map(({ id, name }) => [id, name]));
  // The gradient's upper bound must be above its lower one.
  const most = Math.max(2, ...[...covered.values()].map((one) => one.rules.length));
  return {
    name: "CloudTrail Engine",
    versions: { attack: ATTACK_MAJOR, navigator: "4.9.0", layer: "4.5" },
    domain: "enterprise-attack",
    description:
      `Techniques that the rules watch; the score is the number of active rules. ` +
      `${counted(coverage.totals.active, "active rule")}, ${coverage.totals.staged} staged.`,
    sorting: 3,
    layout: { layout: "side", showID: true, showName: true },
    techniques: ids.map((id): LayerTechnique => {
      const technique = covered.get(id);
      const annotated = technique === undefined ? { techniqueID: id } : annotate(technique, names);
      return parents.has(id) ? Object.assign(annotated, { showSubtechniques: true as const }) : annotated;
    }),
    gradient: { colors: [FEW, MANY], minValue: 1, maxValue: most },
    legendItems: [
      { label: counted(1, "rule"), color: FEW },
      { label: counted(most, "rule"), color: MANY },
    ],
    metadata: [{ name: "ATT&CK", value: coverage.attackVersion }],
  };
}

function annotate(technique: TechniqueCoverage, names: ReadonlyMap<string, string>): LayerTechnique {
  const { id: techniqueID, rules, staged, url } = technique;
  const nameOf = (id: string): string => names.get(id) ?? id;
  return {
    techniqueID,
    // Unscored has no colour: what only staged rules name is not watched.
    ...(rules.length === 0 ? {} : { score: rules.length }),
    comment: `${counted(rules.length, "active rule")}.${staged.length === 0 ? "" : ` ${staged.length} staged.`}`,
    metadata: [
      ...rules.map((id) => ({ name: id, value: nameOf(id) })),
      ...staged.map((id) => ({ name: `${id} (staged)`, value: nameOf(id) })),
    ],
    links: [{ label: "The technique at MITRE's", url }],
  };
}
