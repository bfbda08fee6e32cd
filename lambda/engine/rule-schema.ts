/**
 * The one source of the rule format: the loader validates with it, the TypeScript types are inferred from it and
 * `rules/rule.schema.json`, which editors complete from, is generated from it. It describes shape only; what needs
 * knowledge of CloudTrail (facts, operators, values that can never match) is checked in `lambda/loader`, and offered
 * here for completion.
 *
 *   conditions:
 *     all:
 *       - { fact: eventName, operator: equal, value: StopLogging }
 */
import { z } from "zod";
import { DERIVED_ROOTS } from "../record/derived-facts.ts";
import { RECORD_FIELDS } from "../record/record-shape.ts";
import { FACT_DESCRIPTIONS } from "./fact-descriptions.ts";
import { DECORATORS } from "./operator-name.ts";
import { OPERATORS } from "./operators.ts";
import { dedupSchema, thresholdSchema } from "./window-schema.ts";

const attackId = /^T\d{4}(\.\d{3})?$/;

/**
 * What an editor offers, each word with its description, and the form that everything else must have. The last of the
 * alternatives takes anything, so that of a word that fits neither the editor says `advice` and not all the words.
 */
const completion = (
  offers: Readonly<Record<string, string>>,
  pattern: string,
  advice: string,
): Record<string, unknown> => ({
  pattern,
  patternErrorMessage: advice,
  anyOf: [...Object.entries(offers).map(([word, description]) => ({ const: word, description })), {}],
});

const describeOperators = Object.fromEntries(
  Object.entries(OPERATORS).map(([name, { description }]) => [name, description]),
);
const common = [
  "someFact:equal",
  "someFact:in",
  "someFact:startsWith",
  "someFact:inCidr",
  "not:startsWith",
  "not:inCidr",
];
const decorated = Object.fromEntries(
  common.map((name) => {
    const [decorator = "", operator = ""] = name.split(":");
    return [
      name,
      `${(DECORATORS as Readonly<Record<string, string>>)[decorator] ?? ""} ${describeOperators[operator] ?? ""}`,
    ];
  }),
);
const operatorPattern = `^((${Object.keys(DECORATORS).join("|")}):)*(${Object.keys(OPERATORS).join("|")})$`;
const factPattern = `^(${[...RECORD_FIELDS, ...DERIVED_ROOTS].join("|")})($|[.[])`;

const name = z
  .string()
  .min(1)
  .optional()
  .describe("A label for this condition, shown when a match is explained.");
const factName = z.string().min(1);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const valueSchema = z
  .union([
    scalar,
    z.array(scalar).min(1),
    z.strictObject({
      fact: factName.describe("The fact of the same record to compare with, by its dotted key."),
    }),
  ])
  .describe(
    "What the fact is compared with: text, a number, true, false, null, a list for in and notIn, the name of a file in rules/_lists for inList and notInList, or { fact: otherFact }. CloudTrail writes account ids, and true and false in most places, as text: keep the quotes.",
  );

const literalSchema = z
  .strictObject({
    fact: factName
      .describe(
        "A field of the CloudTrail record by its dotted key, spelt as CloudTrail does, e.g. requestParameters.groupId; items[0] for one element, items[*] for the list of all.",
      )
      .meta(
        completion(
          FACT_DESCRIPTIONS,
          factPattern,
          "No CloudTrail record has such a field at its top: write a field as CloudTrail spells it, or actor.…, channel.… or outcome.",
        ),
      ),
    operator: z
      .string()
      .min(1)
      .describe(
        "How the fact is compared with the value. Decorators stand in front: someFact:equal holds when one element of a list is equal, not:startsWith when the text does not begin so.",
      )
      .meta(
        completion(
          { ...describeOperators, ...decorated },
          operatorPattern,
          "This is no operator: complete it from the list, decorators such as someFact: in front.",
        ),
      ),
    value: valueSchema,
    name,
  })
  .meta({ id: "comparison" });

/** A reference to a shared condition, or all / any / not over conditions: what may stand at the top of a rule. */
const compositeSchemas = [
  z
    .strictObject({
      condition: z
        .string()
        .min(1)
        .describe("A shared condition: the name of a file in rules/_conditions, without .yaml."),
      name,
    })
    .meta({ id: "reference" }),
  z
    .strictObject({
      get all() {
        return z.array(conditionSchema).min(1).describe("Holds when every condition below it does.");
      },
      name,
    })
    .meta({ id: "all" }),
  z
    .strictObject({
      get any() {
        return z.array(conditionSchema).min(1).describe("Holds when at least one condition below it does.");
      },
      name,
    })
    .meta({ id: "any" }),
  z
    .strictObject({
      get not() {
        return conditionSchema.describe("Holds when the condition below it does not.");
      },
      name,
    })
    .meta({ id: "not" }),
] as const;

/** A condition: a literal, or any of those above. */
const conditionSchema: z.ZodType = z.union([literalSchema, ...compositeSchemas]).meta({ id: "condition" });

/** A rule file: `rules/<eventSource>/<name>.yaml` (or `.yml`, `.json`). */
export const ruleFileSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(150)
    .describe(
      'What happened, as the title of the alert says it, e.g. "Security group opened to the internet".',
    ),
  severity: z
    .enum(["info", "low", "medium", "high", "critical"])
    .describe(
      "How urgent an alert of this rule is. critical: somebody gets up at night. info: nobody needs to act.",
    )
    .meta({
      enumDescriptions: [
        "Good to know; nobody needs to act.",
        "Look at it when there is time, or when there are many.",
        "Look at it within days.",
        "Look at it today: it is never routine.",
        "Somebody gets up at night.",
      ],
    }),
  description: z.string().min(1).optional().describe("What the rule watches for and why it matters."),
  conditions: z
    .union(compositeSchemas)
    .optional()
    .describe(
      "When the rule matches, in json-rules-engine's own format, with all, any, not or condition at the top. The folder has already settled the eventSource.",
    )
    .meta({
      defaultSnippets: [
        {
          label: "all: a comparison",
          description: "One call, to which more comparisons can be added.",
          body: { all: [{ fact: "eventName", operator: "equal", value: "$1" }] },
        },
      ],
    }),
  jq: z
    .string()
    .min(1)
    .max(20_000)
    .optional()
    .describe(
      "A jq expression over the record, instead of conditions or beside them (then both must hold). No result, null, false or an error is no match; anything else matches, and what is neither true nor the record itself becomes the alert's annotation.",
    ),
  summary: z
    .string()
    .min(1)
    .optional()
    .describe("One sentence for the alert; {{fact}} is replaced by the record's value, e.g. {{actor.name}}."),
  attack: z
    .array(
      z
        .string()
        .regex(attackId)
        .describe("A MITRE ATT&CK technique id of v19, e.g. T1098.001.")
        .meta({ patternErrorMessage: "This is no technique id: write e.g. T1098.001." }),
    )
    .optional()
    .describe("MITRE ATT&CK technique ids (v19), e.g. T1098.001."),
  tags: z.array(z.string().min(1)).optional().describe("Words to route and search by, e.g. cis-4.10."),
  references: z
    .array(z.url({ protocol: /^https?$/ }).describe("A link that begins with https://."))
    .optional()
    .describe("Links for the person who reads the alert."),
  falsePositives: z
    .string()
    .min(1)
    .optional()
    .describe(
      "What alerts without being an attack, and how to tell: for whoever is woken by it, and for suppressions.",
    ),
  runbook: z.string().min(1).optional().describe("What to do when it alerts: a sentence or a link."),
  lacework: z
    .strictObject({
      alertType: z
        .string()
        .max(100)
        .regex(/^[!-~](?:[ -~]*[!-~])?$/)
        .describe(
          "A type of Lacework's alerts that this rule stands for, in printable ASCII, e.g. SecurityGroupChange.",
        )
        .meta({ patternErrorMessage: "Write a name of printable ASCII, e.g. SecurityGroupChange." }),
    })
    .optional()
    .describe(
      "How the alert is called for tools made for Lacework: without it alertType is the file's name in PascalCase. Rules may share one.",
    ),
  origin: z
    .strictObject({
      format: z.enum(["sigma"]).describe("The format that it was written in."),
      id: z.string().min(1).max(100).optional().describe("Its id there."),
      author: z.string().min(1).max(1_000).optional().describe("Who wrote it."),
      date: z.string().min(1).max(40).optional().describe("When it was written."),
      modified: z.string().min(1).max(40).optional().describe("When it was last changed there."),
      status: z.string().min(1).max(40).optional().describe("What its authors thought of it, e.g. stable."),
      license: z.string().min(1).max(200).optional().describe("Under what it may be used, where it says so."),
    })
    .optional()
    .describe("Where an imported rule comes from; engine import writes it. It decides nothing."),
  destinations: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      "Ids of the destinations that its alerts go to, instead of those that the routes of cdk.json would choose.",
    ),
  dedup: dedupSchema.optional(),
  threshold: thresholdSchema.optional(),
  mode: z
    .enum(["active", "staged"])
    .meta({
      enumDescriptions: ["Its alerts are delivered.", "Evaluated and counted; its alerts go nowhere."],
    })
    .optional()
    .describe(
      "staged: the rule is evaluated, counted and shown by replay, but its alerts go nowhere, so that a new rule can prove itself. active (the default): its alerts are delivered.",
    ),
});

/** A shared condition: `rules/_conditions/<name>.yaml`. */
export const conditionFileSchema = z.strictObject({
  description: z.string().min(1).optional().describe("What it means when this condition holds."),
  conditions: conditionSchema.describe(
    "The condition, which rules refer to as { condition: <name of this file> }.",
  ),
});

/** A suppression: `rules/_suppressions/<name>.yaml`. */
export const suppressionFileSchema = z.strictObject({
  rules: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      "Which rules: ids such as ec2.amazonaws.com/security-group-opened, with * for any characters, e.g. iam.amazonaws.com/*.",
    ),
  conditions: z
    .union(compositeSchemas)
    .describe(
      "Which of their matches are suppressed, in the format of a rule's conditions. Rest it on what AWS writes, not on what the caller chooses (user agent, session name).",
    ),
  reason: z.string().min(1).describe("Why nobody needs to be told."),
  owner: z.string().min(1).describe("Who answers for it: a person or team to ask."),
  expires: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .describe(
      "The last day on which it holds, in UTC, e.g. 2027-03-31. From the day after, the matches alert again.",
    ),
});
