/**
 * The coverage for people: by tactic, so that a gap shows as a short or missing paragraph.
 *
 *   Defense Impairment: 2 techniques, 3 rules
 *     T1685.002  Disable or Modify Tools: Disable or Modify Cloud Log: 1 rule
 *                  cloudtrail.amazonaws.com/trail-changed
 */
import { counted } from "../words.ts";
import type { Coverage, TechniqueCoverage } from "./coverage-schema.ts";

const INDENT = " ".repeat("  T0000.000    ".length);

/** The text, ending with a line break. */
export function formatCoverage({ tactics, withoutTechnique }: Coverage): string {
  const shown = new Set<string>();
  const paragraphs: string[][] = [];
  for (const { name, techniques } of tactics) {
    if (techniques.length > 0)
      paragraphs.push([heading(name, techniques), ...techniques.flatMap((one) => linesOf(one, shown))]);
  }
  if (withoutTechnique.length > 0)
    paragraphs.push([
      `Without a technique: ${counted(withoutTechnique.length, "rule")}`,
      ...withoutTechnique.map((id) => `  ${id}`),
    ]);
  const unwatched = tactics.filter(({ techniques }) => techniques.length === 0).map(({ name }) => name);
  if (unwatched.length > 0) paragraphs.push([`No rule watches: ${unwatched.join(", ")}`]);
  return paragraphs.map((paragraph) => `${paragraph.join("\n")}\n`).join("\n");
}

/** Counts what is watched: techniques and rules that are only staged are left to the lines below. */
function heading(name: string, techniques: readonly TechniqueCoverage[]): string {
  const active = techniques.filter(({ rules }) => rules.length > 0);
  const rules = new Set(active.flatMap((technique) => technique.rules));
  return `${name}: ${counted(active.length, "technique")}, ${counted(rules.size, "rule")}`;
}

/** A technique of several tactics names its rules under the first. */
function linesOf({ id, name, rules, staged }: TechniqueCoverage, shown: Set<string>): string[] {
  const counts = `${counted(rules.length, "rule")}${staged.length === 0 ? "" : `, ${staged.length} staged`}`;
  const line = `  ${id.padEnd("T0000.000".length)}  ${name}: ${counts}`;
  if (shown.has(id)) return [`${line} (as above)`];
  shown.add(id);
  return [
    line,
    ...rules.map((rule) => `${INDENT}${rule}`),
    ...staged.map((rule) => `${INDENT}${rule} (staged: its alerts go nowhere)`),
  ];
}

/** One line of totals. */
export function coverageTotals({ attackVersion, totals }: Coverage): string {
  const { techniques, techniquesOfAttack, active, staged, withoutTechnique } = totals;
  return (
    `${counted(active, "active rule")} watch ${counted(techniques, "technique")} of the ${techniquesOfAttack} of ` +
    `Enterprise ATT&CK ${attackVersion}; ${staged} staged; ${withoutTechnique} without a technique.`
  );
}
