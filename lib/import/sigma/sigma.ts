/**
 * Sigma rules for the log source aws / cloudtrail as rules of ours. A rule is imported whole or refused with the reason:
 * half a detection would stay quiet where its author believes it speaks.
 *
 *   detection:
 *     selection: { eventSource: iam.amazonaws.com, eventName: [CreateUser, CreateAccessKey] }
 *     condition: selection
 *   # iam.amazonaws.com/<name of the file>: { fact: eventName, operator: in, value: [CreateUser, CreateAccessKey] }
 */
import { basename } from "node:path";
import type { Condition } from "../../../lambda/engine/rule.ts";
import { quote } from "../../../lambda/loader/problem.ts";
import { nearestRuleName } from "../../../lambda/loader/rule-files.ts";
import { isObject, textAt } from "../../../lambda/record/untrusted.ts";
import { all, any, settle } from "../conditions.ts";
import { type ForeignDocument, readForeignYaml } from "../foreign-yaml.ts";
import { combine, type Imported, NOTHING, Refusal, type SourceText } from "../model.ts";
import { parseCondition } from "./sigma-condition.ts";
import { itemCondition } from "./sigma-item.ts";
import { metadataOf } from "./sigma-metadata.ts";
import { aggregationOf } from "./sigma-threshold.ts";

const WITHDRAWN: ReadonlySet<string> = new Set(["deprecated", "unsupported"]);

/** Imports the rules of one file. */
export function importSigma(source: SourceText): Imported {
  let documents: readonly ForeignDocument[];
  try {
    documents = readForeignYaml(source);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(source.file, 1, basename(source.file), error.message);
  }
  if (documents.length > 1 && documents.some(({ data }) => textAt(data, "action") !== undefined))
    return refused(
      source.file,
      1,
      basename(source.file),
      "It is a collection with action: global, which newer Sigma has not.",
    );
  return combine(documents.map((document, index) => importDocument(source, document, index)));
}

function importDocument({ file }: SourceText, { data, lineOf }: ForeignDocument, index: number): Imported {
  const subject = textAt(data, "title") ?? basename(file);
  try {
    if (!isObject(data)) throw new Refusal("It is no Sigma rule: a rule has title, logsource and detection.");
    const { rule, folder, changes } = convert(data);
    const stem =
      nearestRuleName(basename(file).replace(/\.ya?ml$/i, "")) || nearestRuleName(subject) || "sigma-rule";
    const line = lineOf(["detection"]);
    return {
      ...NOTHING,
      rules: [
        {
          folder,
          stem: index === 0 ? stem : `${stem}-${index + 1}`,
          place: { file, line: lineOf([]) },
          subject,
          rule,
        },
      ],
      remarks: changes.map((message) => ({
        kind: "changed",
        file,
        line,
        subject,
        message: sentence(message),
      })),
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(file, lineOf(error.path.length > 0 ? error.path : ["detection"]), subject, error.message);
  }
}

type Converted = {
  readonly rule: Readonly<Record<string, unknown>>;
  readonly folder: string;
  readonly changes: readonly string[];
};

function convert(data: Readonly<Record<string, unknown>>): Converted {
  if (Object.hasOwn(data, "correlation"))
    throw new Refusal("It correlates matches of other rules, which a rule here cannot.", ["correlation"]);
  const { logsource, detection } = data;
  if (textAt(logsource, "product") !== "aws" || textAt(logsource, "service") !== "cloudtrail")
    throw new Refusal("Its log source is not aws / cloudtrail.", ["logsource"]);
  const status = textAt(data, "status");
  if (status !== undefined && WITHDRAWN.has(status))
    throw new Refusal(`Its authors have marked it ${status}.`, ["status"]);
  if (!isObject(detection)) throw new Refusal("It has no detection.", ["title"]);
  const { keys, changes } = metadataOf(data);
  const { conditions: found, threshold } = detect(detection);
  const { folder, conditions } = settle(found);
  const rule = { ...keys, conditions, ...(threshold === undefined ? {} : { threshold }) };
  return { rule, folder, changes };
}

function detect(detection: Readonly<Record<string, unknown>>): {
  conditions: Condition;
  threshold?: Readonly<Record<string, unknown>>;
} {
  const { condition, timeframe, ...rest } = detection;
  const written: readonly unknown[] = Array.isArray(condition) ? condition : [condition];
  const texts = written.filter((one) => typeof one === "string");
  if (texts.length === 0 || texts.length < written.length)
    throw new Refusal("It has no condition.", ["detection"]);
  const selections = {
    names: Object.keys(rest),
    read: (name: string): Condition => located(["detection", name], () => selection(rest[name])),
  };
  const parts = texts.map((text) =>
    located(["detection", "condition"], () => aggregationOf(text, timeframe)),
  );
  const [first] = parts;
  if (parts.length > 1 && parts.some(({ threshold }) => threshold !== undefined))
    throw new Refusal("It has several conditions, and one of them counts.", ["detection", "condition"]);
  const conditions = any(
    parts.map((part) =>
      located(["detection", "condition"], () => parseCondition(part.condition, selections)),
    ),
  );
  return { conditions, ...(first?.threshold === undefined ? {} : { threshold: first.threshold }) };
}

/** A map means all of its fields, a list one of its maps. */
function selection(data: unknown): Condition {
  if (Array.isArray(data)) {
    if (data.length === 0) throw new Refusal("The selection is empty.");
    return any(data.map((one: unknown) => selection(one)));
  }
  if (!isObject(data))
    throw new Refusal(`It looks for ${quote(data)} in the whole record (keywords): name the field.`);
  const items = Object.entries(data);
  if (items.length === 0) throw new Refusal("The selection is empty.");
  return all(items.map(([key, value]) => itemCondition(key, value)));
}

/** What is refused below a part of the file is refused there. */
function located<T>(path: readonly string[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Refusal) || error.path.length > 0) throw error;
    throw new Refusal(error.message, path);
  }
}

function refused(file: string, line: number, subject: string, message: string): Imported {
  return { ...NOTHING, remarks: [{ kind: "refused", file, line, subject, message }] };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
