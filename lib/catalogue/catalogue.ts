/**
 * `rules/CATALOGUE.md`: every rule on one page, for people who do not read YAML and for those who have to answer what is
 * watched. It is generated, so it cannot say anything else than the rules do; equal rules give equal bytes, so that CI
 * finds one that has drifted.
 *
 *   catalogue(ruleSet, readCatalogueFiles("rules"))   // "# Catalogue of the rules\n…"
 */
import { type Rule, type RuleSet, SEVERITIES } from "../../lambda/engine/rule.ts";
import { ATTACK_MAJOR } from "../../lambda/attack/attack-techniques.ts";
import { coverageOf } from "../attack-coverage/coverage.ts";
import { counted } from "../words.ts";
import { createAnchors, textOf } from "./markdown.ts";
import { ruleEntry } from "./rule-entry.ts";
import type { CatalogueFiles } from "./rules-folder.ts";
import { sharedEntries, tableOf } from "./shared-entries.ts";

const URGENT_FIRST = SEVERITIES.toReversed();
const TITLE = "Catalogue of the rules";
const EVERY_SOURCE = "Every eventSource";

type Section = { readonly heading: string; readonly rules: readonly Rule[] };

/** The whole text, ending with a line break. The rule set must be that of the folder. */
export function catalogue(ruleSet: RuleSet, folder: CatalogueFiles): string {
  const sections = sectionsOf(ruleSet.rules);
  const shared = sharedEntries(ruleSet, folder);
  const lines = [
    `# ${TITLE}`,
    "",
    "Written by `npm run engine -- docs` from the rule files beside it: change those, not this file.",
    "",
    introduction(ruleSet),
    "",
    ...contents(
      sections,
      shared.map(({ heading }) => heading),
    ),
  ];
  for (const { heading, rules } of sections) {
    lines.push("", `## ${textOf(heading)}`);
    for (const rule of rules) {
      lines.push("", `### ${textOf(rule.name)}`, "");
      lines.push(...ruleEntry(rule, ruleSet, folder.files.get(`rule ${rule.id}`) ?? ""));
    }
  }
  for (const { heading, lines: rows } of shared) lines.push("", `## ${heading}`, "", ...rows);
  return `${lines.join("\n")}\n`;
}

/** The rules by eventSource, those of every source first; of one source the most urgent first. */
function sectionsOf(rules: readonly Rule[]): readonly Section[] {
  const sources = [...new Set(rules.map(({ eventSource }) => eventSource))].toSorted((a, b) =>
    (a ?? "") < (b ?? "") ? -1 : 1,
  );
  return sources.map((source) => ({
    heading: source ?? EVERY_SOURCE,
    rules: URGENT_FIRST.flatMap((severity) =>
      rules
        .filter((rule) => rule.eventSource === source && rule.severity === severity)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    ),
  }));
}

function introduction(ruleSet: RuleSet): string {
  const { totals, tactics } = coverageOf(ruleSet);
  const watched = tactics.filter(({ techniques }) => techniques.some(({ rules }) => rules.length > 0));
  const staged = totals.staged === 0 ? "" : `, ${totals.staged} of them staged: their alerts go nowhere yet`;
  return (
    `${counted(totals.rules, "rule")}${staged}. Watched: ${counted(totals.techniques, "technique")} of MITRE ATT&CK ` +
    `v${ATTACK_MAJOR}, in ${watched.length} of its ${tactics.length} tactics.`
  );
}

/** A table of the sections with how many rules of each severity they have, then links to what rules share. */
function contents(sections: readonly Section[], shared: readonly string[]): string[] {
  const anchorOf = createAnchors();
  anchorOf(TITLE);
  // Anchors are told apart by their order in the text, so every heading has to be asked for.
  const rows = sections.map(({ heading, rules }) => {
    const anchor = anchorOf(heading);
    for (const { name } of rules) anchorOf(name);
    return countsOf(`[${textOf(heading)}](#${anchor})`, rules);
  });
  const all = sections.flatMap(({ rules }) => rules);
  const links = shared.map((heading) => `[${heading}](#${anchorOf(heading)})`);
  return [
    ...tableOf(
      ["eventSource", ...URGENT_FIRST.map((severity) => `${severity}:`), "rules:"],
      [...rows, countsOf("**all**", all)],
    ),
    ...(links.length === 0 ? [] : ["", `Shared by rules: ${links.join(" · ")}`]),
  ];
}

function countsOf(label: string, rules: readonly Rule[]): string[] {
  const counts = URGENT_FIRST.map((severity) => rules.filter((rule) => rule.severity === severity).length);
  return [label, ...counts.map((count) => (count === 0 ? "" : String(count))), String(rules.length)];
}
