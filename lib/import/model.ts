/**
 * What reading a foreign configuration gives, whatever its format: drafts of our files, and a remark for everything
 * that is not among them as it was. Nothing is lost in silence: a rule becomes a draft or a remark of kind `refused`,
 * and a part of a rule that could not come along is a remark of kind `changed`.
 *
 *   { rules: [{ folder: "iam.amazonaws.com", stem: "create-user", rule: { name: "Create User", … }, … }], remarks: [] }
 */
import type { Condition } from "../../lambda/engine/rule.ts";

/** Where in a foreign file something stands; lines count from 1. */
export type Place = { readonly file: string; readonly line: number };

/** Something that did not come along as it was, and why. */
export type Remark = Place & {
  /** `refused`: it is not imported. `changed`: it is, but for what the message says. */
  readonly kind: "refused" | "changed";
  /** The rule or destination that is meant, as the foreign file calls it. */
  readonly subject: string;
  readonly message: string;
};

/** A rule file that is to be written. */
export type RuleDraft = {
  /** An eventSource, or `_global`. */
  readonly folder: string;
  /** The wanted name of the file, without its extension; a number is added where two want the same. */
  readonly stem: string;
  readonly place: Place;
  readonly subject: string;
  /** The file's content, in the order in which its keys are written. */
  readonly rule: Readonly<Record<string, unknown>>;
};

/** A file of `_lists` that is to be written. */
export type ListDraft = {
  readonly stem: string;
  readonly place: Place;
  readonly subject: string;
  readonly list: Readonly<Record<string, unknown>>;
};

/** A destination for `engine.destinations` of cdk.json. */
export type DestinationDraft = {
  readonly id: string;
  readonly place: Place;
  readonly settings: Readonly<Record<string, unknown>>;
};

/** What an importer gives. */
export type Imported = {
  readonly rules: readonly RuleDraft[];
  readonly lists: readonly ListDraft[];
  readonly destinations: readonly DestinationDraft[];
  /** Shell commands that a person has to run; never with a secret in them. */
  readonly commands: readonly string[];
  readonly remarks: readonly Remark[];
};

/** A foreign file as it was read. */
export type SourceText = { readonly file: string; readonly text: string };

/** Why a rule cannot be imported: the message is for its author. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** Keys that lead to the part that is meant, where the format has such. */
  readonly path: readonly (string | number)[];

  constructor(message: string, path: readonly (string | number)[] = []) {
    super(message);
    this.path = path;
  }
}

/** Nothing at all, to be added to. */
export const NOTHING: Imported = { rules: [], lists: [], destinations: [], commands: [], remarks: [] };

/** Puts what several files gave together. */
export function combine(parts: readonly Imported[]): Imported {
  return {
    rules: parts.flatMap(({ rules }) => rules),
    lists: parts.flatMap(({ lists }) => lists),
    destinations: parts.flatMap(({ destinations }) => destinations),
    commands: parts.flatMap(({ commands }) => commands),
    remarks: parts.flatMap(({ remarks }) => remarks),
  };
}

/** Conditions as a rule may have them: never a comparison at the top. */
export type RootCondition = Exclude<Condition, { readonly fact: string }>;
