/**
 * Event patterns in a JSON file, wherever people keep them: the pattern itself, the answer of `aws events describe-rule`
 * or `list-rules`, a CloudFormation template. Each comes with its name and the line it stands on.
 *
 *   { "Rules": [{ "Name": "root-used", "EventPattern": "{\"detail\":…}" }] }   // one pattern, called root-used
 */
import { basename } from "node:path";
import { quote } from "../../../lambda/loader/problem.ts";
import { isObject, textAt, type Untrusted, valueAt } from "../../../lambda/record/untrusted.ts";
import { type ForeignDocument, readForeignYaml } from "../foreign-yaml.ts";
import { Refusal, type SourceText } from "../model.ts";

/** A pattern, and what its rule says about it. */
export type FoundPattern = {
  readonly pattern: unknown;
  /** Why there is no pattern, where it could not be read. */
  readonly problem?: string;
  readonly name: string;
  readonly line: number;
  readonly description?: string;
  readonly disabled: boolean;
};

type Path = readonly (string | number)[];

/**
 * The patterns of a file.
 * @throws Refusal when it is no JSON, or holds none.
 */
export function findPatterns(source: SourceText): FoundPattern[] {
  const stem = basename(source.file).replace(/\.[^.]*$/, "");
  const document = readJson(source);
  const { data } = document;
  if (!isObject(data)) throw new Refusal("This is no event pattern: a pattern is a JSON object.");
  if (Array.isArray(data["Rules"]))
    return data["Rules"].flatMap((rule: unknown, index) => ruleOf(rule, stem, document, ["Rules", index]));
  if (isObject(data["Resources"])) {
    const found = Object.entries(data["Resources"]).flatMap(([id, resource]) =>
      textAt(resource, "Type") === "AWS::Events::Rule"
        ? ruleOf(valueAt(resource, "Properties"), id, document, ["Resources", id])
        : [],
    );
    if (found.length === 0) throw new Refusal("The template has no AWS::Events::Rule with an EventPattern.");
    return found;
  }
  if (Object.hasOwn(data, "EventPattern")) return ruleOf(data, stem, document, []);
  return [{ pattern: data, name: stem, line: 1, disabled: false }];
}

/** A rule on a schedule has no pattern, and is passed over. */
function ruleOf(rule: unknown, otherwise: string, { lineOf }: ForeignDocument, path: Path): FoundPattern[] {
  if (!isObject(rule) || !Object.hasOwn(rule, "EventPattern")) return [];
  const description = textAt(rule, "Description");
  return [
    {
      ...parsed(rule),
      name: textAt(rule, "Name") ?? otherwise,
      line: lineOf(path),
      ...(description === undefined ? {} : { description }),
      disabled: textAt(rule, "State") === "DISABLED",
    },
  ];
}

function parsed(rule: Untrusted): Pick<FoundPattern, "pattern" | "problem"> {
  const pattern = rule["EventPattern"];
  if (typeof pattern !== "string") return { pattern };
  try {
    return { pattern: JSON.parse(pattern) as unknown };
  } catch {
    return { pattern, problem: `Its EventPattern is no JSON: ${quote(pattern)}.` };
  }
}

/** JSON by JSON's own rules; the YAML reader only knows the lines. */
function readJson(source: SourceText): ForeignDocument {
  try {
    const data = JSON.parse(source.text) as unknown;
    const [document] = readForeignYaml(source);
    return { data, lineOf: document?.lineOf ?? (() => 1) };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal("The file is no JSON.");
  }
}
