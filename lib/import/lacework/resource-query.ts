/**
 * A query for resources by their tags as a dynamic list: the Resource Groups Tagging API answers the same question.
 *
 *   { source { LW_CFG_AWS_S3 } filter { UPPER(RESOURCE_TAGS:Environment) = 'PROD' } return { ARN as resource_results } }
 *   // { type: "resource-tags", resourceTypes: ["s3"], tags: { Environment: ["PROD", "PROd", …] }, column: "arn" }
 *
 * That API knows tags by their exact values, twenty for a key at most: of a value in either case every spelling is
 * asked for where there are no more, else the usual ones, which is told.
 */
import { quote } from "../../../lambda/loader/problem.ts";
import { Refusal } from "../model.ts";
import type { Filter, Query } from "./lql.ts";

/** Datasources, and the types of resources that the Tagging API calls the same. */
const TYPES: Readonly<Record<string, string>> = {
  LW_CFG_AWS_S3: "s3",
  LW_CFG_AWS_EC2_INSTANCES: "ec2:instance",
  LW_CFG_AWS_EC2_SECURITY_GROUPS: "ec2:security-group",
  LW_CFG_AWS_EC2_VPCS: "ec2:vpc",
  LW_CFG_AWS_EC2_VOLUMES: "ec2:volume",
  LW_CFG_AWS_LAMBDA: "lambda:function",
  LW_CFG_AWS_RDS_DB_INSTANCES: "rds:db",
};
const COLUMNS: Readonly<Record<string, string>> = {
  ARN: "arn",
  RESOURCE_KEY: "arn",
  URN: "arn",
  RESOURCE_ID: "name",
};
const MAX_VALUES = 20;

/** The query of a list, and what of the original it leaves out. */
export type ListQueryDraft = {
  readonly query: Readonly<Record<string, unknown>>;
  readonly changes: readonly string[];
};

/**
 * The list's query for one of LQL.
 * @throws Refusal when it asks what tags do not tell.
 */
export function resourceListQuery({ source, rows, filter, returned }: Query): ListQueryDraft {
  const type = TYPES[source.toUpperCase()];
  if (type === undefined)
    throw new Refusal(
      `Its source is ${quote(source)}: only ${Object.keys(TYPES).join(", ")} have a counterpart.`,
    );
  if (rows.size > 0) throw new Refusal("array_to_rows over resources has no counterpart.");
  const [only, more] = returned;
  const column =
    only?.operand.path === "" && only.operand.fold === undefined
      ? COLUMNS[only.operand.column.toUpperCase()]
      : undefined;
  if (column === undefined || more !== undefined || only?.as.toLowerCase() !== "resource_results")
    throw new Refusal("It must return one column as resource_results: ARN, or RESOURCE_ID.");
  if (filter === undefined)
    throw new Refusal(
      "It asks for all resources, tagged or not, and the Tagging API knows tagged ones only.",
    );
  const tags: Record<string, readonly string[]> = {};
  const changes: string[] = [];
  for (const part of filter.kind === "and" ? filter.parts : [filter]) {
    const { key, values } = tagOf(part, changes);
    if (Object.hasOwn(tags, key)) throw new Refusal(`Two comparisons look at the tag ${quote(key)}.`);
    tags[key] = values;
  }
  return { query: { type: "resource-tags", resourceTypes: [type], tags, column }, changes };
}

function tagOf(filter: Filter, changes: string[]): { key: string; values: readonly string[] } {
  const isTag =
    "operand" in filter &&
    filter.operand.column.toUpperCase() === "RESOURCE_TAGS" &&
    filter.operand.path !== "";
  if (!isTag)
    throw new Refusal(
      "Its filter asks for more than tags: only RESOURCE_TAGS:… with =, in and and has a counterpart.",
    );
  const { operand } = filter;
  if (filter.kind === "null" && filter.negated) return { key: operand.path, values: [] };
  if (filter.kind !== "in" || filter.negated)
    throw new Refusal(`Of the tag ${quote(operand.path)} only =, in and is not null have a counterpart.`);
  const written = filter.values.map(String);
  if (operand.fold === undefined) return { key: operand.path, values: written };
  const { fold } = operand;
  if (written.some((text) => text !== (fold === "UPPER" ? text.toUpperCase() : text.toLowerCase())))
    throw new Refusal(
      `${fold}(…) is never one of ${written.map(quote).join(", ")}: its letters are of the other case.`,
    );
  const every = written.flatMap((text) => spellings(text));
  if (every.length > 0 && every.length <= MAX_VALUES) return { key: operand.path, values: every };
  const usual = [
    ...new Set(written.flatMap((text) => [text.toUpperCase(), text.toLowerCase(), capitalised(text)])),
  ];
  if (usual.length > MAX_VALUES)
    throw new Refusal(`It compares the tag ${quote(operand.path)} with too many values.`);
  changes.push(
    `The tag ${operand.path} is asked for as ${usual.join(", ")} only: the Tagging API takes ${MAX_VALUES} values at most, and no mixed case could be left open.`,
  );
  return { key: operand.path, values: usual };
}

/** Every spelling of a text in upper and lower case; none when there are more than can be asked for. */
function spellings(text: string): string[] {
  let made = [""];
  for (const char of text) {
    const both = [...new Set([char.toUpperCase(), char.toLowerCase()])];
    made = made.flatMap((begun) => both.map((one) => begun + one));
    // More than enough to know that they are too many, before they fill the memory.
    if (made.length > MAX_VALUES) return Array.from({ length: MAX_VALUES + 1 }, () => text);
  }
  return made;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
}
