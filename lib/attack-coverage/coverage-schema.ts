/**
 * What `coverage --format json` prints: the tactics of ATT&CK in the order of its matrix, each with the techniques that
 * rules watch. Other programs read it, so its shape is published as a JSON Schema.
 *
 *   jq -r '.tactics[] | select(.techniques == []) | .name'    # the tactics that nothing watches
 */
import { z } from "zod";

const ruleIds = (what: string) => z.array(z.string()).describe(`Ids of the ${what}, in order.`);
const number = (what: string) => z.number().int().nonnegative().describe(what);

const techniqueCoverageSchema = z.strictObject({
  id: z.string().describe("E.g. T1685.002."),
  name: z.string().describe("With the name of the technique that a sub-technique belongs to in front."),
  url: z.url().describe("The page of the technique at MITRE's."),
  formerIds: z
    .array(z.string())
    .describe("Its ids in ATT&CK v18, for tools that still count in them; none where nothing changed."),
  rules: ruleIds("active rules that name it"),
  staged: ruleIds("staged rules that name it: their alerts go nowhere, so they are no coverage yet"),
});

/** The coverage of a rule set. */
export const coverageSchema = z
  .strictObject({
    attackVersion: z.string().describe("The version of Enterprise ATT&CK, e.g. 19.2."),
    totals: z.strictObject({
      rules: number("All rules."),
      active: number("Rules whose alerts are delivered."),
      staged: number("Rules whose alerts go nowhere."),
      withoutTechnique: number("Rules, active or staged, that name no technique."),
      techniques: number("Different techniques and sub-techniques that active rules name."),
      techniquesOfAttack: number(
        "All techniques and sub-techniques of ATT&CK, most of which no cloud knows.",
      ),
    }),
    tactics: z
      .array(
        z.strictObject({
          id: z.string().describe("E.g. TA0112."),
          key: z.string().describe("As Navigator layers name it, e.g. defense-impairment."),
          name: z.string(),
          techniques: z
            .array(techniqueCoverageSchema)
            .describe("In the order of their ids. A technique of several tactics stands in each of them."),
        }),
      )
      .describe("All tactics, in the order of the matrix, also those that no rule watches."),
    withoutTechnique: ruleIds("rules, active or staged, that name no technique"),
  })
  .describe("Which ATT&CK techniques the rules watch.");

export type Coverage = z.infer<typeof coverageSchema>;
export type TechniqueCoverage = z.infer<typeof techniqueCoverageSchema>;
