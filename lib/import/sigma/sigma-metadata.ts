/**
 * What a Sigma rule says about itself, in our words: title, level, tags, references. What has no place here is told, so
 * that its author can decide.
 */
import { isWithdrawn, replacementOf, techniqueOf } from "../../../lambda/attack/attack-techniques.ts";
import { quote } from "../../../lambda/loader/problem.ts";
import { isObject } from "../../../lambda/record/untrusted.ts";
import { Refusal } from "../model.ts";

/** The keys of a rule that describe it, in their order, and what of the original is not among them. */
export type Metadata = {
  readonly keys: Readonly<Record<string, unknown>>;
  readonly changes: readonly string[];
};

const SEVERITIES: Readonly<Record<string, string>> = {
  informational: "info",
  low: "low",
  medium: "medium",
  high: "high",
  critical: "critical",
};
/** Keys that become something, or say nothing that a rule could lose. */
const CARRIED = new Set(
  "title id status description references author date modified tags logsource detection falsepositives level license name schema taxonomy".split(
    " ",
  ),
);
const MAX_NAME = 150;
const TECHNIQUE = /^attack\.(t\d{4}(?:\.\d{3})?)$/i;

/**
 * The metadata of a rule.
 * @throws Refusal when it has no title.
 */
export function metadataOf(data: Readonly<Record<string, unknown>>): Metadata {
  const changes: string[] = [];
  const title = textOf(data["title"]);
  if (title === undefined) throw new Refusal("It has no title.", ["title"]);
  if (title.length > MAX_NAME) changes.push(`its title is cut to ${MAX_NAME} characters`);
  const level = textOf(data["level"])?.toLowerCase() ?? "";
  const severity = Object.hasOwn(SEVERITIES, level) ? SEVERITIES[level] : undefined;
  if (severity === undefined)
    changes.push(`its level is ${level === "" ? "missing" : quote(level)}: severity is medium`);
  const { attack, tags } = readTags(data["tags"], changes);
  const references = textsOf(data["references"]);
  const links = references.filter((one) => isLink(one));
  const others = references.filter((one) => !isLink(one));
  if (others.length > 0) changes.push(`references that are no links: ${others.map(quote).join(", ")}`);
  const lost = Object.keys(data).filter((key) => !CARRIED.has(key));
  if (lost.length > 0) changes.push(`not carried over: ${lost.map(quote).join(", ")}`);
  const description = textOf(data["description"]);
  const falsePositives = textsOf(data["falsepositives"]).join("; ");
  const origin = Object.fromEntries(
    ["id", "author", "date", "modified", "status", "license"].flatMap((key) => {
      const value = textOf(data[key]);
      return value === undefined ? [] : [[key, value]];
    }),
  );
  return {
    keys: {
      name: title.slice(0, MAX_NAME),
      severity: severity ?? "medium",
      ...(description === undefined ? {} : { description }),
      conditions: undefined,
      ...(attack.length === 0 ? {} : { attack }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(links.length === 0 ? {} : { references: links }),
      ...(falsePositives === "" ? {} : { falsePositives }),
      origin: { format: "sigma", ...origin },
    },
    changes,
  };
}

function readTags(given: unknown, changes: string[]): { attack: string[]; tags: string[] } {
  const attack = new Set<string>();
  const tags = new Set<string>();
  for (const tag of textsOf(given)) {
    const id = TECHNIQUE.exec(tag)?.[1]?.toUpperCase();
    if (id === undefined) tags.add(tag);
    else {
      const now = techniqueOf(id) === undefined ? replacementOf(id)?.id : id;
      if (now !== undefined && techniqueOf(now) !== undefined) attack.add(now);
      else {
        tags.add(tag);
        changes.push(
          `${id} is ${isWithdrawn(id) ? "withdrawn from" : "no technique of"} ATT&CK v19: it stays a tag`,
        );
      }
    }
  }
  return { attack: [...attack], tags: [...tags] };
}

function isLink(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  return text === "" ? undefined : text;
}

function textsOf(value: unknown): string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.flatMap((one) => (isObject(one) ? [] : (textOf(one) ?? [])));
}
