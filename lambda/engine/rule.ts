/**
 * What a rule is once it has been read and validated: plain JSON data, so that the same rule set serves the
 * laptop, synthesis and the Lambda, which gets it as a file inside its bundle.
 */
import type { z } from "zod";
import type { DynamicSettings, staticListSchema } from "./list-schema.ts";
import type { ruleFileSchema, suppressionFileSchema } from "./rule-schema.ts";

/** How urgent an alert is, from the least to the most urgent. */
export const SEVERITIES = ["info", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A fact compared with a value: json-rules-engine's own form. */
export type Literal = {
  readonly fact: string;
  readonly operator: string;
  /** A constant, or `{ fact }`: another fact of the same record. */
  readonly value: unknown;
  readonly name?: string;
};

/** json-rules-engine's condition format: a literal, a reference to a shared condition, or `all` / `any` / `not`. */
export type Condition =
  | Literal
  | { readonly condition: string; readonly name?: string }
  | { readonly all: readonly Condition[]; readonly name?: string }
  | { readonly any: readonly Condition[]; readonly name?: string }
  | { readonly not: Condition; readonly name?: string };

/** An authored rule file as it was written. */
type RuleFile = z.infer<typeof ruleFileSchema>;

/** A validated rule. Its id is its path below the rules folder, without the extension. */
export type Rule = Omit<RuleFile, "conditions"> & {
  readonly id: string;
  /** The only eventSource whose records the rule is tried on; null for a `_global` rule, which sees every source. */
  readonly eventSource: string | null;
  readonly conditions: Condition;
};

/**
 * A named set of values that conditions compare with (`inList`, `notInList`). Its name is that of its file. With
 * `dynamic` the values are those that a query gives at the time, and none stand here.
 */
export type List = z.infer<typeof staticListSchema> & { readonly dynamic?: DynamicSettings };

/** A decision of a person not to be told: which matches, why, who answers for it and until when. */
export type Suppression = Omit<z.infer<typeof suppressionFileSchema>, "conditions"> & {
  /** The name of its file. */
  readonly id: string;
  readonly conditions: Condition;
};

/** All rules, validated, in the order of their ids, with the shared conditions, lists and suppressions beside them. */
export type RuleSet = {
  readonly rules: readonly Rule[];
  /** Shared conditions by name. */
  readonly conditions: Readonly<Record<string, Condition>>;
  /** Lists by name. */
  readonly lists: Readonly<Record<string, List>>;
  /** In the order of their ids. */
  readonly suppressions: readonly Suppression[];
};
