import { describe, expect, it } from "vitest";
import { catalogue } from "../../../lib/catalogue/catalogue.ts";
import { readCatalogueFiles } from "../../../lib/catalogue/rules-folder.ts";
import { loadRules } from "../../../lambda/loader/load-rules.ts";
import { rulesDir } from "../../lambda/loader/rules-dir.ts";

/** The catalogue of a folder whose files must have no errors. */
function catalogueOf(files: Readonly<Record<string, string>>): string {
  const dir = rulesDir(files);
  const { ruleSet, problems } = loadRules(dir);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return catalogue(ruleSet, readCatalogueFiles(dir));
}

function rule(name: string, more = "", severity = "low", extra = ""): string {
  return `name: ${name}\nseverity: ${severity}\n${more}conditions:\n  all:\n    - { fact: eventName, operator: equal, value: StopLogging }\n${extra}`;
}

const FULL = {
  "_conditions/done.yaml":
    "description: The call went through.\nconditions: { fact: errorCode, operator: exists, value: false }\n",
  "_conditions/written.yaml":
    "conditions: { all: [{ condition: done }, { fact: readOnly, operator: equal, value: false }] }\n",
  "_lists/ours.yaml": `description: Our accounts.\nkind: exact\nvalues: [${Array.from({ length: 12 }, (_, at) => `"1234567890${at + 10}"`).join(", ")}]\n`,
  "_suppressions/nightly-job.yaml":
    'rules: ["cloudtrail.amazonaws.com/*"]\nconditions: { all: [{ fact: recipientAccountId, operator: inList, value: ours }, { condition: done }] }\nreason: The nightly job rotates trails.\nowner: platform team\nexpires: "2099-12-31"\n',
  "cloudtrail.amazonaws.com/stopped.yaml": rule(
    "Trail stopped",
    "description: Somebody stopped a trail.\nattack: [T1685.002]\ntags: [cis-4.5, logging]\nfalsePositives: Tests of the trail.\nrunbook: Start it again.\nreferences: [https://docs.aws.amazon.com/x]\n",
    "critical",
    "    - { condition: written }\n    - { fact: recipientAccountId, operator: inList, value: ours }\n",
  ),
};

describe("the catalogue", () => {
  it("tells of a rule what it says, what it watches and what it is built on", () => {
    expect(catalogueOf(FULL)).toBe(`# Catalogue of the rules

Written by \`npm run engine -- docs\` from the rule files beside it: change those, not this file.

1 rule. Watched: 1 technique of MITRE ATT&CK v19, in 1 of its 15 tactics.

| eventSource | critical | high | medium | low | info | rules |
| --- | --: | --: | --: | --: | --: | --: |
| [cloudtrail.amazonaws.com](#cloudtrailamazonawscom) | 1 |  |  |  |  | 1 |
| **all** | 1 |  |  |  |  | 1 |

Shared by rules: [Shared conditions](#shared-conditions) · [Lists](#lists) · [Suppressions](#suppressions)

## cloudtrail.amazonaws.com

### Trail stopped

[\`cloudtrail.amazonaws.com/stopped\`](cloudtrail.amazonaws.com/stopped.yaml) · **critical**

Somebody stopped a trail.

- **Watches:** \`StopLogging\` of \`cloudtrail.amazonaws.com\`
- **Technique:** [T1685.002 Disable or Modify Tools: Disable or Modify Cloud Log](https://attack.mitre.org/techniques/T1685/002/) (Defense Impairment)
- **Shared conditions:** \`done\`, \`written\`
- **Lists:** \`ours\`
- **Tags:** \`cis-4.5\`, \`logging\`
- **False positives:** Tests of the trail.
- **What to do:** Start it again.
- **References:** <https://docs.aws.amazon.com/x>

## Shared conditions

| condition | means | used by |
| --- | --- | --: |
| [\`done\`](_conditions/done.yaml) | The call went through. | 2 |
| [\`written\`](_conditions/written.yaml) |  | 1 |

## Lists

| list | holds | kind | values | used by |
| --- | --- | --- | --- | --: |
| [\`ours\`](_lists/ours.yaml) | Our accounts. | exact | ${Array.from({ length: 10 }, (_, at) => `\`1234567890${at + 10}\``).join(", ")} and 2 others | 2 |

## Suppressions

| suppression | of | reason | owner | last day |
| --- | --- | --- | --- | --- |
| [\`nightly-job\`](_suppressions/nightly-job.yaml) | \`cloudtrail.amazonaws.com/*\` | The nightly job rotates trails. | platform team | 2099-12-31 |
`);
  });

  it("leaves out what a rule does not say, and sections that are empty", () => {
    const text = catalogueOf({ "cloudtrail.amazonaws.com/x.yml": rule("Bare") });
    expect(text).not.toMatch(
      /Technique|Tags|False positives|What to do|References|Lists|Suppressions|Shared/,
    );
    expect(text).toContain("(cloudtrail.amazonaws.com/x.yml)");
  });

  it("goes by eventSource, those of any source first, and within by urgency", () => {
    const text = catalogueOf({
      "s3.amazonaws.com/a.yaml": rule("Low A"),
      "s3.amazonaws.com/b.yaml": rule("Critical B", "", "critical"),
      "s3.amazonaws.com/c.yaml": rule("High C", "mode: staged\n", "high"),
      "ec2.amazonaws.com/d.yaml": rule("D"),
      "_global/e.yaml": rule("E"),
    });
    expect(text.match(/^##+ .*$/gm)).toEqual([
      "## Every eventSource",
      "### E",
      "## ec2.amazonaws.com",
      "### D",
      "## s3.amazonaws.com",
      "### Critical B",
      "### High C",
      "### Low A",
    ]);
    expect(text).toContain("5 rules, 1 of them staged: their alerts go nowhere yet.");
    expect(text).toContain("· **high** · **staged**: its alerts go nowhere\n");
    expect(text).toContain("`StopLogging` of any eventSource");
    expect(text).toContain("| **all** | 1 | 1 |  | 3 |  | 5 |");
  });

  it("leads to the right section where a rule is called like one", () => {
    const text = catalogueOf({
      "ec2.amazonaws.com/x.yaml": rule("s3.amazonaws.com"),
      "s3.amazonaws.com/y.yaml": rule("Lists"),
      "_lists/z.yaml": "description: Z\nkind: exact\nvalues: [a]\n",
    });
    expect(text).toContain("[s3.amazonaws.com](#s3amazonawscom-1)");
    expect(text).toContain("[Lists](#lists-1)");
  });

  it("shows hostile text as text, wherever it stands", () => {
    const evil = String.raw`"<script>x</script> [a](https://evil.example) |\u202e\u001b[31m\n# no heading"`;
    const text = catalogueOf({
      "_lists/z.yaml": `description: ${evil}\nkind: exact\nvalues: ["a|b", "\`c\`"]\n`,
      "_suppressions/s.yaml": `rules: [ec2.amazonaws.com/x]\nconditions: { all: [{ fact: eventName, operator: equal, value: A }] }\nreason: ${evil}\nowner: ${evil}\nexpires: "2099-12-31"\n`,
      "ec2.amazonaws.com/x.yaml": `name: ${evil}\nseverity: low\ndescription: ${evil}\ntags: [${evil}]\nfalsePositives: ${evil}\nrunbook: ${evil}\nconditions: { all: [{ fact: eventName, operator: in, value: [${evil}, "A|\`B"] }] }\n`,
    });
    const outsideCode = text.replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, "");
    expect(outsideCode).not.toMatch(/(?<!\\)<script/);
    expect(outsideCode).not.toMatch(/(?<!\\)\[a(?<!\\)\]/);
    expect(text).not.toMatch(/^# no heading/m);
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    const cells = text.split("\n").filter((line) => line.startsWith("| ["));
    expect(cells.map((line) => line.split(/(?<!\\)\|/).length - 2)).toEqual([7, 5, 5]);
  });

  it("is the same for the same files, in whatever order they were written", () => {
    const files = Object.entries(FULL);
    expect(catalogueOf(Object.fromEntries(files.toReversed()))).toBe(catalogueOf(FULL));
  });
});
